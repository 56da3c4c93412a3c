"""`/api/v1/webhooks/{id}/…`: what was sent to a webhook, tests, and sending again."""

from __future__ import annotations

import json

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from kit.rest_lists import pk_page
from notices import serializers as forms
from notices.api.base import WebhookView, read
from notices.queries import webhooks as queries
from notices.services import replays


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
        made = replays.send_test(endpoint, actor=self.actor(request))
        return Response(
            forms.DeliverySerializer(queries.get_delivery(endpoint, made.pk)).data,
            status=status.HTTP_202_ACCEPTED,
        )


class Deliveries(WebhookView):
    """`/api/v1/webhooks/{id}/deliveries`"""

    @extend_schema(
        operation_id="list_webhook_deliveries",
        parameters=[forms.DeliveryListSerializer, PROJECT],
        responses={200: forms.DeliveryPageSerializer},
    )
    def get(self, request: Request, pk: int) -> Response:
        """What was sent to the webhook in the last 30 days, newest first."""
        asked = forms.DeliveryListSerializer.of(request)
        endpoint = self.endpoint(request, pk)
        rows = queries.list_deliveries(endpoint, state=asked["state"], since=asked["since"])
        return pk_page(rows, asked, lambda page: forms.DeliverySerializer(page, many=True).data)


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
        replays.replay(delivery, actor=self.actor(request))
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
        given = read(forms.ReplayFailedSerializer, request.data)
        count = replays.replay_failed(endpoint, since=given["since"], actor=self.actor(request))
        return Response({"replayed": count}, status=status.HTTP_202_ACCEPTED)
