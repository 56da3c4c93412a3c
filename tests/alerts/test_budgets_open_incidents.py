"""What budgets reach becomes one incident a period, louder as it goes on; drills arrive."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Project, User
from alerts.delivering import deliver_due
from alerts.models import Incident, Severity
from alerts.queries.objectives import objectives_of
from alerts.services.budgets import follow_budgets
from alerts.services.incidents import open_incident
from alerts.services.objectives import cause_of, watch_objectives
from costs.services.budgets import drill
from costs.services.watching import watch_budgets
from features.models import Target
from tests.alerts.making import bodies, slack
from tests.alerts.serving import asked
from tests.costs.making import DOLLAR, budget
from tests.receiver import Receiver
from tests.traces.seeing import call, store

pytestmark = pytest.mark.django_db


def test_one_incident_a_period_gets_louder_and_ends_with_it(project: Project, alice: User) -> None:
    mine = budget(project, alice, scope="feature", value="chat", period="day")
    store(project, call("t1", cost=0.6, feature="chat", ago=1))
    now = timezone.now()
    watch_budgets(now)
    follow_budgets(now)
    (incident,) = Incident.objects.all()
    assert (incident.severity, incident.owner, incident.feature) == ("info", alice, "chat")
    assert (
        incident.sentence
    ) == "60% of $1.00 today are spent: the budget “Ceiling” of the feature chat."
    store(project, call("t2", cost=0.6, feature="chat", ago=1))
    later = now + timedelta(seconds=1)
    watch_budgets(later)
    follow_budgets(later)
    follow_budgets(later)
    incident.refresh_from_db()
    assert (incident.severity, incident.state) == ("page", "open")
    assert "refused" in incident.sentence
    assert follow_budgets(later) == 0
    assert incident.evidence["facts"][0] == {"text": "Spent", "value": "$1.20", "href": ""}
    follow_budgets(now + timedelta(days=1))
    incident.refresh_from_db()
    assert incident.state == "resolved"
    assert mine.marks.count() == 3


def test_a_spending_budget_and_an_objective_s_budget_are_told_apart(project: Project) -> None:
    asked(project, availability_ratio=0.99)
    budget(project, scope="feature", value="chat", period="day")
    store(project, call("t1", cost=0.6, feature="chat", ago=1))
    watch_budgets()
    follow_budgets()
    (objective, *_) = objectives_of(project, "refund-agent")
    theirs = cause_of(objective, is_page=False)
    open_incident(
        project, theirs, sentence="Availability burns its budget.", severity=Severity.TICKET,
        feature="refund-agent", evidence={}, owner=None, now=timezone.now(),
    )  # fmt: skip
    assert follow_budgets() == 0
    assert Incident.objects.filter(state="open").count() == 2
    watch_objectives()
    assert {one.cause for one in Incident.objects.filter(state="open")} >= {
        Incident.objects.get(feature="chat").cause
    }
    Target.objects.all().delete()
    watch_objectives()
    assert Incident.objects.get(state="open").feature == "chat"


def test_a_user_above_the_limit_is_named_in_the_evidence_alone(project: Project) -> None:
    budget(project, scope="user", period="rolling", rolling_hours=24, is_hard=False, name="Anybody")
    store(project, call("a", cost=1.5, user_id="ann@example.com"))
    watch_budgets()
    follow_budgets()
    (incident,) = Incident.objects.all()
    assert "ann" not in incident.sentence
    fact = incident.evidence["facts"][0]
    assert fact["value"] == "ann@example.com"
    assert fact["href"].startswith(f"/p/{project.slug}/users/")


def test_a_drill_reaches_the_receiver_and_says_that_nothing_is_wrong(
    project: Project, alice: User, server: Receiver
) -> None:
    slack(project, server)
    drill(budget(project, alice, limit=5 * DOLLAR), project=project, actor=alice)
    follow_budgets()
    follow_budgets()
    deliver_due()
    (heard,) = bodies(server)
    assert "Drill: The budget" in str(heard)
    assert "Nothing is wrong" in str(heard)
