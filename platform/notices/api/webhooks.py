"""`/api/v1/webhooks`: listed, made, changed, given new secrets, deleted."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from kit.rest_lists import ListParameters, pk_page
from notices import serializers as forms
from notices.api.base import WebhookView, read
from notices.events import all_events
from notices.queries import webhooks as queries
from notices.services import endpoints


class Webhooks(WebhookView):
    """`/api/v1/webhooks`"""

    @extend_schema(
        operation_id="list_webhooks",
        parameters=[ListParameters, PROJECT],
        responses={200: forms.WebhookPageSerializer},
    )
    def get(self, request: Request) -> Response:
        """The project's webhooks, newest first."""
        asked = ListParameters.of(request)
        rows = queries.list_endpoints(self.opened(request))
        return pk_page(rows, asked, lambda page: forms.WebhookSerializer(page, many=True).data)

    @extend_schema(
        operation_id="create_webhook",
        parameters=[PROJECT],
        request=forms.NewWebhookSerializer,
        responses={201: forms.MadeWebhookSerializer, 409: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Make a webhook; `secret` stands in this answer only."""
        given = read(forms.NewWebhookSerializer, request.data)
        made = endpoints.create_endpoint(self.opened(request), **given, actor=self.actor(request))
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
        self.opened(request)
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
        given = read(forms.ChangedWebhookSerializer, request.data, partial=True)
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


def _made(made: endpoints.Made) -> Response:
    document = {**forms.WebhookSerializer(made.endpoint).data, "secret": made.secret}
    response = Response(document, status=status.HTTP_201_CREATED)
    response["Cache-Control"] = "no-store"
    return response
