"""REST of webhooks, for keys with the scope admin and for admins: manage, look into, replay."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
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
from kit.paging import BadCursor, decode_cursor, encode_cursor
from notices import serializers as forms
from notices.events import all_events
from notices.models import WebhookDelivery, WebhookEndpoint
from notices.queries import webhooks as queries
from notices.services import deliveries, endpoints

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


class Webhooks(WebhookView):
    """`/api/v1/webhooks`"""

    @extend_schema(
        operation_id="list_webhooks",
        parameters=[forms.ListSerializer],
        responses={200: forms.WebhookPageSerializer},
    )
    def get(self, request: Request) -> Response:
        """The project's webhooks, newest first."""
        page = _read(forms.ListSerializer, request.query_params)
        rows = queries.list_endpoints(self.project(request))
        return _paged(rows, page, forms.WebhookSerializer)

    @extend_schema(
        operation_id="create_webhook",
        parameters=[PROJECT],
        request=forms.NewWebhookSerializer,
        responses={201: forms.MadeWebhookSerializer, 409: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Make a webhook; `secret` stands in this answer only."""
        given = _read(forms.NewWebhookSerializer, request.data)
        made = endpoints.create_endpoint(self.project(request), **given, actor=self.actor(request))
        return _made(made)


class WebhookEvents(WebhookView):
    """`/api/v1/webhooks/events`"""

    @extend_schema(
        operation_id="list_webhook_events",
        parameters=[PROJECT],
        responses={200: forms.EventPageSerializer},
    )
    def get(self, request: Request) -> Response:
        """Every event there is, by name."""
        self.project(request)
        rows = forms.EventSerializer(all_events(), many=True).data
        return Response({"data": rows, "next_cursor": None})


class OneWebhook(WebhookView):
    """`/api/v1/webhooks/{id}`"""

    @extend_schema(
        operation_id="get_webhook",
        parameters=[PROJECT],
        responses={200: forms.WebhookSerializer},
    )
    def get(self, request: Request, pk: int) -> Response:
        """One webhook."""
        return Response(forms.WebhookSerializer(self.endpoint(request, pk)).data)

    @extend_schema(
        operation_id="change_webhook",
        parameters=[PROJECT],
        request=forms.ChangedWebhookSerializer(partial=True),
        responses={200: forms.WebhookSerializer, 409: PROBLEM},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change address, events, description, or switch it on or off."""
        endpoint = self.endpoint(request, pk)
        given = _read(forms.ChangedWebhookSerializer, request.data, partial=True)
        changed = endpoints.change_endpoint(endpoint, **given, actor=self.actor(request))
        return Response(forms.WebhookSerializer(changed).data)

    @extend_schema(operation_id="delete_webhook", parameters=[PROJECT], responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Nothing is sent to it any more, and its log is gone."""
        endpoints.delete_endpoint(self.endpoint(request, pk), actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class WebhookRotation(WebhookView):
    """`/api/v1/webhooks/{id}/rotate`"""

    @extend_schema(
        operation_id="rotate_webhook",
        parameters=[PROJECT],
        request=None,
        responses={201: forms.MadeWebhookSerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        """A new secret; for 24 hours more everything is signed with the former one too."""
        endpoint = self.endpoint(request, pk)
        return _made(endpoints.rotate_secret(endpoint, actor=self.actor(request)))


class WebhookTest(WebhookView):
    """`/api/v1/webhooks/{id}/test`"""

    @extend_schema(
        operation_id="test_webhook",
        parameters=[PROJECT],
        request=None,
        responses={202: forms.DeliverySerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Send a test; the delivery says what came of it."""
        endpoint = self.endpoint(request, pk)
        made = deliveries.send_test(endpoint, actor=self.actor(request))
        return Response(
            forms.DeliverySerializer(queries.get_delivery(endpoint, made.pk)).data,
            status=status.HTTP_202_ACCEPTED,
        )


class Deliveries(WebhookView):
    """`/api/v1/webhooks/{id}/deliveries`"""

    @extend_schema(
        operation_id="list_webhook_deliveries",
        parameters=[forms.DeliveryListSerializer],
        responses={200: forms.DeliveryPageSerializer},
    )
    def get(self, request: Request, pk: int) -> Response:
        """What was sent to the webhook in the last 30 days, newest first."""
        page = _read(forms.DeliveryListSerializer, request.query_params)
        endpoint = self.endpoint(request, pk)
        rows = queries.list_deliveries(endpoint, state=page["state"], since=page["since"])
        return _paged(rows, page, forms.DeliverySerializer)


class OneDelivery(WebhookView):
    """`/api/v1/webhooks/{id}/deliveries/{delivery}`"""

    @extend_schema(
        operation_id="get_webhook_delivery",
        parameters=[PROJECT],
        responses={200: forms.WholeDeliverySerializer},
    )
    def get(self, request: Request, pk: int, delivery_id: int) -> Response:
        """A delivery with its payload and every attempt, the newest first."""
        delivery = self.delivery(request, pk, delivery_id)
        attempts = queries.list_attempts(delivery)
        return Response(
            {
                **forms.DeliverySerializer(delivery).data,
                "payload": json.loads(delivery.message.body),
                "log": forms.AttemptSerializer(attempts, many=True).data,
            }
        )


class DeliveryReplay(WebhookView):
    """`/api/v1/webhooks/{id}/deliveries/{delivery}/replay`"""

    @extend_schema(
        operation_id="replay_webhook_delivery",
        parameters=[PROJECT],
        request=None,
        responses={202: forms.DeliverySerializer, 409: PROBLEM},
    )
    def post(self, request: Request, pk: int, delivery_id: int) -> Response:
        """Send the same message again now, with the same id."""
        delivery = self.delivery(request, pk, delivery_id)
        deliveries.replay(delivery, actor=self.actor(request))
        again = self.delivery(request, pk, delivery_id)
        return Response(forms.DeliverySerializer(again).data, status=status.HTTP_202_ACCEPTED)


class FailedReplay(WebhookView):
    """`/api/v1/webhooks/{id}/replay`"""

    @extend_schema(
        operation_id="replay_failed_webhook_deliveries",
        parameters=[PROJECT],
        request=forms.ReplayFailedSerializer,
        responses={202: forms.ReplayedSerializer, 409: PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Send again whatever happened since a time and failed for good."""
        endpoint = self.endpoint(request, pk)
        given = _read(forms.ReplayFailedSerializer, request.data)
        count = deliveries.replay_failed(endpoint, since=given["since"], actor=self.actor(request))
        return Response({"replayed": count}, status=status.HTTP_202_ACCEPTED)


def _read(
    kind: type[serializers.Serializer[Any]], sent: Any, *, partial: bool = False
) -> dict[str, Any]:
    form = kind(data=sent, partial=partial)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def _paged(
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


def _made(made: endpoints.Made) -> Response:
    document = {**forms.WebhookSerializer(made.endpoint).data, "secret": made.secret}
    response = Response(document, status=status.HTTP_201_CREATED)
    response["Cache-Control"] = "no-store"
    return response
