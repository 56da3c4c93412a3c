"""Addresses of the pages of `accounts`."""

from typing import Any

app_name = "accounts"
urlpatterns: list[Any] = []
