"""The panel in which people score, tag and annotate; who may open it, and what it saves."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Membership, Project, Role, User
from tests.traces.seeing import span, store
from traces.models import Score, ScoreDefinition, TraceNote

pytestmark = pytest.mark.django_db

PANEL = "/p/support/traces/t/annotate/"
PIECE = {"HX-Request": "true"}


@pytest.fixture
def defined(trace: Project) -> Project:
    define = ScoreDefinition.objects.create
    define(project=trace, name="helpful", data_type="boolean", sources=["human"])
    define(project=trace, name="mood", data_type="category", categories=["calm", "angry"])
    define(project=trace, name="tone", data_type="number", minimum=1, maximum=5)
    define(project=trace, name="judged", data_type="number", sources=["judge"])
    define(project=trace, name="old", data_type="number", is_archived=True)
    return trace


def pk_of(name: str) -> int:
    return ScoreDefinition.objects.get(name=name).pk


def test_every_definition_that_people_give_has_a_field_and_keys(
    defined: Project, member_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):
        html = member_client.get(PANEL, headers=PIECE).content.decode()
    assert re.findall(r'<legend class="lbl">(\w+)', html) == ["helpful", "mood", "tone"]
    assert re.findall(r'data-key="(\d)"', html) == ["1", "2", "3", "4"]
    assert 'id="span"' in html
    assert "<!doctype" not in html
    assertContains(member_client.get(PANEL), "<h1")


def test_scores_tags_and_a_note_are_saved_together(
    defined: Project, member_client: Client, bob: User
) -> None:
    said = {
        f"s{pk_of('helpful')}": "1",
        f"s{pk_of('mood')}": "angry",
        f"s{pk_of('tone')}": "2.5",
        f"c{pk_of('tone')}": "Too curt.",
        "tags": "golden, refund ",
        "note": "See <b>this</b>.",
    }
    response = member_client.post(f"{PANEL}?span=b", {**said, "about": "span"}, headers=PIECE)
    assertContains(response, "3 scores saved, tagged golden, refund, note kept.")
    assertContains(response, "See &lt;b&gt;this&lt;/b&gt;.")
    found = {score.name: score for score in Score.objects.filter(trace_id="t")}
    assert {score.span_id for score in found.values()} == {"b"}
    assert (found["mood"].label, found["tone"].num, found["tone"].comment) == (
        "angry", 2.5, "Too curt.",
    )  # fmt: skip
    assert {score.author for score in found.values()} == {bob.email}
    again = member_client.get(f"{PANEL}?span=b&about=span", headers=PIECE).content.decode()
    assert 'value="2.5"' in again
    same = member_client.post(f"{PANEL}?span=b", {**said, "about": "span", "tags": "", "note": ""},
                              headers=PIECE)  # fmt: skip
    assertContains(same, "Nothing was changed.")
    assertContains(member_client.get("/p/support/traces/?tag=golden&t=24h"), "resolve")
    member_client.post(f"{PANEL}?span=b", {"remove_tag": "golden"}, headers=PIECE)
    assertNotContains(member_client.get("/p/support/traces/t/"), "golden")


def test_without_script_saving_goes_back_to_the_trace(
    defined: Project, member_client: Client
) -> None:
    response = member_client.post(f"{PANEL}?span=b&view=log", {"note": "Seen."})
    assert response.status_code == 302
    assert response["Location"] == "/p/support/traces/t/?view=log&span=b"


def test_what_is_wrong_is_said_and_what_was_typed_stays(
    defined: Project, member_client: Client
) -> None:
    said = {f"s{pk_of('tone')}": "9", "tags": "x" * 300, "note": "Kept here."}
    response = member_client.post(PANEL, said, headers=PIECE)
    assertContains(response, "less than or equal to 5", status_code=422)
    assertContains(response, "Kept here.", status_code=422)
    long = member_client.post(PANEL, {"tags": "x" * 300}, headers=PIECE)
    assertContains(long, "one line of at most 200 characters", status_code=422)
    sent = store(defined, span("t", "s", parent_span_id="a", tags=["sent"]))
    assert sent is None
    refused = member_client.post(PANEL, {"remove_tag": "sent"}, headers=PIECE)
    assertContains(refused, "was sent with the trace", status_code=422)
    assert not Score.objects.exists()
    assert not TraceNote.objects.exists()


def test_a_note_of_another_stays(
    defined: Project, member_client: Client, owner_client: Client
) -> None:
    owner_client.post(PANEL, {"note": "Mine."}, headers=PIECE)
    note = TraceNote.objects.get()
    html = member_client.post(PANEL, {"delete_note": note.pk}, headers=PIECE)
    assertContains(html, "not yours to delete")
    assertContains(owner_client.post(PANEL, {"delete_note": note.pk}, headers=PIECE), "is deleted")


def test_a_viewer_reads_and_does_not_annotate_or_share(
    defined: Project, member_client: Client, bob: User
) -> None:
    Membership.objects.filter(user=bob).update(role=Role.VIEWER)
    page = member_client.get("/p/support/traces/t/")
    assertNotContains(page, 'data-key="a"')
    assertNotContains(page, "/share/")
    assertContains(page, "/compare/")
    for address in (PANEL, "/p/support/traces/t/share/", "/p/support/settings/shares/"):
        assert member_client.get(address).status_code == 403
        assert member_client.post(address, {"note": "no", "days": "3"}).status_code == 403
    assert not TraceNote.objects.exists()


def test_a_trace_that_is_not_there_cannot_be_annotated(
    project: Project, member_client: Client
) -> None:
    assert member_client.get("/p/support/traces/absent/annotate/").status_code == 404
    assert member_client.post("/p/support/traces/absent/annotate/").status_code == 404
