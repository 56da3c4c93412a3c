"""What a list of traces holds, in which order, and what unknown means in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Project
from kit.paging import BadCursor
from tests.factories import make_project
from tests.traces.seeing import call, many, span, store
from traces.ingest.record import Kind, Level
from traces.queries.criteria import Criteria
from traces.queries.lists import count_newer, cursor_key, cursor_of, list_traces, neighbour

pytestmark = pytest.mark.django_db


def ids(project: Project, **criteria: Any) -> list[str]:
    return [trace.trace_id for trace in list_traces(project.pk, Criteria(**criteria)).rows]


def test_pages_follow_each_other_without_gap_or_repeat(project: Project) -> None:
    expected = many(project, 23, apart=0)  # all start at once: only the id tells them apart
    seen: list[str] = []
    cursor = ""
    for _ in range(5):
        page = list_traces(project.pk, Criteria(), after=cursor, limit=5)
        seen += [trace.trace_id for trace in page.rows]
        cursor = page.next_cursor or ""
    assert seen == sorted(expected, reverse=True)
    assert cursor == ""


def test_rows_that_arrive_meanwhile_do_not_shift_the_next_page(project: Project) -> None:
    expected = many(project, 10)
    first = list_traces(project.pk, Criteria(), limit=4)
    store(project, call("newest", ago=1))
    second = list_traces(project.pk, Criteria(), after=first.next_cursor or "", limit=4)
    assert [trace.trace_id for trace in second.rows] == expected[4:8]
    assert count_newer(project.pk, Criteria(), cursor_key(cursor_of(first.rows[0]))) == 1


def test_other_projects_are_never_seen(project: Project) -> None:
    store(make_project("other"), call("theirs"))
    assert ids(project) == []


def test_experiments_are_left_out_until_asked_for(project: Project) -> None:
    store(project, call("run", environment="sdk-experiment"), call("live"), call("none-set", ago=5))
    assert ids(project) == ["none-set", "live"]
    assert ids(project, environment="sdk-experiment") == ["run"]
    assert len(ids(project, environment="*")) == 3


@pytest.mark.parametrize(
    "criteria",
    [
        {"status": "error"},
        {"q": "REFUND"},
        {"q": "wanted"},
        {"name": "refund-agent"},
        {"model": "claude"},
        {"prompt": "refund/a/7"},
        {"tag": "beta"},
        {"user_id": "u1"},
        {"session_id": "s1"},
        {"feature": "refunds"},
        {"release": "1.4"},
        {"environment": "staging"},
        {"min_duration_us": 5_000_000},
        {"min_cost_nano": 30_000_000},
        {"min_tokens": 500},
        {"min_tokens": 500, "max_tokens": 700, "status": "error", "q": "agent"},
    ],
    ids=lambda criteria: "+".join(criteria),
)
def test_each_filter_finds_its_trace(project: Project, criteria: dict[str, Any]) -> None:
    wanted = call(
        "wanted", name="refund-agent", model="claude", prompt_name="refund/a", prompt_version="7",
        tags=["beta"], user_id="u1", session_id="s1", feature="refunds", release="1.4",
        environment="staging", lasts=9, cost=0.04, in_uncached=580, level=Level.ERROR,
    )  # fmt: skip
    store(project, wanted, call("other", cost=0.001))
    assert ids(project, **criteria) == ["wanted"]


def test_running_and_ok_exclude_each_other(project: Project) -> None:
    store(project, call("done"), call("open", lasts=None))
    assert ids(project, status="running") == ["open"]
    assert ids(project, status="ok") == ["done"]


def test_unknown_is_not_zero(project: Project) -> None:
    ours = {"model": "a-model-of-our-own", "provider": "house"}  # in no table of prices
    store(
        project,
        span("no-call"),
        call("unpriced", **ours),
        call("partly", cost=0.5, **ours),
        call("partly", "second", at=0.1, **ours),
        call("silent", in_uncached=None, out_text=None, **ours),
        call("free", cost=0, **ours),
    )
    found = {trace.trace_id: trace for trace in list_traces(project.pk, Criteria()).rows}
    assert (found["no-call"].cost, found["no-call"].tokens) == (None, None)
    assert not found["no-call"].is_unpriced
    assert (found["unpriced"].cost, found["unpriced"].is_unpriced) == (None, True)
    assert (found["partly"].cost, found["partly"].is_partly_priced) == (500_000_000, True)
    assert found["silent"].tokens is None
    assert found["free"].cost == 0
    # Nor does a bound take what is unknown for little.
    assert set(ids(project, max_cost_nano=10**12)) == {"partly", "free"}


def test_a_search_that_runs_out_of_time_says_how_far_it_came(project: Project) -> None:
    store(project, call("old", name="needle", ago=5 * 3600), call("new", name="hay"))
    page = list_traces(project.pk, Criteria(q="needle"), budget=0.0)
    assert page.rows == []
    assert page.searched_back_to is not None
    age = datetime.now(UTC) - page.searched_back_to
    assert timedelta(minutes=59) < age < timedelta(minutes=61)
    while page.next_cursor and not page.rows:
        page = list_traces(project.pk, Criteria(q="needle"), after=page.next_cursor, budget=0.0)
    assert [trace.trace_id for trace in page.rows] == ["old"]


def test_windows_reach_the_whole_range_and_the_future(project: Project) -> None:
    store(
        project,
        call("ancient", name="needle", ago=40 * 86_400),
        call("tomorrow", name="needle", ago=-7200),
    )
    assert ids(project, q="needle") == ["tomorrow", "ancient"]
    since = datetime.now(UTC) - timedelta(days=1)
    assert ids(project, q="needle", since=since) == ["tomorrow"]


def test_neighbours_obey_the_filter(project: Project) -> None:
    store(
        project,
        call("c", ago=1, user_id="u1"),
        call("b", ago=2),
        call("a", ago=3, user_id="u1"),
    )
    criteria = Criteria(user_id="u1")
    newest, oldest = list_traces(project.pk, criteria).rows
    assert neighbour(project.pk, criteria, newest, newer=False) == "a"
    assert neighbour(project.pk, criteria, oldest, newer=True) == "c"
    assert neighbour(project.pk, criteria, newest, newer=True) is None


@pytest.mark.parametrize("cursor", ["x", "!!", "WzFd", "WyJhIiwiYiJd", "WyIyMDI2LTAxLTAxIiwiYSJd"])
def test_a_foreign_cursor_is_refused(project: Project, cursor: str) -> None:
    with pytest.raises(BadCursor):
        list_traces(project.pk, Criteria(), after=cursor)


def test_a_tool_alone_is_no_call(project: Project) -> None:
    store(project, span("t", kind=Kind.TOOL))
    assert list_traces(project.pk, Criteria()).rows[0].call_count == 0
