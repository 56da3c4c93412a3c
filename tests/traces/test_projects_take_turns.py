"""One project that sends without end delays only itself: queue, decoders and memory are shared."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import wait
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from accounts.models import Project
from tests.factories import Key, make_key, make_project
from tests.traces.otlp_build import request, span
from tests.traces.recordings import PROTOBUF
from tests.traces.serving import web_process
from tests.traces.stored import connect, fetch, rows
from tests.traces.stored import span as stored_span
from traces.ingest.door.request_body import Memory, Request
from traces.ingest.door.turns import Turns
from traces.ingest.pipeline import Dialect
from traces.ingest.writer.fair_queue import Empty, FairQueue, Full
from traces.ingest.writer.group import Busy, GroupWriter

FLOOD, SPANS = 40, 100  # requests under way at once, and the spans of each


def test_the_queue_hands_out_project_by_project() -> None:
    queue: FairQueue[str] = FairQueue(20)
    for item in ("a1", "a2", "a3"):
        queue.put(1, item)
    queue.put(2, "b1")
    queue.put(3, "c1")
    queue.end()
    assert [queue.get() for _ in range(6)] == ["a1", "b1", "c1", "a2", "a3", None]
    with pytest.raises(Empty):
        queue.get(timeout=0.01)


def test_no_number_of_full_projects_takes_the_last_place_in_the_queue() -> None:
    queue: FairQueue[int] = FairQueue(100)
    held = []
    for project_id in range(1, 6):
        filled = 0
        with suppress(Full):
            while True:
                queue.put(project_id, filled)
                filled += 1
        held.append(filled)
    assert held[:2] == [50, 25]
    queue.put(99, 0)


def test_the_queue_wakes_whoever_waits_at_it() -> None:
    queue: FairQueue[str] = FairQueue(10)
    got: list[str | None] = []
    reader = threading.Thread(target=lambda: got.append(queue.get(timeout=10)))
    reader.start()
    queue.put(1, "late")
    reader.join(10)
    assert got == ["late"]


def test_decoders_take_turns_and_pass_over_whoever_gave_up() -> None:
    order: list[str] = []

    async def work(turns: Turns, project_id: int, name: str) -> None:
        async with turns.turn(project_id):
            await asyncio.sleep(0)
            order.append(name)

    async def all_of_it() -> None:
        turns = Turns(1)
        tasks = [asyncio.create_task(work(turns, 1, f"a{n}")) for n in range(4)]
        await asyncio.sleep(0)
        tasks += [asyncio.create_task(work(turns, 2, "b0"))]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        tasks = [asyncio.create_task(work(turns, 1, "again"))]
        await asyncio.gather(*tasks)

    # On a thread: a browser of other tests keeps a loop of this one running.
    runner = threading.Thread(target=lambda: asyncio.run(all_of_it()))
    runner.start()
    runner.join(10)
    assert sorted(order) == ["a0", "a2", "a3", "again", "b0"]
    assert order.index("b0") <= 2


def test_memory_is_left_for_the_next_project(settings: object) -> None:
    settings.INTAKE_MAX_WAITING_BYTES = 1000  # type: ignore[attr-defined]
    memory = Memory()

    def held(project_id: int, size: int) -> Request:
        one = Request("/v1/traces", {}, Dialect.OTLP, project_id=project_id)
        memory.hold(one, size)
        return one

    first = held(1, 900)  # alone it may be as big as it is
    memory.hold(first, 0)
    of_one = [held(1, 100) for _ in range(5)]
    with pytest.raises(Busy, match="share"):
        held(1, 100)
    held(2, 400)
    with pytest.raises(Busy, match="fill the memory"):
        held(3, 200)
    for each in of_one:
        memory.hold(each, 0)
    held(1, 100)


def stored_of(project: Project) -> int:
    [(count,)] = fetch("select count(*) from span where project_id = %s", project.pk)
    return int(count)


@pytest.mark.django_db(transaction=True)
def test_a_line_of_one_project_is_not_written_before_the_request_of_another() -> None:
    gate = threading.Event()

    def held() -> psycopg.Connection[Any]:
        gate.wait(20)
        return connect()

    writer = GroupWriter(held, connections=1)
    line = [rows(*(stored_span(f"{n}.{i}", f"t{n}") for i in range(128))) for n in range(40)]
    answers = [writer.submit(spans) for spans in line]
    answers += [writer.submit(rows(stored_span("quiet"), project_id=2))]
    gate.set()
    wait(answers, 60)
    writer.close()
    # Each transaction leaves its number on the rows that it made, and numbers rise.
    order = fetch("select xmin::text::bigint, array_agg(distinct project_id) from span group by 1")
    projects = [project for _, project in sorted(order)]
    assert len(projects) >= 10
    assert 2 in projects[0] + projects[1]


@pytest.mark.django_db(transaction=True)
def test_a_flood_of_one_project_is_sent_away_and_another_is_not(
    tmp_path: Path, project: Project, key: Key
) -> None:
    other = make_project("quiet")
    quiet = make_key(other)
    flood = [
        request(
            *(span(trace_id=os.urandom(16), span_id=os.urandom(8)) for _ in range(SPANS))
        ).SerializeToString()
        for _ in range(FLOOD)
    ]
    small = [request(span(trace_id=os.urandom(16))).SerializeToString() for _ in range(4)]
    taken, sent_away = [0] * FLOOD, asyncio.Event()

    def headers(sender: Key) -> dict[str, str]:
        return {**sender.headers, "Content-Type": PROTOBUF}

    async def without_end(http: httpx.AsyncClient, place: int, asked: asyncio.Event) -> None:
        while not asked.is_set():
            answer = await http.post("/v1/traces", content=flood[place], headers=headers(key))
            assert answer.status_code in (200, 503)
            if answer.status_code == 200:
                taken[place] += 1
                continue
            sent_away.set()
            await asyncio.sleep(0.1)

    async def both(url: str) -> list[int]:
        limits, asked = httpx.Limits(max_connections=None), asyncio.Event()
        async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as http:
            noisy = [asyncio.create_task(without_end(http, n, asked)) for n in range(FLOOD)]
            await sent_away.wait()
            answers = [
                (await http.post("/v1/traces", content=body, headers=headers(quiet))).status_code
                for body in small
            ]
            asked.set()
            await asyncio.gather(*noisy)
        return answers

    # Room for a quarter of what arrives at once.
    room = str(sum(map(len, flood)) // 4)
    with web_process(tmp_path, INTAKE_MAX_WAITING_BYTES=room) as web:
        assert asyncio.run(both(web.url)) == [200] * len(small)
    assert stored_of(other) == len(small)
    assert stored_of(project) >= sum(map(bool, taken)) * SPANS
