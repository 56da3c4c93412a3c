"""When nothing can be stored, intake says so in time, keeps nothing half, and heals by itself."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.factories import Key
from tests.traces.otlp_build import request, span
from tests.traces.recordings import PROTOBUF
from tests.traces.relay import Relay
from tests.traces.serving import Web, database_url, web_process
from tests.traces.stored import fetch, soon

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timing]


def body(number: int) -> bytes:
    return request(span(span_id=bytes([number]) * 8)).SerializeToString()


@contextmanager
def served(folder: Path, key: Key, **environment: str) -> Iterator[tuple[Web, httpx.Client]]:
    headers = {**key.headers, "Content-Type": PROTOBUF}
    with (
        web_process(folder, **environment) as web,
        httpx.Client(base_url=web.url, headers=headers, timeout=30) as client,
    ):
        yield web, client


def timed(client: httpx.Client, number: int) -> tuple[httpx.Response, float]:
    began = time.monotonic()
    answer = client.post("/v1/traces", content=body(number))
    return answer, time.monotonic() - began


def healed(client: httpx.Client, number: int) -> bool:
    return soon(lambda: timed(client, number)[0].status_code == 200)


def test_a_database_that_is_silent_or_gone_is_busy_and_comes_back(tmp_path: Path, key: Key) -> None:
    with (
        Relay() as relay,
        served(tmp_path, key, DATABASE_URL=database_url(relay.address)) as (web, client),
    ):
        assert timed(client, 1)[0].status_code == 200

        relay.silence()
        for _ in range(2):  # the second finds no remembered key
            answer, took = timed(client, 2)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert took < 5
        relay.mend()
        assert healed(client, 2)

        relay.cut()
        for _ in range(2):
            answer, took = timed(client, 3)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert took < 4
        refused = client.post(
            "/v1/traces", content=b"x", headers={"Authorization": "Bearer sk-rw-unknown"}
        )
        assert refused.status_code == 503
        wrong = client.post("/v1/nothing", content=body(3))
        assert wrong.status_code == 404
        relay.mend()
        assert healed(client, 3)
        assert not [line for line in web.complaints() if "500" in line]
    assert fetch("select count(*), count(distinct span_id) from span") == [(3, 3)]
    assert fetch("select span_count from trace") == [(3,)]


def test_the_pages_hear_again_after_the_database_came_back(tmp_path: Path, key: Key) -> None:
    query = "select first_trace_at is not null from accounts_project where id = %s"
    with (
        Relay() as relay,
        served(tmp_path, key, DATABASE_URL=database_url(relay.address)) as (_, client),
    ):
        relay.cut()
        assert timed(client, 1)[0].status_code == 503
        relay.mend()
        assert healed(client, 1)
        assert soon(lambda: fetch(query, key.stored.project_id) == [(True,)])


def test_a_key_over_its_rate_is_busy(tmp_path: Path, key: Key) -> None:
    def status(number: int) -> int:
        return timed(client, number)[0].status_code

    with served(tmp_path, key, INTAKE_REQUESTS_PER_SECOND="3") as (_, client):
        assert [status(number) for number in (1, 2, 3)] == [200, 200, 200]
        with ThreadPoolExecutor(8) as at_once:  # one after another a slow machine keeps the rate
            assert 503 in at_once.map(status, range(4, 28))
        assert soon(lambda: status(9) == 200)


def half_sent(web: Web, key: Key, content: bytes) -> socket.socket:
    """A connection that announces a body twice as long as what it has sent."""
    at = urlsplit(web.url)
    link = socket.create_connection((at.hostname, at.port))
    head = (
        f"POST /v1/traces HTTP/1.1\r\nHost: {at.netloc}\r\nContent-Type: {PROTOBUF}\r\n"
        f"Authorization: {key.headers['Authorization']}\r\nContent-Length: {2 * len(content)}\r\n"
    )
    link.sendall(head.encode() + b"\r\n" + content)
    return link


def test_bodies_in_flight_are_bounded_and_slow_ones_hold_nobody_up(
    tmp_path: Path, key: Key
) -> None:
    with served(tmp_path, key, INTAKE_MAX_WAITING_BYTES="200000") as (web, client):
        for _ in range(20):  # until all that was sent had been read before the next body came
            with closing(half_sent(web, key, bytes(150_000))):
                assert timed(client, 1)[1] < 10  # the slow one is given a minute
                answer = client.post("/v1/traces", content=bytes(100_000))
            if answer.status_code == 503:
                break
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        # What it held is free again.
        assert soon(lambda: client.post("/v1/traces", content=bytes(100_000)).status_code == 400)
        # One alone is always heard.
        assert client.post("/v1/traces", content=bytes(300_000)).status_code == 400
