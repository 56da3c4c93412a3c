"""REST of connections to providers: read to see, admin to change; no answer holds a key."""

from __future__ import annotations

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role, Scope
from accounts.rest import PROBLEM, PROJECT, ProjectView
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
from kit.rest_lists import ListParameters, pk_page

# Names of the terms that JSON has under another.
_NAMES = {"model_names": "models"}


class ProviderView(ProjectView):
    """Connections: read as an engineer or with the scope read, changed as an admin."""

    scope = {"GET": Scope.READ, "POST": Scope.ADMIN, "PATCH": Scope.ADMIN, "DELETE": Scope.ADMIN}
    least_to_read = Role.ENGINEER

    def provider(self, request: Request, pk: int) -> Provider:
        """A connection of the project. Raises: NotFound."""
        project = self.opened(request)
        provider = providers_of(project).filter(pk=pk).first()
        if provider is None:
            raise NotFound(f"This project has no provider {pk}.")
        provider.project = project
        return provider


class Providers(ProviderView):
    """`/api/v1/providers`"""

    @extend_schema(
        operation_id="list_providers",
        parameters=[ListParameters, PROJECT],
        responses={200: ProviderPageSerializer},
    )
    def get(self, request: Request) -> Response:
        """The connections, newest first, without their keys."""
        asked = ListParameters.of(request)
        return pk_page(
            providers_of(self.opened(request)),
            asked,
            lambda rows: ProviderSerializer(rows, many=True).data,
        )

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
                self.opened(request),
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
