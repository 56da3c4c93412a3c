"""A trace that comes again is looked up by its keys, whatever else was stored at its time."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.traces.stored import connect
from traces import partitions
from traces.digest.settle import _CONTENTS
from traces.ingest import lookups
from traces.ingest.writer import statements as sql
from traces.ingest.writer.changing import in_one_pass
from traces.recosting import walk
from traces.recosting.walk import BATCH
from traces.services import remap

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
SPANS = 2000  # of the trace
_MICROS = int(START.timestamp()) * 1_000_000
_FILL = """
insert into span (start_time, project_id, kind, level, trace_id, span_id, name)
select timestamptz '2026-11-20 12:00Z' - n * interval '30 seconds', 1, 1, 1,
  't' || n / 8, 's' || n % 8, 'step'
from generate_series(0, 40000) n
"""
_CONTENT = """
insert into span_content (start_time, project_id, size, codec, trace_id, span_id, body)
select start_time, project_id, 2, 0, trace_id, span_id, '{}' from span
"""
# What the planner has not counted yet.
_LATE = """
insert into span (start_time, project_id, kind, level, trace_id, span_id, name)
select timestamptz '2026-11-20 13:00Z' + n * interval '1 millisecond', 1, 1, 1, 'again', 's' || n,
  'step' from generate_series(1, %s) n
"""
_HELD = """
select distinct tableoid::regclass::text from span
union select distinct tableoid::regclass::text from span_content
"""


@pytest.mark.parametrize("is_counted", [True, False])
def test_neither_partitions_nor_an_index_of_time_are_read(is_counted: bool) -> None:
    low = _MICROS + 3600 * 1_000_000
    keys = [[1] * SPANS, ["again"] * SPANS, [f"s{n}" for n in range(1, SPANS + 1)]]
    starts = [low + n * 1000 for n in range(1, SPANS + 1)]
    row = {"start_time": starts, "project_id": keys[0], "trace_id": keys[1], "span_id": keys[2]}
    spans = [row.get(name, [None] * SPANS) for name in sql.UPDATE_COLUMNS]
    bodies = [starts, *keys, [2] * SPANS, [0] * SPANS, [b"{}"] * SPANS]
    bounds = lookups.bounds([1], ["again"], starts)
    near = [low, low + 10_000_000]
    wide = [low - 14 * 86_400_000_000, low]
    with connect() as link, link.cursor() as cursor:
        partitions.make(link, [START - timedelta(days=day) for day in range(16)])
        for statement in (_FILL, _CONTENT):
            cursor.execute(statement)
        if is_counted:
            cursor.execute("analyze")
        cursor.execute(_LATE, [SPANS])
        cursor.execute(_HELD)
        held = [name for (name,) in cursor.fetchall()]  # others are empty, and read as they stand

        def plan(statement: str, given: list[Any]) -> str:
            cursor.execute(f"explain {statement}", given)
            found = "\n".join(line for (line,) in cursor.fetchall())
            for name in held:
                assert f"Seq Scan on {name} " not in found, found
            return found

        for window in (near, wide):
            asked = lookups.keyed(list(zip(*keys, strict=True)), *window)
            of_trace = lookups.of_traces([[1], ["again"]], *window)
            for statement, given in (
                (lookups.SELECT_STORED, asked),
                (lookups.SELECT_BODIES, asked),
                (lookups.FIND_TWICE, lookups.bounds([1], ["again"], window)),
                (lookups.SELECT_SPANS_OF_TRACES, of_trace),
                (_CONTENTS, of_trace),
            ):
                with (
                    link.transaction(),
                    in_one_pass(cursor) if given is asked else nullcontext(),
                ):
                    found = plan(statement, given)
                assert "span_id = ANY" not in found, found  # each id in each trace, before 17
                if is_counted:
                    assert "_pkey" in found, found
                    assert "start_time_trace_id" not in found, found
                if given is asked:
                    assert "Nested Loop" not in found, found
        batch = [column[:BATCH] for column in (starts, *keys[1:])]
        cursor.execute("set enable_memoize = off")  # how few keys differ is a guess of the planner
        for statement, given in (
            (remap._LOCKED, [*batch, 1]),
            (remap._CONTENTS, [*batch, 1]),
            (walk._LOCKED, [*batch, 1]),
            (walk._COUNT, [*batch, [0] * BATCH, [0] * BATCH, 1]),
        ):
            plan(statement, given)
        cursor.execute("reset enable_memoize")
        for statement, given in (
            (sql.UPDATE_SPANS, spans),
            (sql.UPDATE_CONTENTS, bodies),
            (sql.DELETE_SPANS, [*keys, starts]),
            (sql.DELETE_CONTENTS, [*keys, starts]),
        ):
            with link.transaction(), in_one_pass(cursor):
                found = plan(statement, [*given, *bounds])
                assert "Nested Loop" not in found, found


def test_only_the_spans_that_were_asked_for_are_locked() -> None:
    with connect() as link, connect() as other, link.cursor() as cursor:
        partitions.make(link, [START])
        cursor.execute(
            """insert into span (start_time, project_id, kind, level, trace_id, span_id, name)
            select timestamptz '2026-11-20 12:00Z', 1, 1, 1, t, s, 'step'
            from unnest(array['t1', 't2']) t, unnest(array['s1', 's2']) s"""
        )
        given = lookups.keyed([(1, "t1", "s1"), (1, "t2", "s2"), (2, "t1", "s2")], _MICROS, _MICROS)
        with link.transaction(), in_one_pass(cursor):
            cursor.execute(lookups.SELECT_STORED, given)
            assert len(cursor.fetchall()) == 2
            free = "select trace_id, span_id from span order by 1, 2 for update skip locked"
            assert other.execute(free).fetchall() == [("t1", "s2"), ("t2", "s1")]
