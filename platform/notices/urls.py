"""Addresses of the pages of `notices`."""

from django.urls import path

from notices.views import deliveries, me, webhooks

_WEBHOOKS = "p/<slug:project_slug>/settings/webhooks/"
_ONE = f"{_WEBHOOKS}<int:pk>/"
_DELIVERY = f"{_ONE}deliveries/<int:delivery_id>/"

app_name = "notices"
urlpatterns = [
    path(_WEBHOOKS, webhooks.webhook_list, name="webhooks"),
    path(_ONE, webhooks.webhook, name="webhook"),
    path(f"{_ONE}rotate/", webhooks.webhook_rotate, name="webhook_rotate"),
    path(f"{_ONE}switch/", webhooks.webhook_switch, name="webhook_switch"),
    path(f"{_ONE}delete/", webhooks.webhook_delete, name="webhook_delete"),
    path(f"{_ONE}test/", webhooks.webhook_test, name="webhook_test"),
    path(f"{_ONE}replay/", deliveries.failed_replay, name="failed_replay"),
    path(_DELIVERY, deliveries.delivery, name="delivery"),
    path(f"{_DELIVERY}replay/", deliveries.delivery_replay, name="delivery_replay"),
    path("me/notices/", me.inbox, name="inbox"),
    path("me/notices/unread/", me.unread, name="unread"),
    path("me/notices/settings/", me.wishes, name="wishes"),
    path("me/notices/<int:pk>/", me.notice, name="notice"),
]
