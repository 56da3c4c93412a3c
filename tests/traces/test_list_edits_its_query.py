"""Text, chips, facets and older addresses of the list say the same: all of them edit the query."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import DatabaseError
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from tests.traces.seeing import call, many, span, store
from traces.feedback.given import GivenScore
from traces.ingest.record import Kind, Level
from traces.services.scores import record_scores
from traces.views import list_facets, lists

pytestmark = pytest.mark.django_db

LIST = "/p/support/traces/"
PIECE = {"HX-Request": "true"}


@pytest.fixture
def some(project: Project) -> Project:
    """Ten calls, one of which failed, one dear and slow, and one with a score."""
    many(project, 8, model="gpt-4o", feature="refunds", cost=0.002)
    store(
        project,
        span("bad", "r", ago=30, level=Level.ERROR, kind=Kind.AGENT, user_id="u 1", feature="faq"),
        call("dear", "r", ago=40, lasts=12, cost=2, model="o3", tags=["beta test"], feature="faq"),
    )
    record_scores(project.pk, [GivenScore("faithful", 0.4, trace_id="dear")])
    return project


def _rows(text: str) -> set[str]:
    return set(re.findall(r'<tr role="row" data-id="([^"]+)"', text))


def _facets(client: Client, query: str = "") -> dict[str, tuple[str, str, int]]:
    """Text of each line: where a click and where Alt and a click lead, and the count."""
    answer = client.get(LIST, {"q": query, "piece": "facets"}, headers=PIECE).content.decode()
    found = {}
    for link in re.findall(r"<li><a (.*?)</a></li>", answer, re.S):
        href, exclude = (html.unescape(re.search(rf'{name}="([^"]*)"', link)[1])  # type: ignore[index]
                         for name in ("href", "data-exclude"))  # fmt: skip
        words = re.sub(r"<[^>]+>", "|", link.partition(">")[2])
        parts = [part.strip() for part in words.split("|") if part.strip()]
        found[parts[0]] = (href, exclude, int(parts[-1].replace(",", "")))
    return found


def test_every_facet_finds_as_many_as_it_counts(some: Project, member_client: Client) -> None:
    found = _facets(member_client)
    assert {"Error", "gpt-4o", "u 1", "beta test", "above 10 s", "above $1"} <= set(found)
    assert {"below 0.50", "not scored", "refunds", "agent"} <= set(found)
    for word, (href, exclude, count) in found.items():
        rows = _rows(member_client.get(href).content.decode())
        assert len(rows) == count, word
        others = _rows(member_client.get(exclude).content.decode())
        assert (len(others), rows & others) == (10 - count, set()), word


def test_a_chosen_facet_is_taken_back(some: Project, member_client: Client) -> None:
    for query in ("status:error", "latency>10s", "score.faithful<0.50", 'tag:"beta test"'):
        answer = member_client.get(LIST, {"q": query, "piece": "facets"}, headers=PIECE)
        chosen = re.findall(
            r'<a href="([^"]*)"[^>]*aria-current="true"><svg', answer.content.decode()
        )
        assert len(chosen) == 1, query
        assert "q=" not in chosen[0]


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("?status=error&t=7d", "status:error"),
        ("?user=u+1", 'user:"u 1"'),
        ("?q=model:a+OR+model:b&feature=faq", "(model:a OR model:b) feature:faq"),
        ("?min_duration=2s&max_cost=$0.5", "latency>=2000ms cost<=$0.5"),
        ("?min_tokens=100", "tokens>=100"),
        ("?outcome=*", "has:outcome"),
        ("?score.faithful=<0.5", "score.faithful<0.5"),
        ("?prompt=refund/3", "prompt:refund/3"),
        ("?add=latency&add_op=%3E&add_value=3s", "latency>3s"),
        ("?q=a+OR+b&add=tag&add_value=x+y", '(a OR b) tag:"x y"'),
    ],
)
def test_older_addresses_and_the_menu_become_terms(
    some: Project, member_client: Client, address: str, query: str
) -> None:
    response = member_client.get(LIST + address, follow=True)
    assertContains(response, f'data-q="{html.escape(query)}"')
    assertNotContains(response, "cannot be read")


def test_what_the_menu_cannot_say_is_told(some: Project, member_client: Client) -> None:
    response = member_client.get(f"{LIST}?add=latncy&add_value=3s")
    assertContains(response, "There is no field “latncy”")
    assert member_client.get(f"{LIST}?user=%22%3B--").status_code == 200


def test_chips_turn_round(some: Project, member_client: Client) -> None:
    text = member_client.get(f"{LIST}?q=status:error+-user:x+latency>1s&t=7d").content.decode()
    turned = [
        parse_qs(urlsplit(html.unescape(href)).query)["q"][0]
        for href in re.findall(r'class="rel" href="([^"]+)"', text)
    ]
    assert turned == [
        "-status:error -user:x latency>1s",
        "status:error user:x latency>1s",
        "status:error -user:x -latency>1s",
    ]
    assert all("t=7d" in href for href in re.findall(r'class="fx" href="([^"]+)"', text))


def test_a_failing_piece_leaves_the_page(
    some: Project, member_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(list_facets.facets, "count_facets", fails)
    response = member_client.get(f"{LIST}?piece=facets&t=7d", headers=PIECE)
    assertContains(response, "could not be loaded", status_code=503)
    assertContains(response, "Retry", status_code=503)
    assert member_client.get(LIST).status_code == 200


def test_pieces_are_for_members_and_ask_little(
    some: Project,
    member_client: Client,
    stranger_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    most = {"facets": 26, "histogram": 13, "news": 12, "peek": 14, "stats": 9, "differs": 8}
    assert set(most) == set(lists.PIECES)
    for piece, number in most.items():
        address = f"{LIST}?piece={piece}&peek=dear&col=duration&above=x"
        with django_assert_max_num_queries(number):
            assert member_client.get(address, headers=PIECE).status_code == 200, piece
        assert stranger_client.get(address, headers=PIECE).status_code == 404
