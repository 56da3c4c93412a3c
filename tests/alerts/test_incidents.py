"""One open incident a cause: seen again it is silent, storms fold, and every act is one step."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Membership, Project, User
from alerts.models import Delivery, Incident, Origin, Severity, State
from alerts.services import acting
from alerts.services.errors import BadIncident, IncidentIsOver
from alerts.services.incidents import resolve_cause
from alerts.services.watching import watch
from alerts.values import Evidence
from audit.models import AuditEntry
from notices.models import PersonalNotice
from tests.alerts.making import email, happen, kinds, make_feature

pytestmark = pytest.mark.django_db


def titles(user: User) -> list[str]:
    return list(
        PersonalNotice.objects.filter(user=user).order_by("pk").values_list("title", flat=True)
    )


def test_a_cause_has_one_open_incident_and_is_sent_once(project: Project) -> None:
    email(project)
    first = happen(project)
    for _ in range(3):
        assert happen(project).pk == first.pk
    assert happen(project, origin=Origin.PROVIDER).origin == Origin.PROVIDER
    first.refresh_from_db()
    assert (kinds(first), first.times_seen) == (["opened", "seen"], 5)
    assert Delivery.objects.count() == 1
    acting.resolve(first, actor=None)
    assert happen(project).pk != first.pk


@pytest.mark.django_db(transaction=True)
def test_two_at_once_open_one(project: Project) -> None:
    def one(_: int) -> int:
        try:
            return happen(project).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(one, range(4)))) == 1
    assert Incident.objects.get().times_seen == 4


def test_it_goes_to_the_owner_or_to_the_deputy_where_that_one_left(
    project: Project, alice: User, bob: User
) -> None:
    make_feature(project, owner=bob, deputy=alice)
    first = happen(project, feature="refund-agent")
    assert (first.owner, first.runbook_url) == (bob, "https://wiki.example.com/refunds")
    assert titles(bob) == ["Page: Faithfulness fell from 0.93 to 0.84."]
    acting.resolve(first, actor=bob)
    Membership.objects.filter(user=bob).delete()
    assert happen(project, feature="refund-agent").owner == alice


def test_a_page_that_nobody_acknowledges_goes_to_the_deputy_then_to_admins(
    project: Project, alice: User, bob: User
) -> None:
    make_feature(project, owner=alice, deputy=bob)
    incident = happen(project, feature="refund-agent")
    now = timezone.now()
    assert watch(now + timedelta(minutes=14)) == 0
    assert watch(now + timedelta(minutes=16)) == 1
    assert watch(now + timedelta(minutes=16)) == 0
    assert titles(bob) == ["Not acknowledged: Faithfulness fell from 0.93 to 0.84."]
    assert watch(now + timedelta(minutes=40)) == 1
    assert len(titles(alice)) == 2  # the owner of the organization is an admin too
    assert watch(now + timedelta(days=2)) == 0
    assert kinds(incident) == ["opened", "escalated", "escalated"]


def test_acknowledged_it_escalates_no_more_and_a_ticket_never_does(
    project: Project, bob: User
) -> None:
    incident = happen(project)
    acting.acknowledge(incident, actor=bob)
    acting.acknowledge(incident, actor=bob)
    happen(project, "other", severity=Severity.TICKET)
    assert watch(timezone.now() + timedelta(days=1)) == 0
    incident.refresh_from_db()
    assert (incident.state, incident.owner) == (State.ACKNOWLEDGED, bob)
    assert kinds(incident) == ["opened", "acknowledged", "folded"]


def test_a_snoozed_one_is_silent_until_its_time_or_until_it_is_worse(
    project: Project, bob: User
) -> None:
    email(project)
    incident = happen(project, severity=Severity.TICKET)
    until = timezone.now() + timedelta(hours=4)
    acting.snooze(incident, until=until, actor=bob, text="after lunch")
    happen(project, severity=Severity.TICKET)
    assert watch() == 0
    assert watch(until + timedelta(seconds=1)) == 1
    incident.refresh_from_db()
    assert (incident.state, Delivery.objects.count()) == (State.OPEN, 2)
    acting.snooze(incident, until=timezone.now() + timedelta(hours=1), actor=bob)
    louder = happen(project, sentence="Faithfulness is 0.60.")
    assert (louder.state, louder.severity, louder.escalate_at is None) == ("open", "page", False)
    with pytest.raises(BadIncident):
        acting.snooze(incident, until=timezone.now() - timedelta(hours=1), actor=bob)


def test_a_storm_folds_into_its_first_and_ends_with_it(project: Project, bob: User) -> None:
    email(project)
    first = happen(project, "a", severity=Severity.TICKET)
    others = [happen(project, f"cause {n}", severity=Severity.TICKET) for n in range(5)]
    assert Delivery.objects.count() == 1
    with pytest.raises(IncidentIsOver):
        acting.acknowledge(others[0], actor=bob)
    happen(project, "loud")  # a page among tickets is heard
    assert Delivery.objects.count() == 2
    first.refresh_from_db()
    assert first.severity == Severity.PAGE
    assert resolve_cause(project, "cause 0", why="gone")
    acting.resolve(first, actor=bob)
    assert not Incident.objects.exclude(state=State.RESOLVED).exists()
    Incident.objects.update(opened_at=timezone.now() - timedelta(minutes=11))
    assert happen(project, "a").lead is None


def test_later_ones_do_not_fold(project: Project) -> None:
    happen(project, "a")
    Incident.objects.update(opened_at=timezone.now() - timedelta(minutes=11))
    assert happen(project, "b").lead is None


def test_it_is_given_to_members_alone(project: Project, bob: User, charlie: User) -> None:
    incident = happen(project)
    with pytest.raises(BadIncident):
        acting.assign(incident, owner=charlie, actor=None)
    assert acting.assign(incident, owner=bob, actor=None).owner == bob
    assert titles(bob) == ["It is yours: Faithfulness fell from 0.93 to 0.84."]


def test_every_act_is_audited_and_what_is_over_stays_over(project: Project, bob: User) -> None:
    incident = happen(project)
    acting.acknowledge(incident, actor=bob)
    acting.resolve(incident, actor=bob, text="index was stale")
    with pytest.raises(IncidentIsOver):
        acting.acknowledge(incident, actor=bob)
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["incident.opened", "incident.acknowledged", "incident.resolved"]
    assert not resolve_cause(project, incident.cause, why="")


@pytest.mark.parametrize("said", [{"cause": ""}, {"cause": "x" * 201}, {"sentence": " \x00 "}])
def test_odd_incidents_are_refused(project: Project, said: dict[str, str]) -> None:
    with pytest.raises(BadIncident):
        happen(project, **said)


def test_odd_evidence_is_stored_as_far_as_it_can_be(project: Project) -> None:
    odd = Evidence(points=[None] * 900, trace_ids=["\x00a", "\ud800"], excerpts=["x" * 9000] * 9)
    stored = happen(project, evidence=odd).evidence
    assert (len(stored["points"]), stored["trace_ids"]) == (400, ["a", "?"])
    assert [len(one) for one in stored["excerpts"]] == [500] * 5
