"""Addresses of the REST of `notices`."""

from django.urls import path

from notices import api

_ONE = "webhooks/<int:pk>"
_DELIVERY = f"{_ONE}/deliveries/<int:delivery_id>"

app_name = "notices_api"
urlpatterns = [
    path("webhooks", api.Webhooks.as_view(), name="webhooks"),
    path("webhooks/events", api.WebhookEvents.as_view(), name="events"),
    path(_ONE, api.OneWebhook.as_view(), name="webhook"),
    path(f"{_ONE}/rotate", api.WebhookRotation.as_view(), name="rotate"),
    path(f"{_ONE}/test", api.WebhookTest.as_view(), name="test"),
    path(f"{_ONE}/replay", api.FailedReplay.as_view(), name="failed_replay"),
    path(f"{_ONE}/deliveries", api.Deliveries.as_view(), name="deliveries"),
    path(_DELIVERY, api.OneDelivery.as_view(), name="delivery"),
    path(f"{_DELIVERY}/replay", api.DeliveryReplay.as_view(), name="delivery_replay"),
]
