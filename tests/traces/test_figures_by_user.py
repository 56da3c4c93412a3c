"""Figures by user and day are what the traces say, whatever happened to the traces."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Project
from tests.traces.recosting import call, run_jobs, state_price
from tests.traces.recosting import store as store_calls
from tests.traces.stored import connect, fetch, open_store, rows, span
from traces.digest import queue
from traces.digest.settle import settle_what_is_due
from traces.ingest.record import Level, SpanRecord
from traces.queries.limits import Limits
from traces.rollups.users import compare_users, fold_users, forget_users
from traces.services.limits import set_limits
from traces.services.sampling import sample_traces

pytestmark = pytest.mark.django_db(transaction=True)

DAYS = (date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 21))
SUMS = (
    "sum(traces), sum(errors), sum(calls), sum(metered), sum(unpriced), sum(tokens_in), "
    "sum(tokens_out), sum(cost_nano), sum(duration_us)"
)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)


def settle() -> None:
    with connect() as link:
        settle_what_is_due(link)


def summed(where: str = "not sampled") -> list[tuple[Any, ...]]:
    return fetch(
        f"select project_id, day, environment, user_id, {SUMS} from user_day where {where} "
        "group by 1, 2, 3, 4 having sum(traces) <> 0 or sum(cost_nano) <> 0 order by 1, 2, 3, 4"
    )


def from_traces() -> list[tuple[Any, ...]]:
    return fetch(
        "select project_id, (start_time at time zone 'UTC')::date, coalesce(environment, ''), "
        "user_id, count(*), sum((error_count > 0 and root_ok is not true)::int), "
        "sum(call_count), sum(metered_count), "
        "sum(unpriced_count), sum(tokens_in), sum(tokens_out), sum(cost_nano), sum(duration_us) "
        "from trace where user_id <> '' and span_count > 0 group by 1, 2, 3, 4 order by 1, 2, 3, 4"
    )


def any_span(chance: random.Random) -> SpanRecord:
    return span(
        f"s{chance.randrange(6)}",
        f"t{chance.randrange(5)}",
        at=chance.choice((0, 3590, 43_100, 43_300, -60)),
        lasts=chance.choice((None, 1, 300)),
        level=chance.choice((Level.DEFAULT, Level.ERROR)),
        model=chance.choice(("gpt-4o", "no-such-model")),
        environment=chance.choice((None, "production")),
        user_id=chance.choice((None, "", "anna", "bert")),
        in_uncached=chance.choice((None, 0, 100)),
        out_text=chance.choice((None, 7)),
    )


@pytest.mark.parametrize("seed", range(8))
def test_they_are_those_of_the_traces_after_anything(seed: int) -> None:
    chance = random.Random(seed)
    with open_store() as store:
        for _ in range(6):
            made = rows(*(any_span(chance) for _ in range(8)), project_id=chance.choice((1, 2)))
            store.write(made)
            if chance.random() < 0.5:
                settle()
            if chance.random() < 0.3:
                with connect() as link:
                    fold_users(link)
    settle()
    assert summed() == from_traces() != []
    with connect() as link:
        fold_users(link)
        assert [compare_users(link, day) for day in DAYS] == [(0, 0)] * 3
    assert summed() == from_traces()
    assert fetch("select count(*) from user_day where fresh") == [(0,)]
    ((lines, keys),) = fetch(
        "select count(*), count(distinct (project_id, day, environment, user_id)) from user_day"
    )
    assert lines == keys


def test_what_differs_is_repaired_and_what_was_missed_is_looked_at_again() -> None:
    with open_store() as store:
        store.write(rows(span("a", "t1", user_id="anna"), span("b", "t2", user_id="bert")))
    settle()
    with connect() as link:
        link.execute("update user_day set traces = 7 where user_id = 'anna'")
        link.execute("delete from user_counted where trace_id = 't2'")
        link.execute("update trace set cost_nano = 5 where trace_id = 't1'")
        wrong, missed = compare_users(link, DAYS[1])
        assert (wrong, missed) == (2, 2)
        settle()
        assert compare_users(link, DAYS[1]) == (0, 0)
    assert summed() == from_traces()


def test_users_are_forgotten_with_their_traces() -> None:
    with open_store() as store:
        store.write(rows(span("a", "t1", user_id="anna"), span("b", "t2", user_id="b", at=86_400)))
    settle()
    with connect() as link:
        forget_users(link, datetime(2026, 11, 21, 3, tzinfo=UTC) + timedelta(0))
    assert [row[3] for row in summed()] == ["b"]
    assert fetch("select trace_id from user_counted") == [("t2",)]


def test_a_new_price_reaches_the_users(project: Project) -> None:
    store_calls(project, call("a", user_id="anna"), call("b", "t2", user_id="anna"))
    settle()
    assert [(row[3], row[8], row[11]) for row in summed()] == [("anna", 2, 0)]
    state_price(project)
    run_jobs()
    assert [(row[3], row[8], row[11]) for row in summed()] == [("anna", 0, 6_000_000)]
    assert summed() == from_traces()


def test_what_is_sampled_away_stays_in_the_figures(project: Project) -> None:
    set_limits(project, Limits(keep_percent=Decimal(0), wait_minutes=0), actor=None)
    with open_store() as store:
        store.write(rows(span("a", "t1", user_id="anna"), project_id=project.pk))
        settle()
        before = summed()
        while sample_traces():
            pass
        assert fetch("select count(*) from trace") == fetch("select count(*) from user_counted")
        assert summed() == []
        assert summed("sampled") == before
        store.write(rows(span("b", "t1", user_id="anna"), project_id=project.pk))
        settle()
        while sample_traces():
            pass
    ((*_, user, traces, _, calls), *_) = [row[:7] for row in summed("sampled")]
    assert (user, traces, calls) == ("anna", 1, 2)
