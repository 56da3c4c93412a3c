"""A span that is sent again after its trace was sampled away counts once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Project
from tests.traces.stored import NOON, SECOND, connect, fetch, open_store, rows, span
from traces.digest import queue
from traces.digest.settle import settle_what_is_due
from traces.ingest.record import Level, SpanRecord
from traces.queries.limits import Limits
from traces.queries.sampling import sampled_away
from traces.queries.usage import Scope, span_figures
from traces.rollups.repair import compare
from traces.services.limits import set_limits
from traces.services.sampling import sample_traces

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.fromtimestamp(NOON / SECOND, UTC).replace(hour=0)
TOMORROW = DAY + timedelta(days=1)
USED: dict[str, Any] = {"model": "gpt-4o", "in_uncached": 100, "cost_given": {"total": 0.01}}
FIRST = {"user_id": "u", **USED}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settled without waiting three seconds for it."""
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)


def send(project: Project, *records: SpanRecord) -> None:
    with open_store() as store:
        store.write(rows(*records, project_id=project.pk))
    with connect() as link:
        settle_what_is_due(link)


def users(project: Project) -> list[tuple[Any, ...]]:
    return fetch(
        "select sum(traces), sum(calls), sum(tokens_in), sum(cost_nano) from user_day "
        "where project_id = %s",
        project.pk,
    )


def gone(project: Project) -> tuple[int, int, int]:
    found = sampled_away(project.pk, DAY, TOMORROW)
    return found.traces, found.spans, found.cost_nano


def whole(project: Project) -> tuple[int, int, int]:
    [found] = span_figures(Scope(project.pk, DAY, TOMORROW))
    return found.spans, found.calls, found.cost_nano


@pytest.fixture
def sampled(project: Project) -> Project:
    """A project that keeps nothing but errors, with one trace of two calls that went."""
    set_limits(project, Limits(keep_percent=Decimal(0), wait_minutes=0), actor=None)
    send(project, span("a", "t", **FIRST), span("b", "t", parent_span_id="a", at=5, **USED))
    assert sample_traces() == 1
    return project


def test_what_comes_again_goes_again_uncounted(sampled: Project) -> None:
    before = gone(sampled), whole(sampled), users(sampled)
    for again in (["a", "b"], ["b"]):
        send(sampled, *(span(one, "t", at=5 * (one == "b"), **USED) for one in again))
        sample_traces()
        assert (gone(sampled), whole(sampled), users(sampled)) == before
        assert fetch("select count(*) from span") == fetch("select count(*) from trace") == [(0,)]
        assert fetch("select count(*) from span_content") == [(0,)]


def test_beside_a_repeat_only_what_is_new_is_counted(sampled: Project) -> None:
    spans, calls, cost = whole(sampled)
    new = span("c", "t", parent_span_id="a", at=9, **FIRST)
    send(sampled, span("b", "t", at=5, **USED), new)
    sample_traces()
    assert whole(sampled) == (spans + 1, calls + 1, cost + 10_000_000)
    assert gone(sampled) == (1, 3, cost + 10_000_000)
    assert users(sampled)[0][0] == 1


@pytest.mark.parametrize("why", ["an error", "a raised share"])
def test_a_repeat_that_stays_counts_as_kept_alone(sampled: Project, why: str) -> None:
    spans, calls, cost = whole(sampled)
    level = Level.DEFAULT
    if why == "an error":
        level = Level.ERROR
    else:
        set_limits(sampled, Limits(keep_percent=Decimal(100)), actor=None)
    late = span("c", "t", parent_span_id="a", at=9, level=level, **USED)
    send(sampled, span("a", "t", **FIRST), late)
    for _ in range(2):
        sample_traces()
        assert whole(sampled) == (spans + 1, calls + 1, cost + 10_000_000)
    assert gone(sampled)[1:] == (1, 10_000_000)  # b alone
    assert fetch("select span_id from span order by 1") == [("a",), ("c",)]
    with connect() as link:
        assert compare(link, DAY, TOMORROW).wrong == 0


def test_a_repeat_that_stays_counts_once_for_its_user(sampled: Project) -> None:
    ((_, calls, tokens, cost),) = users(sampled)
    late = span("c", "t", parent_span_id="a", at=9, level=Level.ERROR, **USED)
    send(sampled, span("a", "t", **FIRST), late)
    sample_traces()
    assert users(sampled)[0][1:] == (calls + 1, tokens + 100, cost + 10_000_000)
