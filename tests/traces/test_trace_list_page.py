"""The list of traces as a page: pieces, older rows, facets, news, and the kinds of nothing."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from tests.traces.seeing import call, many, store

pytestmark = pytest.mark.django_db

LIST, TRACE = "/p/support/traces/", "/p/support/traces/t/"
PIECE = {"HX-Request": "true"}


def test_htmx_gets_the_results_alone(trace: Project, member_client: Client) -> None:
    response = member_client.get(f"{LIST}?q=RES&status=&min_cost=", headers=PIECE)
    assertContains(response, "resolve")
    assertNotContains(response, "<h1")
    assert response["HX-Push-Url"] == f"{LIST}?q=RES"
    assert "HX-Request" in response["Vary"]


def test_a_history_restore_gets_the_whole_page(trace: Project, member_client: Client) -> None:
    headers = {**PIECE, "HX-History-Restore-Request": "true"}
    assertContains(member_client.get(LIST, headers=headers), "<h1")


def test_older_rows_come_by_themselves_five_times(project: Project, member_client: Client) -> None:
    ids = many(project, 320, apart=1)
    seen: list[str] = []
    address, loaded = LIST, 0
    while True:
        html = member_client.get(address, headers=PIECE if seen else {}).content.decode()
        seen += re.findall(r'title="(trace-\d+)"', html)
        follow = re.search(r'class="more-row"([^>]*)>.*?href="([^"]+)"', html, re.S)
        if follow is None:
            break
        loaded += "hx-trigger" in follow[1]
        address = follow[2].replace("&amp;", "&")
    assert seen == ids
    assert loaded == 4  # with the first page five times fifty; the sixth is asked for


def test_facets_count_what_the_filter_leaves(trace: Project, member_client: Client) -> None:
    store(trace, call("u", name="other", environment="staging"))
    html = member_client.get(f"{LIST}?piece=facets", headers=PIECE).content.decode()
    assert re.search(r"of <b[^>]*>2</b>", html)
    assert "q=status%3Arecovered" in html
    assert "env=staging" in html
    narrowed = member_client.get(f"{LIST}?name=other&piece=facets", headers=PIECE)
    assertNotContains(narrowed, "resolve")


def test_news_are_counted_above_the_first_row(project: Project, member_client: Client) -> None:
    many(project, 3)
    html = member_client.get(LIST).content.decode()
    news = re.search(r'id="news"[^>]*hx-get="([^"]+)"', html)
    assert news is not None
    address = news[1].replace("&amp;", "&")
    assertNotContains(member_client.get(address, headers=PIECE), "new trace")
    store(project, call("x", ago=1), call("y", ago=1))
    assertContains(member_client.get(address, headers=PIECE), "2 new traces")


def test_the_three_kinds_of_nothing(project: Project, member_client: Client) -> None:
    assertContains(member_client.get(LIST), "No traces yet")
    store(project, call("t"))
    nothing = member_client.get(f"{LIST}?q=absent")
    assertContains(nothing, "No trace matches")
    assertContains(nothing, "Remove absent")
    assertContains(
        member_client.get("/p/support/traces/gone/"), "No trace has this id", status_code=404
    )


def test_a_bad_filter_keeps_the_rows_and_says_what_is_wrong(
    trace: Project, member_client: Client
) -> None:
    response = member_client.get(f"{LIST}?min_duration=soon&t=whenever")
    assertContains(response, "Write a time such as 800ms")
    assertContains(response, "resolve")
