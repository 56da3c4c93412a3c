"""What the REST of webhooks shares: whose project it is, reading requests, answering in pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import door_for
from accounts.models import ApiKey, Project, Role, Scope, User
from accounts.services.trail import Actor
from accounts.verification import Bearer
from kit.paging import BadCursor, decode_cursor, encode_cursor
from notices.models import WebhookDelivery, WebhookEndpoint
from notices.queries import webhooks as queries

PROBLEM = OpenApiResponse(description="A problem document (RFC 9457).")
PROJECT = OpenApiParameter("project", str, description="Slug; only for a signed-in person.")


class WebhookView(APIView):
    """The project of a key with the scope admin, or the one that a signed-in admin names."""

    scope = Scope.ADMIN

    def project(self, request: Request) -> Project:
        """Raises: Http404, PermissionDenied, ValidationError where nobody says which."""
        if isinstance(request.auth, Bearer):
            return Project.objects.select_related("organization").get(pk=request.auth.project_id)
        slug = request.query_params.get("project", "")
        if not slug:
            raise ValidationError({"project": "Say which project, or send a key."})
        assert isinstance(request.user, User)  # noqa: S101  (the permission class saw to it)
        return door_for(request.user, slug, least=Role.ADMIN).project

    def actor(self, request: Request) -> Actor:
        """Who acts, for the audit trail."""
        if isinstance(request.auth, Bearer):
            return ApiKey.objects.get(pk=request.auth.key_id)
        if isinstance(request.user, User):
            return request.user
        raise PermissionDenied

    def endpoint(self, request: Request, pk: int) -> WebhookEndpoint:
        """A webhook of the project. Raises: NotFound."""
        endpoint = queries.get_endpoint(self.project(request), pk)
        if endpoint is None:
            raise NotFound(f"This project has no webhook {pk}.")
        return endpoint

    def delivery(self, request: Request, pk: int, delivery_id: int) -> WebhookDelivery:
        """A delivery to a webhook of the project. Raises: NotFound."""
        delivery = queries.get_delivery(self.endpoint(request, pk), delivery_id)
        if delivery is None:
            raise NotFound(f"Nothing like {delivery_id} was sent to this webhook.")
        return delivery


def read(
    kind: type[serializers.Serializer[Any]], sent: Any, *, partial: bool = False
) -> dict[str, Any]:
    """What was sent, checked. Raises: ValidationError."""
    form = kind(data=sent, partial=partial)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def paged(
    rows: QuerySet[Any], page: dict[str, Any], shape: type[serializers.ModelSerializer[Any]]
) -> Response:
    """A part of rows that are ordered by their id, the newest first."""
    if page["cursor"]:
        try:
            (after,) = decode_cursor(page["cursor"], parts=1)
            rows = rows.filter(pk__lt=int(after))
        except (BadCursor, TypeError, ValueError):
            raise ValidationError({"cursor": "Not a cursor of this list."}) from None
    found = list(rows[: page["limit"] + 1])
    more, found = len(found) > page["limit"], found[: page["limit"]]
    cursor = encode_cursor(found[-1].pk) if more else None
    return Response({"data": shape(found, many=True).data, "next_cursor": cursor})
