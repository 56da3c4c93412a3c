"""The other views of a trace, its neighbours, its place, and ids that are not there."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Membership, Project, Role, User
from tests.factories import make_project
from tests.traces.seeing import call, span, store
from traces.ingest.record import Kind, Level

pytestmark = pytest.mark.django_db

TRACE = "/p/support/traces/t/"
PIECE = {"HX-Request": "true"}


def said(text: str, role: str = "user") -> dict[str, object]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def test_the_conversation_says_each_message_once(project: Project, member_client: Client) -> None:
    asked = said("Where is my order?")
    wanted = {"type": "tool_call", "id": "c1", "name": "look_up", "arguments": {"order": 7}}
    called = {"role": "assistant", "parts": [wanted]}
    result = {"type": "tool_call_response", "id": "c1", "result": "In the post."}
    store(
        project,
        span("t", "r", name="agent", kind=Kind.AGENT, lasts=9),
        call("t", "a", parent_span_id="r", at=1, input=[asked], output=[called]),
        span("t", "b", parent_span_id="r", at=2, kind=Kind.TOOL, name="look_up",
             input={"order": 7}, output="In the post."),
        call("t", "c", parent_span_id="r", at=3, name="compose",
             output=[said("Soon.", "assistant")],
             input=[asked, called, {"role": "tool", "parts": [result]}]),
    )  # fmt: skip
    response = member_client.get(f"{TRACE}?view=conversation&span=r")
    html = response.content.decode().split('id="span"')[0]
    assert html.count("Where is my order?") == 1
    assert html.count('class="msg tool"') == 1
    assert html.count("In the post.") == 1
    assert html.index("Where is my order?") < html.index("look_up") < html.index("Soon.")
    assert 'aria-current="page">Conversation' in html


def test_the_log_has_spans_and_events_by_time(project: Project, member_client: Client) -> None:
    store(project, span("t", "r", lasts=9), span("t", "late", parent_span_id="r", at=5))
    first = span("t", "a", parent_span_id="r", at=1, name="fetch", level=Level.ERROR)
    assert first.start_ns is not None
    first.events = [
        {"name": "exception", "time_ns": first.start_ns + 2_000_000_000,
         "attributes": {"exception.type": "Timeout", "exception.message": "gave up <b>"}},
    ]  # fmt: skip
    store(project, first)
    html = member_client.get(f"{TRACE}?view=log").content.decode().split('id="span"')[0]
    places = [html.index(f">{word}<") for word in ("fetch", "exception", "answer")]
    assert html.index("+3.00 s") > html.index("+1.00 s")
    assert places[0] < places[1]
    assert "gave up &lt;b&gt;" in html


def test_views_of_nothing_said_say_so(project: Project, member_client: Client) -> None:
    store(project, span("t", "r"))
    response = member_client.get(f"{TRACE}?view=conversation")
    assertContains(response, "No conversation recorded")
    assertContains(member_client.get(f"{TRACE}?view=nonsense"), 'role="tree"')


def test_find_looks_at_what_was_said_too(project: Project, member_client: Client) -> None:
    store(project, span("t", "r"), call("t", "a", parent_span_id="r", input="a Zebra crossing"))
    response = member_client.get(f"{TRACE}?find=zebra", headers=PIECE)
    assertContains(response, "1 of 2 spans")
    for odd in ("%", "_", "\\", "'", "(", "\0"):
        assert member_client.get(TRACE, {"find": odd}).status_code == 200


def test_evaluators_after_the_answer_stand_apart_with_their_cost(
    project: Project, member_client: Client
) -> None:
    store(
        project,
        span("t", "r", kind=Kind.AGENT, lasts=8),
        call("t", "a", parent_span_id="r", at=1, cost=0.02),
        span("t", "j", parent_span_id="r", at=49, kind=Kind.EVALUATOR, name="judge"),
        call("t", "k", parent_span_id="j", at=49, cost=0.005),
    )
    response = member_client.get(TRACE)
    assertContains(response, "Scored 41.00 s after the response, outside the critical path")
    assertContains(response, "response 8.00 s")
    assertContains(response, "$0.0200")  # without the judge
    assertContains(response, "$0.0050")
    below = member_client.get(f"{TRACE}?below=sj", headers=PIECE)
    assert 'data-span="k"' in below.content.decode()


def test_the_critical_path_and_the_window_are_in_the_address(
    trace: Project, member_client: Client
) -> None:
    html = member_client.get(f"{TRACE}?critical=1").content.decode()
    assert "on the critical path, 1.00 s of its own" in html
    zoomed = member_client.get(f"{TRACE}?zoom=0-2500000").content.decode()
    assert 'data-span="b"' in zoomed
    assert 'data-span="c"' not in zoomed.split('id="span"')[0]
    assert "Show everything" in zoomed
    for odd in ("5", "a-b", "9-2", "-", "1-99999999999999999999"):
        assert member_client.get(TRACE, {"zoom": odd}).status_code == 200


def test_a_trace_says_its_place_in_the_list(trace: Project, member_client: Client) -> None:
    store(trace, call("older", ago=600, name="resolve"), call("other", ago=300, name="no"))
    place = member_client.get(f"{TRACE}?piece=place&name=resolve", headers=PIECE)
    assertContains(place, "1 of 2")
    assert place["HX-Push-Url"] == "false"
    lone = member_client.get(f"{TRACE}?piece=place&t=15m", headers=PIECE)
    assertContains(lone, "1 of 3")


@pytest.mark.parametrize(
    ("sort", "above", "below"), [("latency", "fast", "slow"), ("-latency", "slow", "fast")]
)
def test_neighbours_follow_the_order_of_the_list(
    project: Project, member_client: Client, sort: str, above: str, below: str
) -> None:
    store(project, *(span(n, "r", lasts=s) for n, s in (("fast", 1), ("t", 2), ("slow", 3))))
    for going, wanted in (("newer", above), ("older", below)):
        response = member_client.get(f"{TRACE}?go={going}&sort={sort}")
        assert response["Location"].startswith(f"/p/support/traces/{wanted}/?")


def test_an_unknown_id_says_what_it_may_mean(
    project: Project, member_client: Client, bob: User, settings: object
) -> None:
    settings.RETENTION_DAYS = 30  # type: ignore[attr-defined]
    response = member_client.get("/p/support/traces/nowhere/")
    assertContains(response, "kept for 30 days", status_code=404)
    other = make_project(slug="second", name="Second")
    store(other, span("there", "r"))
    stranger = member_client.get("/p/support/traces/there/")
    assertNotContains(stranger, "Second", status_code=404)
    Membership.objects.create(
        user=bob, organization=other.organization, project=other, role=Role.VIEWER
    )
    found = member_client.get("/p/support/traces/there/")
    assertContains(found, "Open in Second", status_code=404)


def test_a_trace_opens_by_its_id_alone_for_members(
    trace: Project, member_client: Client, stranger_client: Client
) -> None:
    assert member_client.get("/t/t/")["Location"] == TRACE
    assert stranger_client.get("/t/t/").status_code == 404
    assert member_client.get("/t/absent/").status_code == 404


def test_the_way_back_leads_to_the_list_with_its_query_and_saved_view(
    trace: Project, member_client: Client
) -> None:
    own = member_client.get(f"{TRACE}?q=resolve&view=log").content.decode()
    assert 'href="/p/support/traces/?q=resolve"' in own
    saved = member_client.get(f"{TRACE}?q=resolve&view=7").content.decode()
    assert 'href="/p/support/traces/?q=resolve&amp;view=7"' in saved
    store(trace, call("older", ago=600, name="resolve"), call("between", ago=300, name="no"))
    found = member_client.get(f"{TRACE}?go=older&q=name:resolve")
    assert found["Location"].startswith("/p/support/traces/older/?q=name")
