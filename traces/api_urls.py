"""Addresses of the REST of `traces`."""

from typing import Any

app_name = "traces_api"
urlpatterns: list[Any] = []
