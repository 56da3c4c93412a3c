"""The list of sessions: each once, by its last turn, with the sums of its traces."""

from __future__ import annotations

import random
import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from tests.traces.seeing import call, many, span, store
from traces.feedback.given import GivenScore
from traces.ingest.record import Level
from traces.models import Trace
from traces.queries import sessions as queries
from traces.queries.sessions import SessionCriteria, get_session, list_sessions
from traces.services.scores import record_scores

pytestmark = pytest.mark.django_db
LIST = "/p/support/sessions/"


@pytest.fixture
def busy(project: Project) -> Project:
    """Four hundred traces of ninety sessions, some of none, some hidden, of several users."""
    chance = random.Random(7)
    store(
        project,
        *(
            call(
                f"t{number}",
                ago=60 + chance.randrange(40 * 3600),
                lasts=chance.choice((0.5, 2, 9)),
                session_id=chance.choice([None, *(f"s/{n}" for n in range(90))]),
                user_id=chance.choice((None, "anna", "bert")),
                environment=chance.choice(("production", "staging", "sdk-experiment")),
                level=chance.choice((Level.DEFAULT, Level.DEFAULT, Level.ERROR)),
                cost=chance.choice((None, 0.01, 0.25)),
            )
            for number in range(400)
        ),
    )
    return project


def expected(project: Project, criteria: SessionCriteria) -> list[str]:
    """Ids by brute force."""
    last: dict[str, tuple[datetime, str]] = {}
    for trace in Trace.objects.filter(project_id=project.pk).exclude(session_id=None):
        is_in = {"": trace.environment != "sdk-experiment", "*": True}.get(
            criteria.environment, trace.environment == criteria.environment
        )
        is_in &= criteria.since is None or trace.start_time >= criteria.since
        is_in &= criteria.until is None or trace.start_time < criteria.until
        is_in &= criteria.user_id in ("", trace.user_id)
        assert trace.session_id is not None
        is_in &= criteria.q.lower() in trace.session_id
        if is_in:
            key = (trace.start_time, trace.trace_id)
            last[trace.session_id] = max(key, last.get(trace.session_id, key))
    return sorted(last, key=lambda name: last[name], reverse=True)


CRITERIA = [
    SessionCriteria(),
    SessionCriteria(environment="*"),
    SessionCriteria(environment="staging", user_id="anna"),
    SessionCriteria(since=timezone.now() - timedelta(hours=12)),
    SessionCriteria(until=timezone.now() - timedelta(hours=20), q="S/1"),
    SessionCriteria(q="nowhere"),
]


@pytest.mark.parametrize("criteria", CRITERIA)
@pytest.mark.parametrize("step", [7, 500])
def test_each_session_comes_once_by_its_last_turn(
    busy: Project, criteria: SessionCriteria, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "FIRST_STEP", step)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = list_sessions(busy.pk, criteria, after=cursor, limit=20)
        assert page.searched_back_to is None
        seen += [session.session_id for session in page.rows]
        cursor = page.next_cursor
    assert seen == expected(busy, criteria)


def test_the_sums_are_those_of_all_its_traces(busy: Project) -> None:
    record_scores(
        busy.pk,
        [
            GivenScore("thumbs", value, trace_id=f"t{n}", source="user")
            for n, value in enumerate([True, False, 1, 0, -1] * 40)
        ]
        + [GivenScore("helpful", False, trace_id="t1"), GivenScore("tone", "rude", trace_id="t2")]
        + [GivenScore("thumbs", False, session_id="s/3", source="user")],
    )
    for session in list_sessions(busy.pk, SessionCriteria(), limit=100).rows:
        traces = Trace.objects.filter(project_id=busy.pk, session_id=session.session_id)
        first = traces.order_by("start_time", "trace_id")[0]
        assert session.turns == len(traces)
        assert session.cost_nano == sum(trace.cost_nano for trace in traces)
        assert session.errors == sum(trace.error_count > 0 for trace in traces)
        assert session.tokens == sum(trace.tokens_in + trace.tokens_out for trace in traces)
        assert session.busy_us == sum(trace.duration_us for trace in traces)
        assert session.end == max(trace.end_time for trace in traces)
        assert (session.first_start, session.user_id) == (first.start_time, first.user_id)
        numbers = [int(t.trace_id[1:]) for t in traces if int(t.trace_id[1:]) < 200]
        assert session.thumbs_up == sum(number % 5 in (0, 2) for number in numbers)
        down = sum(number % 5 in (1, 3, 4) for number in numbers)
        assert session.thumbs_down == down + (session.session_id == "s/3")


