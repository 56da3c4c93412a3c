"""Requests share a transaction, and none pays for what is wrong with another."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from tests.traces.stored import connect, fetch, rows, span
from traces.ingest.rows import AT, Written
from traces.ingest.writer.group import MOST_QUEUED, Busy, GroupWriter

pytestmark = pytest.mark.django_db(transaction=True)
HALF = MOST_QUEUED // 2  # one project alone may fill half of the queue


@contextmanager
def writer(connect: Any = connect, connections: int = 2) -> Iterator[GroupWriter]:
    made = GroupWriter(connect, connections=connections)
    try:
        yield made
    finally:
        made.close()


def poisoned(name: str) -> Written:
    """A span that only PostgreSQL, or the way to it, finds impossible."""
    [one] = rows(span("poison", "bad"))
    one.row[AT["name"]] = name
    return one


def test_thirty_two_senders_need_fewer_transactions_than_requests() -> None:
    with writer() as group:
        group.submit(rows(span("warm", "warm"))).result(10)
        [(before,)] = fetch("select count(distinct xmin::text) from trace")
        start = threading.Barrier(32)

        def send(number: int) -> None:
            start.wait()
            for turn in range(5):
                group.submit(rows(span("s", f"t{number}.{turn}"))).result(10)

        senders = [threading.Thread(target=send, args=(number,)) for number in range(32)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
    # Each transaction leaves its number on the rows that it made.
    [(transactions,)] = fetch("select count(distinct xmin::text) from trace")
    assert fetch("select count(*) from trace") == [(161,)]
    assert transactions - before < 160 / 2


@pytest.mark.parametrize("name", ["\0", "\ud800"])
def test_a_poisoned_span_is_refused_alone(name: str) -> None:
    with writer(connections=1) as group:
        answers = [
            group.submit(rows(span("a", "t1"))),
            group.submit(
                [*rows(span("b", "t2"), span("c", "t2")), poisoned(name), *rows(span("d", "t2"))]
            ),
            group.submit(rows(span("e", "t3"))),
        ]
        outcomes = [answer.result(10) for answer in answers]
    assert [outcome.refused for outcome in outcomes[::2]] == [[], []]
    [(position, reason)] = outcomes[1].refused
    assert (position, "the database refused it" in reason) == (2, True)
    assert fetch("select span_id from span order by 1") == [("a",), ("b",), ("c",), ("d",), ("e",)]
    assert fetch("select trace_id, span_count from trace order by 1") == [
        ("t1", 1), ("t2", 3), ("t3", 1)
    ]  # fmt: skip


def test_an_entry_too_long_for_its_index_is_the_fault_of_its_span() -> None:
    [long] = rows(span("long", "bad"))
    chance = random.Random(1)
    long.row[AT["prompt_name"]] = "".join(chr(chance.randint(0x4E00, 0x9FFF)) for _ in range(4000))
    with writer(connections=1) as group:
        outcome = group.submit([*rows(span("a", "t")), long]).result(10)
    assert [position for position, _ in outcome.refused] == [1]
    assert fetch("select span_id from span") == [("a",)]


def test_a_connection_that_was_lost_is_replaced() -> None:
    with writer(connections=1) as group:
        group.submit(rows(span("a"))).result(10)
        fetch(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid() "
            "and (query ilike '%%savepoint%%' or query ilike 'commit')"
        )
        assert group.submit(rows(span("b"))).result(10).refused == []
    assert fetch("select span_id from span order by 1") == [("a",), ("b",)]


def test_a_read_only_database_is_busy_and_refuses_no_span() -> None:
    def read_only() -> psycopg.Connection[Any]:
        link = connect()
        link.execute("set default_transaction_read_only = on")
        return link

    with writer(read_only) as group, pytest.raises(Busy):
        group.submit(rows(span("a"))).result(10)


def test_a_full_queue_is_busy_and_who_gave_up_is_not_written() -> None:
    gate = threading.Event()

    def held() -> psycopg.Connection[Any]:
        gate.wait(20)
        return connect()

    with writer(held, connections=1) as group:
        first = group.submit(rows(span("first", "first")))
        while len(group._queue):  # until the thread has taken it
            pass
        waiting = [group.submit(rows(span("s", f"t{number}"))) for number in range(HALF)]
        with pytest.raises(Busy):
            group.submit(rows(span("late")))
        assert all(answer.cancel() for answer in waiting[:-1])
        gate.set()
        wait([first, waiting[-1]], 20)
    assert fetch("select trace_id from span order by 1") == [("first",), (f"t{HALF - 1}",)]
