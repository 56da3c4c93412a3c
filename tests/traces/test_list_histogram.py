"""The histogram above the list: the same numbers from traces and from hours, and a selection."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains

from accounts.models import Project
from tests.traces.seeing import call, many, span, store
from tests.traces.stored import connect
from traces.digest import queue
from traces.digest.settle import settle_what_is_due
from traces.ingest.record import Kind, Level
from traces.pages import histogram
from traces.queries import bars as bars_queries
from traces.queries.bars import MEASURES, bars
from traces.queries.criteria import Criteria
from traces.query import parse
from traces.rollups.compaction import fold
from traces.values.slices import Bar, slices

pytestmark = pytest.mark.django_db

LIST = "/p/support/traces/"
PIECE = {"HX-Request": "true"}
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
# The measures that the figures hold of a query; None: all of them.
ENVIRONMENTS = ("production", "staging")
MODELS = ("tiny", "large")
QUERIES: dict[str, set[str] | None] = {
    "": None,
    "env:production": None,
    "env:(production, staging) feature:refunds": {"count", "errors", "p95"},
    "release:1.1": {"count", "errors", "p95"},
    "status:error": {"count", "errors"},
    "status:error feature:refunds": {"count", "errors"},
    "status:ok": set(),
    "feature:ref*": set(),
    "-feature:refunds": {"count", "errors", "p95"},
    "feature!=refunds -name:answer": {"count", "errors", "p95"},
    "-env:staging": set(),
    "-status:error": set(),
    "feature:refunds OR release:1.1": set(),
    "model:gpt-4o": {"count", "errors", "p95"},
    "model:(gpt-4o, tiny) -model:gpt-4o feature:refunds": {"count", "errors", "p95"},
    "model:tiny model:gpt-4o": {"count", "errors", "p95"},
    "-model:gpt-4o": {"count", "errors", "p95"},
    "model:gpt*": set(),
}


@pytest.mark.parametrize(
    ("length", "step", "count"),
    [
        (timedelta(minutes=15), 15, 60),
        (timedelta(hours=1), 60, 60),
        (timedelta(hours=24), 1440, 60),
        (timedelta(days=7), 3 * 3600, 56),
        (timedelta(days=30), 12 * 3600, 60),
        (timedelta(days=400), 7 * 86_400, 58),
    ],
)
def test_slices_are_round_and_at_most_sixty(length: timedelta, step: int, count: int) -> None:
    cut = slices(NOON - length, NOON)
    assert (cut.step, cut.base % step) == (step, 0)
    assert count <= cut.count <= count + 1
    assert (cut.starts(0), cut.ends(cut.count - 1)) == (NOON - length, NOON)


def test_a_range_between_two_slices_is_cut_at_its_ends() -> None:
    cut = slices(NOON - timedelta(hours=24, minutes=7), NOON + timedelta(minutes=5))
    inner = cut.starts(1)
    assert int(inner.timestamp()) % cut.step == 0
    assert cut.starts(0) == NOON - timedelta(hours=24, minutes=7)


def test_a_selection_is_whole_slices_and_holds_their_sums() -> None:
    cut = slices(NOON - timedelta(hours=1), NOON)
    filled = [Bar(2, 1) for _ in range(cut.count)]
    text = "2026-11-20T11:10:20Z..2026-11-20T11:13:00Z"
    chosen = histogram.selection(cut, filled, text)
    assert chosen is not None
    assert (chosen.traces, chosen.errors) == (6, 3)
    assert chosen.text == "2026-11-20T11:10:00Z..2026-11-20T11:13:00Z"
    again = histogram.selection(cut, filled, chosen.text)
    assert again == chosen
    for bad in (
        "",
        "24h",
        "x..y",
        "2020-01-01..2020-01-02",
        "2026-11-20T11:13Z..2026-11-20T11:10Z",
    ):
        assert histogram.selection(cut, filled, bad) is None


def test_bars_count_traces_and_errors(project: Project) -> None:
    many(project, 30, apart=60)
    store(project, span("bad", "r", ago=90, level=Level.ERROR))
    found = bars(project.pk, Criteria(since=datetime.now(UTC) - timedelta(hours=1)), "count")
    assert (found.traces, found.errors, found.is_by_hour) == (31, 1, False)
    assert 60 <= len(found.bars) <= 61


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("measure", MEASURES)
def test_hours_and_traces_give_the_same_bars(
    project: Project, measure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(project, 80, apart=3600, cost=0.01)
    store(
        project,
        span("bad", "r", ago=30 * 3600, level=Level.ERROR),
        span("well", "r", ago=40 * 3600),  # went on after a tool failed
        span("well", "s", ago=40 * 3600, parent_span_id="r", level=Level.ERROR),
        span("bad2", "r", ago=60 * 3600, level=Level.ERROR, feature="refunds"),
        call("x", ago=9),
        *(call(f"m{n}", ago=n * 7000, model=MODELS[n % 2]) for n in range(20)),
        span("tool", ago=70 * 3600, kind=Kind.TOOL, cost_given={"total": 0.5}),
        call("both", "a", ago=20 * 3600),
        call("both", "b", ago=20 * 3600, model="tiny", parent_span_id="a"),
        *(call(f"r{n}", ago=n * 5000, feature="refunds", release=f"1.{n % 2}") for n in range(30)),
        *(call(f"p{n}", ago=n * 9000, environment=ENVIRONMENTS[n % 2]) for n in range(30)),
        call("old", ago=50 * 86_400, cost=0.02),
    )
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)
    with connect() as link:
        settle_what_is_due(link)
    since = datetime.now(UTC) - timedelta(days=7)
    long = since - timedelta(days=48)
    found = {}
    for number in range(2):  # the second time from the figures by day
        for query in QUERIES:
            wide = Criteria(since=since, query=parse(query))
            found[query, number] = (
                bars(project.pk, wide, measure),
                bars(project.pk, replace(wide, since=long), measure),
            )
        with connect() as link:
            fold(link)
    monkeypatch.setattr(bars_queries, "_SETTLED", timedelta(days=100))
    for (query, _), (by_hour, by_day) in found.items():
        wide = Criteria(since=since, query=parse(query))
        is_held = QUERIES[query] is None or measure in QUERIES[query]
        by_trace = bars(project.pk, wide, measure)
        assert (by_hour.is_by_hour, by_trace.is_by_hour) == (is_held, False)
        assert by_hour.bars == by_trace.bars, query
        by_trace = bars(project.pk, replace(wide, since=by_day.cut.since), measure)
        assert by_day.cut.step == 86_400
        assert by_day.bars == by_trace.bars, query
    assert (found["", 0][0].traces, found["", 0][0].errors) == (166, 2)


def test_the_piece_selects_and_says_what_is_in_it(project: Project, member_client: Client) -> None:
    many(project, 20, apart=10)
    html = member_client.get(f"{LIST}?t=1h&piece=histogram", headers=PIECE).content.decode()
    assert "20 traces in" in html
    now = datetime.now(UTC)
    since, until = now - timedelta(minutes=30), now + timedelta(minutes=1)
    chosen = f"{since:%Y-%m-%dT%H:%MZ}..{until:%Y-%m-%dT%H:%MZ}"
    response = member_client.get(
        LIST, {"t": "1h", "piece": "histogram", "sel": chosen, "push": "1"}, headers=PIECE
    )
    assertContains(response, "20 traces")
    assertContains(response, "Zoom")
    assert "sel=" in response["HX-Push-Url"]
    assert re.search(r'href="[^"]*q=status%3Aerror[^"]*">0 errors', response.content.decode())


def test_bars_that_take_too_long_are_given_up(
    project: Project, member_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(project, 3)
    slow = bars_queries._OF_TRACES.replace("count(*) filter", "pg_sleep(1)::text, count(*) filter")
    monkeypatch.setattr(bars_queries, "_OF_TRACES", slow)
    assert bars(project.pk, Criteria(), "count", seconds=0.05).is_too_wide
    assert member_client.get(LIST).status_code == 200  # the rows do not wait for it


def test_the_histogram_asks_little(
    project: Project, member_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many(project, 5)
    with django_assert_max_num_queries(13):
        member_client.get(f"{LIST}?t=7d&piece=histogram&chart=p95", headers=PIECE)
