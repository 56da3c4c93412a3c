"""Addresses of the REST of `accounts`."""

from typing import Any

app_name = "accounts_api"
urlpatterns: list[Any] = []
