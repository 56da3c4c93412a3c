"""The demo's alert rules: what the order service's outage opened, by the rules that watched it.

The rules are made through the services and look at the last fortnight as they would have then.
What stands already is left alone.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from alerts.models import AlertRule, Incident, StepKind
from alerts.queries.rule_ready import ready_named
from alerts.services.rule_watch import look_back
from alerts.services.rules import create_rule
from prompts.demo import Story
from traces.demo.calendar import INCIDENT

_ERRORS: dict[str, Any] = {
    "name": "Errors of refund-agent",
    "metric": "error_rate",
    "scope": "feature:refund-agent env:production",
    "condition": "above",
    "amount": Decimal("0.25"),
    "window_minutes": 60,
    "least": 8,
    "clear_minutes": 30,
    "severity": "page",
    "feature": "refund-agent",
}


def tell(story: Story) -> bool:
    """Make the rules and let them look back; False where the project has rules, or is gone."""
    project = story.project
    if project.deleted_at is not None or AlertRule.objects.filter(project=project).exists():
        return False
    made = [create_rule(project, actor=None, **_ERRORS)]
    ready = ready_named(project, "fluent_wrong")
    if ready is not None:
        made.append(create_rule(project, actor=None, **ready.fields))
    now = timezone.now()
    since = story.at(INCIDENT - 0.5)
    for rule in made[:1]:
        look_back(rule, since, now)
    began = story.at(INCIDENT + 5)
    AlertRule.objects.filter(pk__in=[one.pk for one in made]).update(created_at=began)
    _set_back(made[0], now)
    return True


def _set_back(rule: AlertRule, now: Any) -> None:
    """Steps stand at the time of which they tell."""
    for incident in Incident.objects.filter(project=rule.project, cause=rule.cause):
        at = incident.opened_at
        for step in incident.steps.order_by("number"):
            if step.kind == StepKind.RESOLVED:
                at = incident.resolved_at or at
            elif step.kind != StepKind.OPENED:
                at = min(at + timedelta(minutes=20), incident.resolved_at or now)
            step.at = at
            step.save(update_fields=["at"])
