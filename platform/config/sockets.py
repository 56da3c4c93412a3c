"""Addresses of the WebSockets, an app a line."""

from django.urls import path

from traces.consumers import ProjectConsumer

websocket_urlpatterns = [
    path("ws/p/<slug:project_slug>", ProjectConsumer.as_asgi()),
]
