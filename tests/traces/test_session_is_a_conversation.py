"""A session as a conversation: new messages and answers turn by turn, never what is repeated."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project, Role
from tests.factories import make_user
from tests.traces.seeing import call, span, store
from traces.feedback.given import GivenOutcome, GivenScore
from traces.ingest.record import Kind, Level
from traces.pages.conversation import new_messages
from traces.pages.session_timeline import timeline
from traces.services.outcomes import record_outcomes
from traces.services.scores import record_scores

pytestmark = pytest.mark.django_db
ONE = "/p/support/sessions/s/"
SECOND = 1_000_000


def said(role: str, text: str) -> dict[str, object]:
    return {"role": role, "content": text}


@pytest.fixture
def chat(project: Project) -> Project:
    """Three turns: one call; one that repeats it all; an agent with a failed tool."""
    first = [said("system", "Be kind."), said("user", "Where is my order?")]
    second = [*first, said("assistant", "It left **today**."), said("user", "And the refund?")]
    store(
        project,
        call("a", ago=900, session_id="s", user_id="anna", input=first,
             output=[said("assistant", "It left **today**.")], cost=0.25),
        call("b", ago=600, session_id="s", user_id="anna", input=second,
             output=[said("assistant", "Within a week.")], cost=0.5),
        span("c", "r", ago=60, kind=Kind.AGENT, name="agent", session_id="s", lasts=9,
             input="Cancel it", output="Cancelled."),
        call("c", "g", ago=60, at=1, parent_span_id="r", output=[said("assistant", "I look.")]),
        span("c", "t", ago=60, at=2, parent_span_id="r", kind=Kind.TOOL, name="orders.cancel",
             level=Level.ERROR, input={"order": "88412"}, output={"state": "gone"}),
    )  # fmt: skip
    record_scores(
        project.pk,
        [
            GivenScore("thumbs", False, trace_id="b", source="user", comment="Too slow"),
            GivenScore("csat", 4, session_id="s", source="user"),
        ],
    )
    record_outcomes(project.pk, [GivenOutcome("resolved", session_id="s")])
    return project


def test_each_turn_shows_what_is_new_and_its_answer(chat: Project, member_client: Client) -> None:
    html = member_client.get(ONE).content.decode()
    assert html.count("Where is my order?") == 1
    assert html.count("<strong>today</strong>") == 1
    assert "Be kind." not in html
    assert "And the refund?" in html
    assert "Within a week." in html
    assert "Cancel it" in html
    assert "Cancelled." in html
    assert "2 earlier messages repeated" in html
    order = [html.index(text) for text in ("Where is my", "And the refund", "Cancel it")]
    assert order == sorted(order)
    assert "Too slow" in html
    assert "csat 4" in html
    assert "resolved" in html
    assert "$0.75" in html  # of the whole session


def test_tool_calls_are_folded_until_asked(chat: Project, member_client: Client) -> None:
    html = member_client.get(ONE).content.decode()
    assert "1 tool call" in html
    assert "1 failed" in html
    assert "orders.cancel" in html
    assert "88412" not in html
    (link,) = re.findall(r'hx-get="([^"]*turn=c)" hx-trigger="toggle once"', html)
    piece = member_client.get(link.replace("&amp;", "&"), headers={"HX-Request": "true"})
    assertContains(piece, "88412")
    assertNotContains(piece, "Where is my order?")
    assertContains(member_client.get(f"{ONE}?turn=c"), "88412")  # without script
    assertContains(member_client.get(f"{ONE}?all=1"), "Fold all")
    assertContains(member_client.get(f"{ONE}?all=1"), "I look.")


def test_a_session_of_hundreds_of_turns_is_paged(
    project: Project, member_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    store(
        project,
        *(
            call(f"t{n:03}", ago=5000 - n * 10, session_id="s", input=f"ask {n}.")
            for n in range(230)
        ),
    )
    member_client.get(ONE)
    with django_assert_num_queries(17):
        html = member_client.get(f"{ONE}?from=201").content.decode()
    assert "turns 201 to 230 of 230" in html
    assert "ask 200." in html
    assert "ask 199." not in html
    assert "ask 229." in html
    assert "from=151" in html
    assert "Later turns" not in html
    assert "ask 229." in member_client.get(f"{ONE}?from=9999").content.decode()
    assert "ask 0." in member_client.get(f"{ONE}?from=x").content.decode()


def test_who_may_look(chat: Project, stranger_client: Client) -> None:
    viewer = Client()
    viewer.force_login(
        make_user("vera@example.com", organization=chat.organization, role=Role.VIEWER)
    )
    assert viewer.get(ONE).status_code == 200
    assert stranger_client.get(ONE).status_code == 404
    response = viewer.get("/p/support/sessions/none/")
    assertContains(response, "No trace names this session", status_code=404)


def test_what_was_said_is_never_html(project: Project, member_client: Client) -> None:
    evil = "<script>alert(1)</script>"
    store(project, call("a", session_id=evil, user_id=evil, name=evil, input=evil, output=evil))
    html = member_client.get("/p/support/sessions/").content.decode()
    (href,) = set(re.findall(r'href="(/p/support/sessions/%3C[^"]+)"', html))
    for page in (html, member_client.get(href).content.decode()):
        assert "alert(1)" in page
        assert evil not in page


def test_new_messages_are_those_after_the_last_answer() -> None:
    def message(role: str, text: str) -> dict[str, object]:
        return {"role": role, "parts": [{"type": "text", "content": text}]}

    history = [message("system", "x"), message("user", "1"), message("assistant", "2")]
    found, repeated = new_messages(
        {"input": [*history, message("user", "3"), message("user", "4")]}
    )
    assert ([block.text for block in found], repeated) == (["3", "4"], 2)
    assert new_messages(None) == ([], 0)
    assert new_messages({"input": "plain"})[0][0].text == "plain"


def test_the_timeline_draws_long_pauses_short() -> None:
    drawn = timeline([(1, 0, SECOND, False), (2, 3600 * SECOND, SECOND, True)])
    assert len(drawn.gaps) == 1
    assert drawn.words == "2 turns in 1 h 0 m, one pause drawn short, the longest 59 m 59 s"
    first, second = drawn.bars
    assert (first.x, second.is_error) == ("0.00%", True)
    assert abs(float(second.x[:-1]) + float(second.width[:-1]) - 100) < 0.1
    assert abs(float(first.width[:-1]) - float(second.width[:-1])) < 0.1
    assert timeline([]).bars == []
    overlapping = timeline([(1, 0, 10 * SECOND, False), (2, SECOND, SECOND, False)])
    assert overlapping.gaps == []
