"""The pages of alerts: what they say, who may act, and that rows cost no queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project, Role, User
from alerts.delivering import deliver_due
from alerts.models import Channel, Incident, Origin, Severity, State
from alerts.queries.wishes import settings_of
from alerts.services import acting
from alerts.values import Evidence, Fact
from prompts.models import LabelMove
from tests.alerts.making import KEY, happen, make_feature, slack
from tests.factories import make_user
from tests.prompts.making import make_version, serve, text
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db
LIST, CHANNELS = "/p/support/alerts/", "/p/support/settings/alerts/"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def moved(project: Project) -> LabelMove:
    """production of refund-agent went from v1 to v2."""
    for number, said in ((1, "Be brief."), (2, "Be long.")):
        version = make_version(project, content=text(said))
        serve(version.prompt, number)
    return LabelMove.objects.latest("pk")


def test_the_list_says_what_is_open_whose_and_since_when(
    member_client: Client, project: Project, bob: User
) -> None:
    make_feature(project, owner=bob)
    happen(project, feature="refund-agent", evidence=Evidence(points=[0.93, 0.84]))
    page = member_client.get(LIST)
    for said in ("1 incident open", "Faithfulness fell from 0.93 to 0.84.", "bob", "No channel."):
        assertContains(page, said)
    piece = member_client.get(LIST, headers={"HX-Request": "true"})
    assertContains(piece, "Faithfulness")
    assertNotContains(piece, "<h1")
    assertContains(member_client.get(f"{LIST}?state=resolved"), "None was resolved")
    assertContains(member_client.get(f"{LIST}open/"), "1")


def test_an_empty_list_says_where_incidents_come_from(
    member_client: Client, project: Project
) -> None:
    page = member_client.get(LIST)
    assertContains(page, "Nothing is wrong")
    assertNotContains(page, "al-rows")
    assert member_client.get(f"{LIST}open/").content.strip() == b""


def test_rows_cost_no_queries(
    member_client: Client, project: Project, bob: User, server: Receiver, nobody_folds: None,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    slack(project, server)
    make_feature(project, owner=bob)
    for number in range(8):
        incident = happen(project, f"cause {number}", feature="refund-agent")
    acting.acknowledge(incident, actor=bob)
    with django_assert_max_num_queries(14):
        member_client.get(LIST)
    with django_assert_max_num_queries(24):
        member_client.get(f"{LIST}{incident.pk}/")


def test_a_person_acts_from_the_page(
    member_client: Client, project: Project, alice: User, bob: User
) -> None:
    incident = happen(project)
    one = f"{LIST}{incident.pk}/"
    assertContains(member_client.get(one), "Nobody answers for it.")
    for act, data, state in (
        ("acknowledge", {"text": "on it"}, State.ACKNOWLEDGED),
        ("assign", {"owner": alice.pk}, State.ACKNOWLEDGED),
        ("snooze", {"hours": "4"}, State.SNOOZED),
        ("resolve", {}, State.RESOLVED),
    ):
        answer = member_client.post(f"{one}{act}/", data)
        assert (answer.status_code, answer["Location"]) == (303, one)
        incident.refresh_from_db()
        assert incident.state == state
    assert incident.owner == alice
    page = member_client.get(one)
    assertContains(page, "on it")
    assertNotContains(page, "Acknowledge</button>")
    assertContains(member_client.post(f"{one}snooze/", {"hours": "x"}, follow=True), "Nothing was")
    assertContains(member_client.post(f"{one}resolve/", follow=True), "is resolved")


def test_a_viewer_reads_and_a_stranger_finds_nothing(
    project: Project, stranger_client: Client, alice: User
) -> None:
    incident = happen(project)
    viewer = make_user("v@example.com", organization=project.organization, role=Role.VIEWER)
    page = client_of(viewer).get(f"{LIST}{incident.pk}/")
    assertContains(page, "need the role engineer")
    assertNotContains(page, "Resolve</button>")
    assert client_of(viewer).get(CHANNELS).status_code == 403
    assert stranger_client.get(f"{LIST}{incident.pk}/").status_code == 404
    assert client_of(alice).get(f"{LIST}{2**64}/").status_code == 404


def test_content_is_text_and_evidence_is_shown(member_client: Client, project: Project) -> None:
    evidence = Evidence(
        facts=[Fact("Score", "0.84", "/p/support/traces/")], points=[0.9, None, 0.8], bar=0.85,
        trace_ids=["0af7651916cd43dd8448eb211c80319c"], excerpts=["<script>alert(1)</script>"],
    )  # fmt: skip
    incident = happen(project, evidence=evidence, origin=Origin.PROVIDER)
    page = member_client.get(f"{LIST}{incident.pk}/")
    assertContains(page, "&lt;script&gt;alert(1)")
    assertContains(page, "/p/support/traces/0af7651916cd43dd8448eb211c80319c/")
    assertContains(page, "the bar is 0.85")
    assertContains(page, "the provider")


def test_roll_back_takes_the_implicated_move_back_once(
    member_client: Client, project: Project
) -> None:
    move = moved(project)
    incident = happen(project, implicated=move)
    one = f"{LIST}{incident.pk}/"
    assertContains(member_client.get(one), "A recent change is implicated.")
    assertContains(member_client.post(f"{one}rollback/", follow=True), "is on v1")
    assert move.prompt.labels.get(name="production").version.number == 1
    incident.refresh_from_db()
    assert incident.state == State.ACKNOWLEDGED
    page = member_client.post(f"{one}rollback/", follow=True)
    assertContains(page, "has moved since")
    assertNotContains(page, "Roll back</button>")


def test_an_old_move_is_not_offered(member_client: Client, project: Project) -> None:
    move = moved(project)
    LabelMove.objects.filter(pk=move.pk).update(at=timezone.now() - timedelta(days=8))
    move.refresh_from_db()
    incident = happen(project, implicated=move)
    assertNotContains(member_client.get(f"{LIST}{incident.pk}/"), "Roll back</button>")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("email", {"addresses": "a@example.com\nb@example.com"}),
        ("slack", {"url": "https://hooks.slack.com/services/T/B/x"}),
        ("pagerduty", {"key": KEY, "url": "https://events.pagerduty.com/v2/enqueue"}),
        ("webhook", {"url": "https://hooks.example.com/x"}),
    ],
)
def test_an_admin_makes_and_changes_each_kind(
    owner_client: Client, project: Project, kind: str, said: dict[str, str]
) -> None:
    made = owner_client.post(
        f"{CHANNELS}?kind={kind}", {"name": "Team", "least_severity": "page", **said}
    )
    assertContains(made, "Send it a test")
    channel = Channel.objects.get()
    assert (channel.kind, channel.least_severity) == (kind, Severity.PAGE)
    if kind == "webhook":
        assertContains(made, "whsec_")
    one = f"{CHANNELS}{channel.pk}/"
    kept = {name: value for name, value in said.items() if kind in ("email", "webhook")}
    kept |= {"url": said["url"]} if kind == "pagerduty" else {}
    answer = owner_client.post(one, {"name": "Team 2", "least_severity": "info", **kept})
    assert answer.status_code == 303
    channel.refresh_from_db()
    assert channel.name == "Team 2"
    page = owner_client.get(one)
    assertNotContains(page, "services/T/B/x")
    assertNotContains(page, KEY)
    assert owner_client.post(f"{one}delete/").status_code == 303
    assert owner_client.get(one).status_code == 404


def test_odd_channels_are_refused_in_words(owner_client: Client, project: Project) -> None:
    said = {"name": "x", "least_severity": "page", "url": "http://127.0.0.1/x"}
    page = owner_client.post(f"{CHANNELS}?kind=webhook", said)
    assertContains(page, "private address", status_code=422)
    page = owner_client.post(f"{CHANNELS}?kind=email", {**said, "addresses": "no address"})
    assertContains(page, "is no e-mail address", status_code=422)
    assert not Channel.objects.exists()


def test_a_failing_channel_is_red_where_people_look(
    owner_client: Client, project: Project, server: Receiver
) -> None:
    channel = slack(project, server)
    server.answering.statuses = [500]
    incident = happen(project)
    deliver_due()
    for at in (LIST, CHANNELS, f"{CHANNELS}{channel.pk}/", f"{LIST}{incident.pk}/"):
        assertContains(owner_client.get(at), "It answered 500." if at != CHANNELS else "Failing")
    owner_client.post(f"{CHANNELS}{channel.pk}/test/")
    assertContains(owner_client.get(f"{CHANNELS}{channel.pk}/"), "a test")
    owner_client.post(f"{CHANNELS}{channel.pk}/switch/", {"on": "0"})
    assertContains(owner_client.get(f"{CHANNELS}{channel.pk}/"), "Switched off.")


def test_wishes_are_saved_within_bounds(owner_client: Client, project: Project) -> None:
    said = {"escalate_minutes": "30", "fold_minutes": "0", "content_leaves": "on"}
    owner_client.post(f"{CHANNELS}wishes/", said)
    wishes = settings_of(project)
    assert (wishes.escalate_minutes, wishes.fold_minutes, wishes.content_leaves) == (30, 0, True)
    page = owner_client.post(f"{CHANNELS}wishes/", {**said, "fold_minutes": "999"}, follow=True)
    assertContains(page, "Nothing was saved.")


def test_the_palette_finds_them(member_client: Client, project: Project) -> None:
    happen(project)
    assertContains(member_client.get("/p/support/find/?q=faithfulness"), "Faithfulness fell")
    assert Incident.objects.count() == 1
