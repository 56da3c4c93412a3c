"""The live tail: what just arrived and matches, once, whenever it started, five rows at most."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Project
from tests.factories import make_project
from tests.traces.bulk.working import settle
from tests.traces.seeing import call, store
from traces.queries import tail

pytestmark = pytest.mark.django_db(transaction=True)


class Reader:
    """Looks again and again, as the page does."""

    def __init__(self, client: Client, query: str = "") -> None:
        self.client, self.query, self.since = client, query, ""
        self.look()

    def look(self) -> tuple[list[str], str]:
        """Ids of the rows, and how many matched."""
        time.sleep(tail.BEHIND.total_seconds() + 0.01)
        sent = {"q": self.query, "since": self.since}
        answer = self.client.get("/p/support/traces/tail/", sent)
        assert answer.status_code == 200
        self.since = answer["X-Tail-Since"]
        page = answer.content.decode()
        ids = [part.split('"')[0] for part in page.split('data-id="')[1:]]
        assert len(ids) == int(answer["X-Tail-Shown"])
        return ids, answer["X-Tail-Matched"]


def test_what_arrives_comes_once(project: Project, member_client: Client) -> None:
    store(project, call("before", "root"))
    reader = Reader(member_client)
    assert reader.look() == ([], "0")
    store(project, call("new", "root", ago=3))
    assert reader.look() == (["new"], "1")
    store(project, call("new", "later", ago=2))  # more of the same trace is no news
    assert reader.look() == ([], "0")
    settle()
    store(project, call("new", "last", ago=1))
    assert reader.look() == ([], "0")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody writes beside the test, so what is queued is seen; and there is time to look."""
    monkeypatch.setattr(tail, "BEHIND", timedelta(0))
    monkeypatch.setattr(tail, "SOFT_SECONDS", 60.0)
    monkeypatch.setattr(tail, "HARD_SECONDS", 60.0)


@pytest.mark.usefixtures("at_once")
def test_a_long_request_comes_when_it_ends(project: Project, member_client: Client) -> None:
    reader = Reader(member_client)
    store(project, call("short", "root", ago=1))
    assert reader.look() == (["short"], "1")
    store(project, call("long", "root", ago=600, lasts=599))  # started far below what is shown
    assert reader.look() == (["long"], "1")


@pytest.mark.usefixtures("at_once")
def test_only_what_matches_and_what_it_says(project: Project, member_client: Client) -> None:
    by_user = Reader(member_client, "user:me")
    by_words = Reader(member_client, '"blue blender"')
    elsewhere = make_project("elsewhere")
    store(elsewhere, call("theirs", "root", user_id="me", output="A blue blender."))
    store(
        project,
        call("mine", "root", user_id="me"),
        call("said", "root", output="A blue blender."),
        call("other", "root"),
    )
    assert by_user.look() == (["mine"], "1")
    assert by_words.look() == (["said"], "1")


@pytest.mark.usefixtures("at_once")
def test_more_than_five_are_counted(project: Project, member_client: Client) -> None:
    reader = Reader(member_client)
    store(project, *(call(f"t{n:02}", "root", ago=30 - n) for n in range(12)))
    ids, matched = reader.look()
    assert (ids, matched) == (["t11", "t10", "t09", "t08", "t07"], "12")
    assert reader.look() == ([], "0")


@pytest.mark.parametrize("since", ["yesterday", "2026", "", "9999-01-01T00:00:00+00:00"])
def test_any_place_to_begin_is_answered(
    project: Project, member_client: Client, since: str
) -> None:
    answer = member_client.get("/p/support/traces/tail/", {"since": since})
    assert (answer.status_code, answer["X-Tail-Shown"]) == (200, "0")


def test_a_query_that_cannot_be_read_has_no_tail(project: Project, member_client: Client) -> None:
    assert member_client.get("/p/support/traces/tail/", {"q": "latency>"}).status_code == 422
