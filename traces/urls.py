"""Addresses of the pages of `traces`."""

from typing import Any

app_name = "traces"
urlpatterns: list[Any] = []
