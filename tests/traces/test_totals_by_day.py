"""Days told apart by one dimension hold what the hours hold, and are what months are read from."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.traces.stored import connect, fetch, open_store
from tests.traces.test_figures_by_hour import DAY, NOON, any_span, at_once, settle
from traces.ingest.pipeline import prepare_records
from traces.ingest.wire.decode import Decoded
from traces.queries.usage import Scope, span_figures
from traces.rollups.compaction import fold
from traces.rollups.totals import COLUMNS, Total, total_of
from traces.rollups.usage import SUMS
from traces.services.deletion import delete_traces

pytestmark = pytest.mark.django_db(transaction=True)
_ = at_once  # used by every test here as well
LAST = (DAY[0], DAY[1] + timedelta(days=1))
MIGRATION = Path(__file__).parents[2] / "traces/migrations/0025_usage_totals.sql"


def sent(chance: random.Random, spans: int) -> None:
    records = [any_span(chance) for _each in range(spans)]
    for record in records:
        record.prompt_name = chance.choice((None, "greeting", "farewell"))
        record.prompt_version = chance.choice(("1", "2")) if record.prompt_name else None
        record.environment = chance.choice((None, "staging"))
    with open_store() as store:
        store.write(prepare_records(Decoded(records), 1).spans)


def folded() -> None:
    with connect() as link:
        fold(link)


def totals(one: Total, source: str, day: str) -> list[tuple[Any, ...]]:
    keys = ", ".join((day, "environment", *sorted(COLUMNS[one])))
    sums = ", ".join(f"sum({name})" for name in SUMS)
    having = " or ".join(f"sum({name}) <> 0" for name in SUMS)
    return fetch(f"select {keys}, {sums} from {source} group by {keys} having {having} order by 1")


@pytest.mark.parametrize("seed", range(4))
def test_they_are_the_sums_of_the_hours_after_anything(seed: int) -> None:
    chance = random.Random(seed)
    for _round in range(4):
        sent(chance, chance.randrange(2, 9))
        if chance.random() < 0.5:
            settle()
        if chance.random() < 0.7:
            folded()
    settle()
    folded()
    for one in Total:
        hours = totals(one, "usage_hour", "(hour at time zone 'UTC')::date")
        days = totals(one, f"usage_total where dimension = {int(one)}", "day")
        assert sorted(days, key=str) == sorted(hours, key=str)
        assert days
    delete_traces(1, [trace for (trace,) in fetch("select trace_id from trace")])
    folded()
    assert fetch("select count(*) from usage_total") == [(0,)]


def test_figures_are_the_same_by_whichever_table_they_are_read() -> None:
    chance = random.Random(9)
    sent(chance, 12)
    folded()
    sent(chance, 6)  # fresh: not yet in the days
    scope = Scope(1, *LAST)
    for by in (("day", "feature"), ("day", "model", "provider"), ("environment",), ("day",), ()):
        with CaptureQueriesContext(
            connection,
        ) as made:
            short = span_figures(scope, by, with_latencies=False)
        assert "usage_total" in made.captured_queries[0]["sql"]
        with CaptureQueriesContext(connection) as made:
            long = span_figures(scope, by)
        assert "usage_total" not in made.captured_queries[0]["sql"]
        assert _plain(short) == _plain(long)
    by_version = ("prompt_name", "prompt_version")
    read = span_figures(scope, by_version, with_latencies=False)
    assert _plain(read) == _plain(span_figures(scope, by_version))  # by hour
    narrow = Scope(1, *LAST, environment="staging", equal={"prompt_name": "greeting"})
    read = span_figures(narrow, ("prompt_version",), with_latencies=False)
    assert _plain(read) == _plain(span_figures(narrow, ("prompt_version",)))
    edges = Scope(1, NOON, LAST[1])  # hours of the first day, days after it
    read = span_figures(edges, ("feature",), with_latencies=False)
    assert _plain(read) == _plain(span_figures(edges, ("feature",)))


def test_what_no_single_dimension_answers_is_read_elsewhere() -> None:
    assert total_of(("day", "feature", "environment")) is Total.FEATURE
    assert total_of(("prompt_version",)) is Total.PROMPT
    assert total_of(("day",)) is Total.MODEL
    for asked in (("feature", "model"), ("kind",), ("hour",), ("model", "prompt_name")):
        assert total_of(asked) is None, asked


def test_an_update_fills_them_with_what_was_folded_before() -> None:
    sent(random.Random(3), 20)
    folded()
    sent(random.Random(4), 5)
    wanted = sorted(fetch("select * from usage_total"), key=str)
    with connect() as link:
        link.execute("drop table usage_total")
        link.execute(MIGRATION.read_text())
    assert sorted(fetch("select * from usage_total"), key=str) == wanted
    assert wanted


def _plain(figures: list[Any]) -> dict[Any, Any]:
    return {
        one.key: (
            one.spans, one.errors, one.calls, one.unpriced, one.tokens, one.cost_nano,
            one.evaluator_nano, one.duration_us, one.sampled,
        )
        for one in figures
    }  # fmt: skip
