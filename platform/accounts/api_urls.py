"""Addresses of the REST of `accounts`."""

from django.urls import path

from accounts import api

app_name = "accounts_api"
urlpatterns = [
    path("keys", api.Keys.as_view(), name="keys"),
    path("keys/<int:pk>", api.OneKey.as_view(), name="key"),
    path("keys/<int:pk>/rotate", api.KeyRotation.as_view(), name="key_rotate"),
    path("members", api.Members.as_view(), name="members"),
]
