"""How calls fail: each failure in its type, tried again only where that may help."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from contextlib import aclosing

import pytest

from gateway.client.answer import TextDelta
from gateway.client.attempts import Trail
from gateway.client.errors import (
    AuthFailed,
    BadAnswer,
    BadRequest,
    CallFailed,
    CutOff,
    RateLimited,
    TimedOut,
    Unavailable,
)
from gateway.client.http import Http
from gateway.client.patience import Clock, Patience
from tests.gateway.calling import KEY, QUICK, answer, anthropic, asked, deltas, openai
from tests.provider import ANSWER, Provider
from tests.provider_faults import Fault

PAGE = "<html><body>Bad gateway</body></html>"


@pytest.mark.parametrize(
    ("fault", "failure", "text", "tries"),
    [
        (Fault(401, "bad key"), AuthFailed, "Test refuses the key (401): bad key", 1),
        (Fault(403, "not yours"), AuthFailed, "(403): not yours", 1),
        (Fault(400, "no such field"), BadRequest, "(400): no such field", 1),
        (Fault(404, "no such model"), BadRequest, "(404): no such model", 1),
        (Fault(422, body='{"detail": [{"msg": "odd"}]}'), BadRequest, "(422): odd", 1),
        (Fault(302, headers={"Location": "https://elsewhere.example/"}), BadRequest, "redirect", 1),
        (Fault(429, "slow down"), RateLimited, "Test is asked too much (429): slow down", 3),
        (Fault(500), Unavailable, "Test failed (500): not now", 3),
        (Fault(502, body=PAGE), Unavailable, "Test failed (502).", 3),
        (Fault(529, "overloaded"), Unavailable, "(529): overloaded", 3),
        (Fault(drops=True), Unavailable, "closed the connection without an answer", 3),
        (Fault(short=True), CutOff, "broke in the middle", 1),
        (Fault(200, body="no JSON"), BadAnswer, "not JSON", 1),
        (Fault(200, body='{"choices": [7]}'), BadAnswer, "no message", 1),
        (Fault(200, body='{"choices": [{"message": {"tool_calls": [7]}}]}'), BadAnswer, "not", 1),
    ],
    ids=lambda it: it.status or "connection" if isinstance(it, Fault) else "",
)
def test_a_failure_has_its_type_and_as_many_tries_as_may_help(
    upstream: Provider, fault: Fault, failure: type[CallFailed], text: str, tries: int
):
    upstream.faults.extend([fault] * 5)
    with pytest.raises(failure, match=text.replace("(", r"\(").replace(")", r"\)")) as failed:
        answer(openai(upstream), asked(stream=False))
    assert type(failed.value) is failure
    assert len(upstream.requests) == tries
    assert failed.value.status == (fault.status if fault.status > 200 else None)


def test_what_passes_is_tried_again_and_leaves_a_trail(upstream: Provider):
    upstream.faults.extend([Fault(429), Fault(503)])
    trail = Trail([])
    words = deltas(openai(upstream), asked(), trail=trail)
    assert "".join(it.text for it in words if isinstance(it, TextDelta)) == ANSWER
    assert [failure.error.status for failure in trail.failures] == [429, 503]
    assert trail.tries == 3


@pytest.mark.parametrize("header", [{"Retry-After": "1"}, {"retry-after-ms": "400"}])
def test_a_provider_that_says_when_is_obeyed(upstream: Provider, header: dict[str, str]):
    upstream.faults.append(Fault(429, headers=header))
    began = time.monotonic()
    assert answer(openai(upstream), asked()).text == ANSWER
    least = 1.0 if "Retry-After" in header else 0.4
    assert least <= time.monotonic() - began < least + 1


def test_nobody_waits_for_a_provider_that_wants_an_hour(upstream: Provider):
    upstream.faults.append(Fault(429, headers={"Retry-After": "3600"}))
    began = time.monotonic()
    with pytest.raises(RateLimited) as failed:
        answer(openai(upstream), asked())
    assert failed.value.retry_after == 3600
    assert time.monotonic() - began < 1
    assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    ("connection", "model"), [(openai, "gpt-4o-mini"), (anthropic, "claude-sonnet-4-5")]
)
def test_a_stream_that_is_cut_never_ends_cleanly_nor_begins_again(
    upstream: Provider, connection, model: str
):
    upstream.faults.append(Fault(cut_after=4))
    http, heard = Http(), []

    async def listen() -> None:
        try:
            async for delta in http.deltas(connection(upstream), asked(model), Clock(QUICK)):
                heard.append(delta)
        finally:
            await http.close()

    with pytest.raises(CutOff):
        asyncio.run(listen())
    assert any(isinstance(it, TextDelta) for it in heard)
    assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    ("fault", "patience", "text"),
    [
        (Fault(wait=5), Patience(first_byte=0.3), "said nothing for 0.3 s"),
        (Fault(pause=0.2), Patience(total=0.7), "took longer than 0.7 s"),
        (Fault(pause=5), Patience(first_byte=0.4), "said nothing for 0.4 s"),
    ],
    ids=["no answer", "too long", "silence within"],
)
def test_patience_ends_and_the_call_upstream_with_it(
    upstream: Provider, fault: Fault, patience: Patience, text: str
):
    upstream.faults.append(fault)
    with pytest.raises(TimedOut, match=text):
        answer(openai(upstream), asked(), patience)
    assert len(upstream.requests) == 1
    until = time.monotonic() + 1
    while not upstream.left and time.monotonic() < until:
        time.sleep(0.01)
    assert upstream.left


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_who_leaves_hangs_up_at_once(upstream: Provider, stream: bool):
    upstream.faults.append(Fault(pause=10) if stream else Fault(wait=10))

    async def leave() -> float:
        http = Http()
        request = asked(stream=stream)
        async with aclosing(http.deltas(openai(upstream), request, Clock(QUICK))) as pieces:
            reading = asyncio.create_task(_read(pieces))
            await _until(lambda: bool(upstream.requests))
            await asyncio.sleep(0.1)
            reading.cancel()
            moment = time.monotonic()
            await asyncio.wait([reading])
        await _until(lambda: bool(upstream.left))
        await http.close()
        return moment

    moment = asyncio.run(leave())
    assert upstream.left[0] - moment < 1  # a call that goes on ends after two


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(8):
        while not is_so():
            await asyncio.sleep(0.01)


async def _read(pieces) -> None:
    async for _ in pieces:
        pass


def test_nobody_there_is_unavailable():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    from gateway.client import Connection
    from gateway.models import Kind

    gone = Connection(Kind.OPENAI, "Test", f"http://127.0.0.1:{port}/v1")
    with pytest.raises(Unavailable, match="Test cannot be reached"):
        answer(gone, asked())


@pytest.mark.parametrize("key", ["ключ", "a\nb"])
def test_a_key_that_no_header_can_hold_is_a_bad_key(upstream: Provider, key: str):
    from dataclasses import replace

    with pytest.raises(AuthFailed, match="characters that no key can have"):
        answer(replace(openai(upstream), key=key), asked())
    assert KEY not in repr(openai(upstream))
