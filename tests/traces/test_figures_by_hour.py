"""Figures by hour are what the spans say, whatever happened to the spans."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest

from tests.traces.stored import connect, fetch, open_store, rows, span
from traces.digest import queue
from traces.digest.settle import settle_what_is_due
from traces.ingest.record import Kind, Level, SpanRecord
from traces.rollups.compaction import fold
from traces.rollups.repair import compare
from traces.rollups.usage import SUMS

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = (NOON - timedelta(hours=12), NOON + timedelta(hours=12))
KINDS = (
    Kind.GENERATION, Kind.TOOL, Kind.AGENT, Kind.EMBEDDING, Kind.CHAIN, Kind.EVALUATOR,
)  # fmt: skip


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settled without waiting three seconds for it."""
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)


def settle() -> None:
    with connect() as link:
        settle_what_is_due(link)


def compared() -> tuple[int, int]:
    with connect() as link:
        found = compare(link, *DAY)
    return found.wrong, found.missed


def figures(table: str = "usage_hour") -> list[tuple[Any, ...]]:
    sums = ", ".join(f"sum({name})" for name in SUMS)
    return fetch(
        f"select feature, model, kind, {sums} from {table} "
        f"group by 1, 2, 3 having {' or '.join(f'sum({name}) <> 0' for name in SUMS)} "
        "order by 1, 2, 3"
    )


def of_traces(table: str) -> list[tuple[Any, ...]]:
    return fetch(
        "select name, feature, environment, models, sum(traces), sum(errors), sum(recovered), "
        "sum(duration_us), (select array_agg((b, n) order by b) from ("
        f"select b, sum(n) as n from {table} l, unnest(lat_b, lat_n) as u (b, n) where "
        "(l.name, l.feature, l.environment, l.models) = "
        "(t.name, t.feature, t.environment, t.models) "
        "group by b having sum(n) <> 0) h) "
        f"from {table} t group by 1, 2, 3, 4 having sum(traces) <> 0 order by 1, 2, 3, 4"
    )


def any_span(chance: random.Random) -> SpanRecord:
    kind = chance.choice(KINDS)
    made = span(
        f"s{chance.randrange(6)}",
        f"t{chance.randrange(3)}",
        at=chance.choice((0, 3590, 7200, -60)),
        lasts=chance.choice((None, 0.0004, 1, 1.5, 300)),
        kind=kind,
        level=chance.choice((Level.DEFAULT, Level.ERROR)),
        feature=chance.choice((None, "refunds", "search")),
        model=chance.choice((None, "gpt-4o", "no-such-model")),
        environment=chance.choice((None, "production")),
        prompt_name=chance.choice((None, "greet")),
        in_uncached=chance.choice((None, 0, 100)),
        out_text=chance.choice((None, 7)),
        cost_given=chance.choice((None, {"total": 0.003})),
    )
    if chance.random() < 0.6:
        made.parent_span_id = chance.choice(("s0", "s1"))
    return made


@pytest.mark.parametrize("seed", range(12))
def test_they_are_those_of_the_spans_after_anything(seed: int) -> None:
    chance = random.Random(seed)
    with open_store() as store:
        for _ in range(6):
            store.write(rows(*(any_span(chance) for _ in range(chance.randrange(1, 8)))))
            if chance.random() < 0.5:
                settle()
            if chance.random() < 0.5:
                before = figures()
                with connect() as link:
                    fold(link)
                assert figures() == before
            assert compared()[0] == 0
    settle()
    assert compared() == (0, 0)
    with connect() as link:
        fold(link)
        fold(link)
    assert compared() == (0, 0)
    assert figures() == figures("usage_day")
    assert of_traces("trace_hour") == of_traces("trace_day")
    assert fetch("select count(*) from usage_hour where fresh") == [(0,)]
    [(counted, stood)] = fetch(
        "select (select sum(traces) from trace_hour), (select count(*) from trace)"
    )
    assert counted == stood
    ((cost, apart),) = fetch("select sum(cost_nano), sum(evaluator_nano) from trace")
    assert fetch("select sum(cost_nano), sum(evaluator_nano) from usage_hour") == [(cost, apart)]


def test_what_is_wrong_is_found_and_put_right() -> None:
    with open_store() as store:
        store.write(rows(*(span(f"s{n}", model="gpt-4o", in_uncached=n) for n in range(5))))
    settle()
    right = figures(), fetch("select sum(traces), sum(duration_us) from trace_hour")
    for harm in (
        "update usage_hour set spans = spans + 3, in_cached = 7",
        "delete from usage_hour",
        "insert into usage_hour select * from usage_hour",
        "update usage_hour set lat_b = '{1}', lat_n = '{9}'",
        "delete from trace_hour",
    ):
        fetch(f"with done as ({harm} returning 1) select count(*) from done")
        assert compared()[0] == 1, harm
        assert compared() == (0, 0)
        assert (figures(), fetch("select sum(traces), sum(duration_us) from trace_hour")) == right
    fetch("with done as (delete from trace_counted returning 1) select 1")
    assert compared() == (1, 1)  # taken back, and queued
    settle()
    assert (figures(), fetch("select sum(traces), sum(duration_us) from trace_hour")) == right


def test_a_trace_that_failed_is_told_from_one_that_recovered() -> None:
    with open_store() as store:
        store.write(
            rows(
                span("root", "failed", kind=Kind.AGENT, level=Level.ERROR),
                span("root", "recovered", kind=Kind.AGENT),
                span("s", "recovered", kind=Kind.TOOL, level=Level.ERROR, parent_span_id="root"),
                span("root", "fine", kind=Kind.AGENT),
            )
        )
        settle()
        counts = "select sum(traces), sum(errors), sum(recovered) from trace_hour"
        assert fetch(counts) == [(3, 1, 1)]
        store.write(
            rows(span("late", "fine", kind=Kind.TOOL, level=Level.ERROR, parent_span_id="root"))
        )
        settle()
    assert fetch(counts) == [(3, 1, 2)]


def test_traces_that_stood_before_models_were_counted_move_to_theirs() -> None:
    migration = import_module("traces.migrations.0020_count_by_models")
    with open_store() as store:
        store.write(
            rows(span("a", "one", model="b"), span("b", "one", model="a"), span("c", "two"))
        )
        settle()
    right = of_traces("trace_hour")
    with connect() as link:
        link.execute("update trace_counted set models = '{}'")
        link.execute("update trace_hour set models = '{}'")
        fold(link)
        assert compared() == (0, 0)
        for statement in (migration.KEEP, migration.MOVE):
            link.execute(statement)
        assert compared() == (0, 0)
        assert of_traces("trace_hour") == right
        fold(link)
    assert of_traces("trace_day") == right
    assert fetch("select models from trace_counted order by trace_id") == [(["a", "b"],), ([],)]
