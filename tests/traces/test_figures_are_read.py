"""What pages read from the roll-ups is what the spans and traces add up to."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.traces.stored import connect, fetch, open_store, rows, span
from traces.digest import queue
from traces.digest.settle import settle_what_is_due
from traces.ingest.record import Level
from traces.queries.usage import Scope, SpanFigures, span_figures, trace_figures
from traces.rollups.compaction import fold

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def five_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)
    chance = random.Random(4)
    made = [
        span(
            f"s{number}",
            f"t{number % 40}",
            at=-chance.randrange(5 * 86_400),
            lasts=chance.choice((0.2, 1, 30)),
            level=chance.choice((Level.DEFAULT, Level.DEFAULT, Level.ERROR)),
            model=chance.choice(("gpt-4o", "unknown-model")),
            feature=chance.choice(("refunds", "search", None)),
            environment=chance.choice(("production", "staging", "sdk-experiment")),
            in_uncached=chance.choice((None, 1000)),
            out_text=50,
        )
        for number in range(400)
    ]
    with open_store() as store:
        store.write(rows(*made[:250]))
        store.write(rows(*made[250:], project_id=2))
        with connect() as link:
            settle_what_is_due(link)
            fold(link)
        store.write(rows(*(span(f"late{n}", "late", at=-n * 40_000) for n in range(6))))
    with connect() as link:
        settle_what_is_due(link)


def from_spans(where: str, by: str) -> dict[Any, tuple[int, ...]]:
    query = (
        f"select {by}, count(*), count(*) filter (where level = 3), "
        "coalesce(sum(cost_nano), 0), coalesce(sum(in_uncached), 0), sum(duration_us) "
        f"from span where project_id = 1 and {where} group by 1"
    )
    return {key: tuple(int(value) for value in rest) for key, *rest in fetch(query)}


def shown(found: list[SpanFigures]) -> dict[Any, tuple[int, ...]]:
    return {
        one.key[0]: (
            one.spans,
            one.errors,
            one.cost_nano,
            one.tokens["in_uncached"],
            one.duration_us,
        )
        for one in found
    }


@pytest.mark.parametrize("hours", [3, 24, 40, 24 * 6])
@pytest.mark.parametrize("by", ["feature", "model", "environment", "provider"])
@pytest.mark.usefixtures("five_days")
def test_sums_by_a_dimension_are_those_of_the_spans(hours: int, by: str) -> None:
    since = NOON - timedelta(hours=hours)
    scope = Scope(1, since, NOON + timedelta(hours=1), environment="*")
    when = f"start_time >= '{since}' and start_time < '{scope.until}'"
    column = f"coalesce({by}, '')"
    assert shown(span_figures(scope, [by])) == from_spans(when, column)
    narrowed = Scope(1, since, scope.until, equal={"model": "gpt-4o"})
    assert shown(span_figures(narrowed, [by])) == from_spans(
        f"{when} and model = 'gpt-4o' and environment is distinct from 'sdk-experiment'", column
    )
    [total] = span_figures(scope)
    assert sum(total.latencies.values()) == total.spans
    assert total.percentile_us(0.5) is not None


@pytest.mark.usefixtures("five_days")
def test_traces_by_name_and_of_another_project() -> None:
    scope = Scope(1, NOON - timedelta(days=9), NOON + timedelta(hours=1), environment="*")
    [total] = trace_figures(scope)
    assert fetch("select count(*) from trace where project_id = 1") == [(total.traces,)]
    by_name = trace_figures(scope, ["name"])
    assert sum(one.traces for one in by_name) == total.traces
    assert sum(one.duration_us for one in by_name) == total.duration_us
    assert trace_figures(Scope(3, scope.since, scope.until, "*")) == []


def test_a_dimension_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match="no such dimension: colour"):
        span_figures(Scope(1, NOON, NOON), ["colour"])
