"""Asks the REST API, by a key or as a signed-in person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.test import Client

from accounts.models import User


class Api:
    """`api.get("prompts", 200)` is the answer's body, and fails on any other status."""

    def __init__(self, *, headers: Mapping[str, str] | None = None, user: User | None = None):
        self._client = Client()
        self._headers = dict(headers or {})
        self._query = ""
        if user is not None:
            self._client.force_login(user)
            self._query = "project=support"

    def get(self, path: str, status: int = 200) -> Any:
        return self.ask("get", path, None, status)

    def post(self, path: str, body: Any = None, status: int = 201) -> Any:
        return self.ask("post", path, {} if body is None else body, status)

    def put(self, path: str, body: Any = None, status: int = 200) -> Any:
        return self.ask("put", path, {} if body is None else body, status)

    def patch(self, path: str, body: Any = None, status: int = 200) -> Any:
        return self.ask("patch", path, {} if body is None else body, status)

    def delete(self, path: str, status: int = 204) -> Any:
        return self.ask("delete", path, None, status)

    def ask(self, method: str, path: str, body: Any, status: int) -> Any:
        joined = "&" if "?" in path else "?"
        address = f"/api/v1/{path}{joined}{self._query}" if self._query else f"/api/v1/{path}"
        sent = {} if body is None else {"data": body, "content_type": "application/json"}
        response = getattr(self._client, method)(address, headers=self._headers, **sent)
        assert response.status_code == status, (method, path, response.content)
        if not response.content:
            return None
        told = response.json()
        if status >= 400:
            assert response["Content-Type"] == "application/problem+json"
            assert told["status"] == status
        return told


def where(problem: Any) -> list[str]:
    """The places that a problem document names."""
    return [error["where"] for error in problem["errors"]]
