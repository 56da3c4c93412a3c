"""REST of connections to providers: read to see, admin to change; no answer holds a key."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import door_for
from accounts.models import ApiKey, Project, Role, Scope, User
from accounts.services.trail import Actor
from accounts.verification import Bearer
from gateway import services
from gateway.models import Provider
from gateway.queries import providers_of
from gateway.serializers import (
    ChangedProviderSerializer,
    NewProviderSerializer,
    ProviderPageSerializer,
    ProviderSerializer,
    TestedSerializer,
)
from gateway.terms import BadTerms
from kit.paging import BadCursor, decode_cursor, encode_cursor

PROBLEM = OpenApiResponse(description="A problem document (RFC 9457).")
PROJECT = OpenApiParameter("project", str, description="Slug; only for a signed-in person.")
# Names of the terms that JSON has under another.
_NAMES = {"model_names": "models"}


class _List(serializers.Serializer[Any]):
    limit = serializers.IntegerField(required=False, default=50, min_value=1, max_value=200)
    cursor = serializers.CharField(required=False, allow_blank=True, default="")
    project = serializers.CharField(required=False)


class ProviderView(APIView):
    """The project of the key (read to see, admin to change), or the one a person names."""

    scope = {"GET": Scope.READ, "POST": Scope.ADMIN, "PATCH": Scope.ADMIN, "DELETE": Scope.ADMIN}

    def project(self, request: Request) -> Project:
        """Raises: Http404, PermissionDenied, ValidationError where nobody says which."""
        if isinstance(request.auth, Bearer):
            return Project.objects.select_related("organization").get(pk=request.auth.project_id)
        slug = request.query_params.get("project", "")
        if not slug:
            raise ValidationError({"project": "Say which project, or send a key."})
        assert isinstance(request.user, User)  # noqa: S101  (the permission class saw to it)
        least = Role.ENGINEER if request.method == "GET" else Role.ADMIN
        return door_for(request.user, slug, least=least).project

    def actor(self, request: Request) -> Actor:
        """Who acts, for the audit trail."""
        if isinstance(request.auth, Bearer):
            return ApiKey.objects.get(pk=request.auth.key_id)
        if isinstance(request.user, User):
            return request.user
        raise PermissionDenied

    def provider(self, request: Request, pk: int) -> Provider:
        """A connection of the project. Raises: NotFound."""
        project = self.project(request)
        provider = providers_of(project).filter(pk=pk).first()
        if provider is None:
            raise NotFound(f"This project has no provider {pk}.")
        provider.project = project
        return provider


class Providers(ProviderView):
    """`/api/v1/providers`"""

    @extend_schema(
        operation_id="list_providers",
        parameters=[_List],
        responses={200: ProviderPageSerializer},
    )
    def get(self, request: Request) -> Response:
        """The connections, newest first, without their keys."""
        given = _List(data=request.query_params)
        given.is_valid(raise_exception=True)
        page = given.validated_data
        stored = providers_of(self.project(request)).order_by("-pk")
        if page["cursor"]:
            try:
                (after,) = decode_cursor(page["cursor"], parts=1)
                stored = stored.filter(pk__lt=int(after))
            except (BadCursor, TypeError, ValueError):
                raise ValidationError({"cursor": "Not a cursor of this list."}) from None
        rows = list(stored[: page["limit"] + 1])
        more, rows = len(rows) > page["limit"], rows[: page["limit"]]
        cursor = encode_cursor(rows[-1].pk) if more else None
        return Response({"data": ProviderSerializer(rows, many=True).data, "next_cursor": cursor})

    @extend_schema(
        operation_id="create_provider",
        parameters=[PROJECT],
        request=NewProviderSerializer,
        responses={201: ProviderSerializer, 409: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Connect a provider."""
        wanted = NewProviderSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        try:
            made = services.create_provider(
                self.project(request),
                wanted.terms(),
                key=given.get("key", ""),
                is_default=given.get("is_default", False),
                actor=self.actor(request),
            )
        except BadTerms as bad:
            raise _invalid(bad) from None
        return Response(ProviderSerializer(made).data, status=status.HTTP_201_CREATED)


class OneProvider(ProviderView):
    """`/api/v1/providers/{id}`"""

    @extend_schema(
        operation_id="get_provider", parameters=[PROJECT], responses={200: ProviderSerializer}
    )
    def get(self, request: Request, pk: int) -> Response:
        """One connection, without its key."""
        return Response(ProviderSerializer(self.provider(request, pk)).data)

    @extend_schema(
        operation_id="change_provider",
        parameters=[PROJECT],
        request=ChangedProviderSerializer,
        responses={200: ProviderSerializer, 409: PROBLEM},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is sent; a key replaces the one before."""
        wanted = ChangedProviderSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        provider, actor = self.provider(request, pk), self.actor(request)
        given = dict(wanted.validated_data)
        becomes_default = given.pop("is_default", False)
        try:
            if given:
                provider = services.change_provider(
                    provider,
                    wanted.terms,
                    key=given.get("key"),
                    is_default=becomes_default,
                    actor=actor,
                )
            elif becomes_default:
                provider = services.make_default(provider, actor=actor)
        except BadTerms as bad:
            raise _invalid(bad) from None
        return Response(ProviderSerializer(provider).data)

    @extend_schema(operation_id="remove_provider", parameters=[PROJECT], responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Delete the connection and its key; spans keep its name."""
        services.remove_provider(self.provider(request, pk), actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ProviderTest(ProviderView):
    """`/api/v1/providers/{id}/test`"""

    @extend_schema(
        operation_id="test_provider",
        parameters=[PROJECT],
        request=None,
        responses={200: TestedSerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Ask for the provider's models, else a model for a word, and say what came of it."""
        provider = self.provider(request, pk)
        tested = services.try_provider(provider, actor=self.actor(request))
        shown = ProviderSerializer(self.provider(request, pk)).data
        return Response({**asdict(tested), "provider": shown})


def _invalid(bad: BadTerms) -> ValidationError:
    return ValidationError({_NAMES.get(where, where): text for where, text in bad.faults})
