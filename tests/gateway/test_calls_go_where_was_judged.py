"""Plain http goes to an address that was judged, whatever its name means a moment later."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from gateway.client import Connection
from gateway.client.errors import BadRequest, Unavailable
from gateway.models import Kind
from tests.gateway.calling import KEY, answer, asked
from tests.provider import ANSWER, Provider

NAME = "models.example.com"


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let the name have these addresses, look-up by look-up; the names that were asked for."""
    asked_for: list[str] = []

    def look_up(host: str, port: int, *_: object, **__: object) -> list[tuple[Any, ...]]:
        found = answers[min(len(asked_for), len(answers) - 1)]
        asked_for.append(host)
        kind = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
        return [(*kind, (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked_for


def called(upstream: Provider) -> Connection:
    base = upstream.url.replace("127.0.0.1", NAME)
    return Connection(Kind.OPENAI, "Test", base, KEY)


def test_a_name_is_asked_once_and_its_next_answer_gets_no_key(
    upstream: Provider, monkeypatch: pytest.MonkeyPatch
):
    looked_up = resolve_to(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])
    assert answer(called(upstream), asked()).text == ANSWER
    assert looked_up == [NAME]
    (request,) = upstream.requests
    assert request.headers["host"] == f"{NAME}:{upstream.server_address[1]}"
    with pytest.raises(BadRequest, match=f"{NAME} is refused: 169"):
        answer(called(upstream), asked())


def test_of_several_addresses_the_first_that_answers_is_called(
    upstream: Provider, monkeypatch: pytest.MonkeyPatch
):
    resolve_to(monkeypatch, ["127.0.0.2", "127.0.0.1"], ["127.0.0.2"])
    assert answer(called(upstream), asked()).text == ANSWER
    with pytest.raises(Unavailable, match="nothing answers at its address"):
        answer(called(upstream), asked())