def test_a_search_that_runs_out_of_time_says_how_far_it_came(
    busy: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "FIRST_STEP", 10)
    monkeypatch.setattr(queries, "LONGEST_STEP", 10)
    page = list_sessions(busy.pk, SessionCriteria(q="nowhere"), budget=0)
    assert page.searched_back_to is not None
    assert page.next_cursor


def test_what_cannot_be_priced_is_not_zero(project: Project) -> None:
    store(project, call("a", session_id="s", model="unknown-model"), span("b", session_id="s"))
    session = get_session(project.pk, "s")
    assert session is not None
    assert session.is_unpriced
    assert session.cost is None
    assert get_session(project.pk, "none") is None
    assert get_session(project.pk, "a\0b") is None


def test_the_page_shows_them_with_links_that_hold_what_is_counted(
    project: Project, member_client: Client
) -> None:
    store(
        project,
        call("a", ago=90, session_id="team/ä?1", user_id="u 1", input="Where is it?", cost=0.5),
        call("b", ago=60, session_id="team/ä?1", user_id="u 1", level=Level.ERROR),
    )
    html = member_client.get(LIST).content.decode()
    assert "Where is it?" in html
    (href,) = set(re.findall(r'href="(/p/support/sessions/team[^"]+)"', html))
    assertContains(member_client.get(href), "Where is it?")
    links = [
        link.replace("&amp;", "&")
        for link in re.findall(r'href="(/p/support/traces/\?[^"]+)"', html)
        if "session=" in link
    ]
    totals = [member_client.get(link).content.decode().count('title="a"') for link in links]
    assert totals == [1, 0]  # all its traces; those with an error
    assertNotContains(member_client.get(f"{LIST}?q=TEAM"), "No session matches")
    assertContains(member_client.get(f"{LIST}?q=other"), "No session matches")
    assertContains(member_client.get(f"{LIST}?user=u+1"), "Remove user is u 1")
    assertContains(member_client.get(f"{LIST}?t=soon"), "Write 24h, 7d")
    assertContains(member_client.get(f"{LIST}?after=nonsense"), "Where is it?")


def test_the_kinds_of_nothing(project: Project, member_client: Client) -> None:
    assertContains(member_client.get(LIST), "No traces yet")
    store(project, call("a"))
    assertContains(member_client.get(LIST), "No sessions in this range")


def test_the_queries_do_not_grow(
    project: Project, member_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    many(project, 1, session_id="s0")
    member_client.get(LIST)
    store(project, *(call(f"t{n}", session_id=f"s{n}") for n in range(120)))
    with django_assert_num_queries(12):
        member_client.get(LIST)


def test_ids_of_whatever_text_have_an_address(project: Project, member_client: Client) -> None:
    store(
        project,
        call("a\nb", session_id="x\ny", user_id="u\nv"),
        call("c", session_id="", user_id=""),
    )
    html = member_client.get(LIST).content.decode()
    (href,) = set(re.findall(r'href="(/p/support/sessions/x[^"]+)"', html))
    assertContains(member_client.get(href), "a%0Ab")
    for address in ("/p/support/traces/", "/p/support/traces/a%0Ab/", "/p/support/users/u%0Av/"):
        assert member_client.get(address).status_code == 200
