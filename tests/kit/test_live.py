"""What one process announces every process hears, also after its connection was lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest
from django.db import transaction

from kit.connections import connection_parameters
from kit.live import (
    PG_CHANNEL,
    QUEUE_LENGTH,
    PostgresChannelLayer,
    announce,
)

pytestmark = pytest.mark.django_db(transaction=True)

NEWS = {"type": "project.changed", "changed": ["traces"]}


@asynccontextmanager
async def hearing(group: str) -> AsyncIterator[tuple[PostgresChannelLayer, str]]:
    """A layer of this loop with one channel in `group`."""
    layer = PostgresChannelLayer()
    channel = await layer.new_channel()
    await layer.group_add(group, channel)
    try:
        yield layer, channel
    finally:
        await layer.close()


async def heard(
    layer: PostgresChannelLayer, channel: str, seconds: float = 30
) -> dict[str, object]:
    """The next message that is not about the connection itself."""
    async with asyncio.timeout(seconds):
        while (message := await layer.receive(channel))["type"] == "live.resumed":
            pass
    return message


def sql(query: str, *parameters: object) -> None:
    with psycopg.connect(**connection_parameters(), autocommit=True) as link:
        link.execute(query, parameters)


def test_two_event_loops_hear_each_other() -> None:
    found: dict[str, dict[str, object]] = {}
    ready = threading.Barrier(3, timeout=60)

    async def listen(name: str) -> None:
        async with hearing("g") as (layer, channel):
            await asyncio.to_thread(ready.wait)
            found[name] = await heard(layer, channel)

    threads = [threading.Thread(target=lambda n=n: asyncio.run(listen(n))) for n in ("a", "b")]
    for thread in threads:
        thread.start()
    ready.wait()
    asyncio.run(PostgresChannelLayer().group_send("g", NEWS))
    for thread in threads:
        thread.join()
    assert found == {"a": NEWS, "b": NEWS}


def test_a_lost_connection_is_made_again_and_everyone_looks_again() -> None:
    async def listen() -> None:
        async with hearing("g") as (layer, channel):
            while channel in layer._queues and layer._queues[channel].qsize():
                await layer.receive(channel)
            await asyncio.to_thread(
                sql,
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and query ilike %s",
                f"listen%{PG_CHANNEL}%",
            )
            async with asyncio.timeout(30):
                assert await layer.receive(channel) == {"type": "live.resumed"}
            await layer.group_send("g", NEWS)
            assert await heard(layer, channel) == NEWS

    asyncio.run(listen())


def test_what_is_no_message_of_ours_is_passed_over() -> None:
    async def listen() -> None:
        async with hearing("g") as (layer, channel):
            for payload in ("not json", "[1]", '{"a": 1}', '["g", 7, 8]'):
                await asyncio.to_thread(sql, "select pg_notify(%s, %s)", PG_CHANNEL, payload)
            await layer.group_send("g", NEWS)
            assert await heard(layer, channel) == NEWS

    asyncio.run(listen())


def test_a_slow_reader_loses_the_oldest() -> None:
    async def fill() -> None:
        async with hearing("g") as (layer, channel):
            for number in range(QUEUE_LENGTH + 5):
                await layer.send(channel, {"type": "n", "number": number})
            first = await heard(layer, channel)
            assert first["number"] in (5, 6)  # one place may be taken by the news of the connection

    asyncio.run(fill())


def test_an_announcement_waits_for_its_commit() -> None:
    async def listen() -> None:
        async with hearing("g") as (layer, channel):

            def write() -> None:
                from django.db import connection

                with transaction.atomic():
                    announce("g", NEWS)
                    with transaction.atomic():
                        announce("g", {"type": "second"})
                connection.close()

            def undo() -> None:
                from django.db import connection

                with transaction.atomic():
                    announce("g", {"type": "never"})
                    transaction.set_rollback(True)
                connection.close()

            await asyncio.to_thread(undo)
            await asyncio.to_thread(write)
            assert await heard(layer, channel) == NEWS
            assert await heard(layer, channel) == {"type": "second"}

    asyncio.run(listen())
