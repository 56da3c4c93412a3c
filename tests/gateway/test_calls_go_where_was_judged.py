"""Plain http goes to an address that was judged, whatever its name means a moment later."""

from __future__ import annotations

import socket
import threading
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


def called(upstream: Provider, name: str = NAME) -> Connection:
    base = upstream.url.replace("127.0.0.1", name)
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


def test_a_proxy_of_the_environment_is_for_https_alone(
    upstream: Provider, monkeypatch: pytest.MonkeyPatch
):
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.setenv("no_proxy", "")
        threading.Thread(target=_hear, args=(proxy, heard), daemon=True).start()
        assert answer(called(upstream, "localhost"), asked()).text == ANSWER
        assert not heard
        far = Connection(Kind.OPENAI, "Test", "https://models.example.com/v1", KEY)
        with pytest.raises(Unavailable):
            answer(far, asked())
    assert heard[0] == b"CONNECT models.example.com:443 HTTP/1.1"


def _hear(proxy: socket.socket, heard: list[bytes]) -> None:
    """Note the first line of each connection and close it."""
    while True:
        try:
            connection, _ = proxy.accept()
        except OSError:
            return
        with connection:
            heard.append(connection.recv(1000).partition(b"\r\n")[0])
