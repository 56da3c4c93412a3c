"""The demo's rules: the outage opened an incident, by the rule that watched it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Project
from alerts.demo import tell
from alerts.models import AlertRule, Incident, State
from prompts.demo import Story
from tests.alerts import rule_making
from tests.alerts.rule_making import traffic

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_outage_is_an_incident_that_is_over(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(project, datetime.now(UTC).date(), 7)
    monkeypatch.setattr(rule_making, "NOW", story.at(9) + timedelta(hours=17))
    for minutes in range(0, 600, 20):
        is_down = 80 < minutes < 230
        traffic(
            project, 6, ago=minutes, failing=4 if is_down else 0, feature="refund-agent",
            environment="production",
        )  # fmt: skip
    assert tell(story)
    rule = AlertRule.objects.get(metric="error_rate")
    assert rule.created_at < story.at(13)
    incident = Incident.objects.get()
    assert (incident.state, incident.cause) == (State.RESOLVED, f"rule {rule.pk}")
    assert story.at(9) < incident.opened_at < (incident.resolved_at or incident.opened_at)
    steps = list(incident.steps.order_by("number"))
    assert (steps[0].at, steps[-1].at) == (incident.opened_at, incident.resolved_at)
    assert [one.kind for one in rule.events.order_by("at")] == ["fired", "over"]
    assert rule.incident is None
    assert not tell(story)
