"""Addresses of the REST of `notices`."""

from django.urls import path

from notices.api import deliveries, webhooks

_ONE = "webhooks/<int:pk>"
_DELIVERY = f"{_ONE}/deliveries/<int:delivery_id>"

app_name = "notices_api"
urlpatterns = [
    path("webhooks", webhooks.Webhooks.as_view(), name="webhooks"),
    path("webhooks/events", webhooks.WebhookEvents.as_view(), name="events"),
    path(_ONE, webhooks.OneWebhook.as_view(), name="webhook"),
    path(f"{_ONE}/rotate", webhooks.WebhookRotation.as_view(), name="rotate"),
    path(f"{_ONE}/test", deliveries.WebhookTest.as_view(), name="test"),
    path(f"{_ONE}/replay", deliveries.FailedReplay.as_view(), name="failed_replay"),
    path(f"{_ONE}/deliveries", deliveries.Deliveries.as_view(), name="deliveries"),
    path(_DELIVERY, deliveries.OneDelivery.as_view(), name="delivery"),
    path(f"{_DELIVERY}/replay", deliveries.DeliveryReplay.as_view(), name="delivery_replay"),
]
