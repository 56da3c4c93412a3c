"""One project that sends without end delays only itself: queue, decoders and memory are shared."""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from accounts.models import Project
from tests.factories import Key, make_key, make_project
from tests.traces.otlp_build import request, span
from tests.traces.recordings import PROTOBUF
from tests.traces.serving import web_process
from tests.traces.stored import fetch
from traces.ingest.door.request_body import Memory, Request
from traces.ingest.door.turns import Turns
from traces.ingest.pipeline import Dialect
from traces.ingest.writer.fair_queue import Empty, FairQueue, Full
from traces.ingest.writer.group import Busy

FLOOD, SPANS = 120, 400


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


@pytest.mark.timing
@pytest.mark.django_db(transaction=True)
def test_a_flood_of_one_project_leaves_the_requests_of_another_quick(
    tmp_path: Path, project: Project, key: Key
) -> None:
    other = make_project("quiet")
    quiet = make_key(other)
    flood = [
        request(*(span(trace_id=os.urandom(16), span_id=os.urandom(8)) for _ in range(SPANS)))
        for _ in range(FLOOD)
    ]
    answered: list[str] = []
    statuses: dict[str, list[int]] = {"noisy": [], "quiet": []}

    async def send(http: httpx.AsyncClient, who: str, sender: Key, body: bytes) -> None:
        headers = {**sender.headers, "Content-Type": PROTOBUF}
        answer = await http.post("/v1/traces", content=body, headers=headers)
        answered.append(who)
        statuses[who].append(answer.status_code)

    async def both(url: str) -> None:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as http:
            small = [request(span(trace_id=os.urandom(16))).SerializeToString() for _ in range(6)]
            await send(http, "quiet", quiet, small.pop())  # keys and prices are known
            answered.clear()
            noisy = [
                asyncio.create_task(send(http, "noisy", key, body.SerializeToString()))
                for body in flood
            ]
            while not answered:
                await asyncio.sleep(0.005)
            await asyncio.gather(*noisy, *(send(http, "quiet", quiet, body) for body in small))

    with web_process(tmp_path) as web:
        asyncio.run(both(web.url))
    assert statuses["quiet"] == [200] * 6
    assert set(statuses["noisy"]) <= {200, 503}
    # All five came after the whole flood, and were answered while a good part of it waited: with
    # one line for all, all but two come first.
    last_quiet = len(answered) - answered[::-1].index("quiet")
    assert answered[:last_quiet].count("noisy") < FLOOD * 0.9
    assert stored_of(other) == 6
    taken = statuses["noisy"].count(200)
    assert fetch("select count(*) from span where project_id = %s", project.pk) == [
        (taken * SPANS,)
    ]
