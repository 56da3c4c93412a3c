"""A query answers, says how far it came, or stops as too wide; and nothing is found twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import Project
from tests.traces.query.stage import tell
from tests.traces.seeing import call, store
from traces.queries import search
from traces.queries.criteria import ANY_ENVIRONMENT, Criteria
from traces.queries.facets import count_facets
from traces.queries.lists import count_newer, list_traces, neighbour
from traces.queries.orders import NEWEST, Order
from traces.queries.patience import Clock, TimeUp, limited
from traces.queries.search import page
from traces.query import parse

pytestmark = pytest.mark.django_db

QUERIES = ["", "order", "ord*", "attr.tier:gold", "provider:openai", "name:nothing", "-sorry"]
ORDERS = [NEWEST, Order("cost"), Order("latency", is_descending=False), Order("score.helpful")]


def asked(text: str) -> Criteria:
    return Criteria(query=parse(text), environment=ANY_ENVIRONMENT)


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.text)
def test_small_steps_find_what_one_long_look_finds(project: Project, order: Order) -> None:
    tell(project, 50)
    for text in QUERIES:
        whole = page(project.pk, asked(text), order=order, limit=200)
        assert whole.is_complete
        found, cursor, steps = [], "", 0
        while True:
            step = page(
                project.pk, asked(text), order=order, after=cursor, limit=7, clock=Clock(soft=0)
            )
            found += [row.trace_id for row in step.rows]
            if step.next_cursor is None:
                break
            assert step.next_cursor != cursor
            cursor, steps = step.next_cursor, steps + 1
            assert steps < 60
        assert found == [row.trace_id for row in whole.rows], text


def test_traces_of_many_spans_are_read_a_few_at_a_time(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found before the time was up is shown, and what follows is the rest."""
    monkeypatch.setattr(search, "MOST_SPANS", 3)
    tell(project, 20)
    calm = Clock(soft=60, hard=60)
    whole = [row.trace_id for row in page(project.pk, asked("ord*"), limit=200, clock=calm).rows]
    first = page(project.pk, asked("ord*"), limit=200, clock=Clock(soft=0))
    assert len(first.rows) < len(whole)
    assert not first.is_complete
    assert first.searched_back_to is not None
    assert first.next_cursor is not None
    rest = page(project.pk, asked("ord*"), limit=200, after=first.next_cursor, clock=calm)
    assert [row.trace_id for row in [*first.rows, *rest.rows]] == whole


def test_one_trace_that_takes_too_long_is_passed_over_on_every_page(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*_: Any) -> list[bool]:
        raise TimeUp

    tell(project, 3)
    monkeypatch.setattr(search, "matches", endless)
    cursors = [""]
    for _ in range(3):
        stopped = page(project.pk, asked("ord*"), limit=5, after=cursors[-1])
        assert stopped.next_cursor is not None
        assert stopped.next_cursor not in cursors
        cursors.append(stopped.next_cursor)


def test_an_attribute_is_looked_for_where_content_is_kept(project: Project) -> None:
    store(
        project,
        call("gold", ago=30, attributes={"tier": "gold"}),
        call("bare", ago=20, attributes={"tier": "gold"}),
        call("plain", ago=10),
    )
    with connection.cursor() as cursor:
        cursor.execute("delete from span_content where trace_id = 'bare'")
    for text, expected in (
        ("attr.tier:gold", ["gold"]),
        ("has:attr.tier", ["gold"]),
        ("-attr.tier:gold", ["plain", "bare"]),
        ("attr.tier:gold OR attr.tier:silver", ["gold"]),
        ("attr.tier:gold OR name:nothing", ["gold"]),
        ("span(attr.tier:gold kind:generation)", ["gold"]),
        ("span(-attr.tier:gold)", ["plain", "bare"]),
    ):
        found = page(project.pk, asked(text), limit=5).rows
        assert [row.trace_id for row in found] == expected, text


def test_the_hard_limit_stops_with_what_was_found(project: Project) -> None:
    store(project, call("t", input="Where is my order?"))
    for order in ORDERS:
        stopped = page(
            project.pk, asked("ord*"), order=order, limit=50, clock=Clock(soft=0, hard=0)
        )
        assert (stopped.rows, stopped.is_too_wide, stopped.is_complete) == ([], True, False)


def test_a_statement_is_stopped_and_the_connection_goes_on() -> None:
    with pytest.raises(TimeUp), limited(0.05) as cursor:
        cursor.execute("select pg_sleep(5)")
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('statement_timeout')")
        assert cursor.fetchone() == ("0",)
    with limited(0.5) as cursor:
        cursor.execute("select 1")
    with connection.cursor() as cursor:
        cursor.execute("select pg_sleep(0.6)")


def test_news_neighbours_and_counts_know_the_content(project: Project) -> None:
    said = {"input": "Where is my order?"}
    store(
        project,
        call("d", ago=1, **said),
        call("c", ago=2),
        call("b", ago=3, **said),
        call("a", ago=4),
        call("first", ago=5, **said),
    )
    rows = {row.trace_id: row for row in list_traces(project.pk, asked("")).rows}
    criteria = asked("order")
    assert count_newer(project.pk, criteria, (rows["first"].start_time, "first")) == 2
    assert neighbour(project.pk, criteria, rows["b"], newer=True) == "d"
    assert neighbour(project.pk, criteria, rows["b"], newer=False) == "first"
    counted = count_facets(project.pk, criteria)
    assert counted.is_upper_bound
    assert counted.total >= 3


def test_a_range_bounds_the_search(project: Project) -> None:
    store(project, call("old", ago=7200, input="order"), call("new", ago=60, input="order"))
    hour = datetime.now(UTC) - timedelta(hours=1)
    criteria = Criteria(query=parse("order"), since=hour)
    assert [row.trace_id for row in list_traces(project.pk, criteria).rows] == ["new"]
    criteria = Criteria(query=parse("order"), until=hour)
    assert [row.trace_id for row in list_traces(project.pk, criteria).rows] == ["old"]


def test_experiments_hide_until_they_are_named(project: Project) -> None:
    store(project, call("run", environment="sdk-experiment"), call("live"))
    for text, expected in (("kind:generation", ["live"]), ("env:sdk-experiment", ["run"])):
        found = list_traces(project.pk, Criteria(query=parse(text))).rows
        assert [row.trace_id for row in found] == expected
