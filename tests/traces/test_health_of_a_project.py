"""The overview's figures are what traces and spans add up to, and its words follow from them."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import ANY

import pytest

from tests.traces.stored import connect, fetch, open_store, rows, span
from traces.digest import queue
from traces.digest.settle import settle_what_is_due
from traces.ingest.record import Level
from traces.pages import comparing
from traces.pages.spikes import compared, failing
from traces.queries.changes import first_seen
from traces.queries.health import health_of, sums_of
from traces.queries.usage import Scope, TracesFigures, trace_figures
from traces.rollups.compaction import fold

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def settle() -> None:
    with connect() as link:
        settle_what_is_due(link)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)


@pytest.fixture
def nine_days() -> None:
    """Three hundred traces of one call, over nine days before noon."""
    chance = random.Random(11)
    made = [
        span(
            "s",
            f"t{number}",
            at=-chance.randrange(9 * 86_400),
            lasts=chance.choice((0.2, 1, 30)),
            level=chance.choice((Level.DEFAULT, Level.DEFAULT, Level.ERROR)),
            name=chance.choice(("answer", "route", "index")),
            model="gpt-4o",
            environment=chance.choice(("production", "sdk-experiment")),
            in_uncached=1000,
            out_text=50,
        )
        for number in range(300)
    ]
    with open_store() as store:
        store.write(rows(*made))
    settle()
    with connect() as link:
        link.execute(
            "insert into score (project_id, trace_id, id, name, data_type, source, num, at, "
            "created_at, updated_at) select 1, trace_id, trace_id, 'thumbs', 'boolean', "
            "case when random() < .7 then 'user' else 'judge' end, (random() < .5)::int, "
            "start_time, now(), now() from trace"
        )


def folded() -> None:
    """From then on whole days are read from the figures by day."""
    with connect() as link:
        fold(link)


def figures_by_name(scope: Scope) -> dict[tuple[Any, ...], TracesFigures]:
    return {one.key: one for one in trace_figures(scope, ["name"])}


def from_rows(scope: Scope) -> tuple[Any, ...]:
    bounds = (scope.since, scope.until)
    hidden = "" if scope.environment == "*" else "and environment <> 'sdk-experiment'"
    ((traces, errors, cost),) = fetch(
        "select count(*), count(*) filter (where error_count > 0 and root_ok is not true), "
        "coalesce(sum(cost_nano), 0) "
        f"from trace where start_time >= %s and start_time < %s {hidden}",
        *bounds,
    )
    ((rated, down),) = fetch(
        "select count(*), count(*) filter (where num <= 0) from score s join trace t "
        f"using (project_id, trace_id) where source = 'user' and start_time >= %s "
        f"and start_time < %s {hidden.replace('environment', 't.environment')}",
        *bounds,
    )
    return traces, errors, int(cost), rated, down


@pytest.mark.parametrize("hours", [5, 24, 72, 24 * 8])
@pytest.mark.parametrize("environment", ["", "*"])
@pytest.mark.usefixtures("nine_days")
def test_sums_are_those_of_the_rows_and_the_course_adds_up(hours: int, environment: str) -> None:
    scope = Scope(1, NOON - hours * HOUR, NOON + HOUR, environment)
    before = Scope(1, NOON - 2 * hours * HOUR, NOON - hours * HOUR, environment)
    health = health_of(scope, before)
    for sums, of in ((health.now, scope), (health.before, before)):
        assert sums is not None
        found = (sums.count, sums.failed, sums.cost_nano or 0, sums.said.rated, sums.said.down)
        assert found == from_rows(of)
    assert health.now == sums_of(scope)
    places = health.places
    assert sum(place.traces for place in places) == health.now.count
    assert sum(place.failed for place in places) == health.now.failed
    assert sum(place.cost_nano for place in places) == (health.now.cost_nano or 0)
    assert sum(place.down for place in places) == health.now.said.down
    assert (places[0].at, places[-1].until) == (scope.since, scope.until)
    for one, other in itertools.pairwise(places):
        assert one.until == other.at
    names = figures_by_name(scope)
    folded()
    assert health_of(scope, before) == replace(health, waiting_seconds=ANY)
    assert figures_by_name(scope) == names


def test_nothing_is_no_figure() -> None:
    health = health_of(Scope(1, NOON, NOON + HOUR), None)
    now = health.now
    assert (now.count, now.error_share, now.cost_nano, now.said.share_down) == (0, None, None, None)
    assert health.before is None
    assert not health.is_stale


def test_what_waits_long_makes_the_figures_old(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store() as store:
        store.write(rows(span()))
    with connect() as link:
        link.execute("update digest_queue set queued_at = now() - interval '5 minutes'")
    health = health_of(Scope(1, NOON, NOON + HOUR), None)
    assert health.is_stale
    assert 299 < health.waiting_seconds < 400


def test_what_is_new_is_seen_once_and_by_its_first_hour() -> None:
    old = {"release": "1.0", "prompt_name": "greet", "prompt_version": "1", "provider": "openai"}
    new = {**old, "release": "1.1", "prompt_version": "2", "provider": "azure"}
    scope = Scope(1, NOON, NOON + 24 * HOUR)
    with open_store() as store:
        store.write(rows(span("a", "t1", at=-7200, model="gpt-4o", **old)))
        settle()
        assert first_seen(Scope(1, NOON - 3 * HOUR, NOON)) == []  # a beginning is no change
        store.write(
            rows(
                span("b", "t2", at=60, model="gpt-4o", **old),
                span("c", "t3", at=7300, model="gpt-5", **new),
                span("d", "t4", at=9000, model="gpt-5", **new),
                span("e", "t5", at=60, model="probe", environment="sdk-experiment"),
            )
        )
    settle()
    seen = {(one.kind, one.name, one.version): (one.at, one.count) for one in first_seen(scope)}
    folded()
    again = {(one.kind, one.name, one.version): (one.at, one.count) for one in first_seen(scope)}
    assert seen == again
    assert seen == {
        ("release", "1.1", ""): (NOON + 2 * HOUR, 2),
        ("prompt", "greet", "2"): (NOON + 2 * HOUR, 2),
        ("model", "gpt-5", ""): (NOON + 2 * HOUR, 2),
        ("provider", "azure", ""): (NOON + 2 * HOUR, 2),
    }
    assert len(first_seen(Scope(1, scope.since, scope.until, "*"))) == 5


def figures(name: str, traces: int, errors: int, bucket: int = 30) -> TracesFigures:
    return TracesFigures((name,), traces, errors, 0, 0, {bucket: traces})


def test_a_name_is_called_worse_only_where_it_is_no_chance() -> None:
    now = [figures("a", 100, 20), figures("b", 100, 6), figures("c", 8, 8), figures("d", 50, 0, 40)]
    was = [figures("a", 100, 2), figures("b", 100, 4), figures("d", 50, 0, 30)]
    names = {one.name: one for one in compared(now, was)}
    assert [name for name, one in names.items() if one.is_failing_more] == ["a"]
    assert [name for name, one in names.items() if one.is_slower] == ["d"]
    assert [one.name for one in failing(names.values())] == ["a", "c", "b"]
    assert names["c"].share_before is None


@pytest.mark.usefixtures("nine_days")
def test_failing_names_are_those_of_the_traces() -> None:
    scope = Scope(1, NOON - 48 * HOUR, NOON, "*")
    names = failing(compared(trace_figures(scope, ["name"]), []))
    assert {one.name: one.failed for one in names} == dict(
        fetch(
            "select name, count(*) from trace where error_count > 0 and root_ok is not true "
            "and start_time >= %s "
            "and start_time < %s group by 1",
            scope.since,
            scope.until,
        )
    )


def test_changes_are_told_in_words() -> None:
    assert comparing.change(112, 100) == "+12%"
    assert comparing.change(94, 100) == "−6%"
    assert comparing.change(100, 100) == "as before"
    assert comparing.change(420, 100) == "×4.2"
    assert comparing.change(1, 0) == comparing.change(None, 4) == ""
    assert comparing.points(0.05, 0.036) == "+1.4 points"
    assert comparing.points(0.05, 0.06) == "−1 point"
    assert comparing.points(None, 0.06) == ""
    assert comparing.tone(2, 1, worse_is_more=True) == "bad"
    assert comparing.tone(1, 2, worse_is_more=True) == "ok"
    assert comparing.tone(1, 0, worse_is_more=True) == "bad"
    assert comparing.tone(2, 1, worse_is_more=None) == "muted"
