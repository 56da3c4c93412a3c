"""Alert rules: made, changed, switched, muted, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor, person, record
from alerts.models import AlertRule, Channel
from alerts.services.errors import BadRule, RuleIsGone
from alerts.services.incidents import resolve_cause
from alerts.services.rule_checks import describe
from alerts.services.timeline import announce
from kit.jobs import nudge

WATCH = "alerts.watch_rules"
MOST_RULES = 1_000  # of a project
LONGEST_MUTE = timedelta(days=30)
# What says of a rule when it fires: where that changes, it begins anew.
_MEANING = (
    "metric", "scope", "match", "score", "score_bar", "score_is_most", "other", "other_bar",
    "other_is_most", "subject", "condition", "amount", "is_percent", "baseline", "baseline_days",
    "window_minutes", "least", "breaches", "windows",
)  # fmt: skip


@transaction.atomic
def create_rule(project: Project, *, actor: Actor, **said: Any) -> AlertRule:
    """A new rule, due at once. `said` are fields of AlertRule; `channels` ids. Raises: BadRule."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if AlertRule.objects.filter(project=project).count() >= MOST_RULES:
        raise BadRule(f"A project may have {MOST_RULES:,} rules; delete one first.")
    rule = AlertRule(project=project, created_by=person(actor))
    channels = describe(rule, said)
    rule.save()
    rule.channels.set(channels)
    _record("alert_rule.created", rule, actor, says=_told(rule, channels))
    nudge(WATCH)
    return rule


def draft_rule(project: Project, **said: Any) -> AlertRule:
    """A rule that is not kept, to be tried on the past. Raises: BadRule."""
    rule = AlertRule(project=project)
    describe(rule, {"name": "New rule", **said})
    return rule


@transaction.atomic
def change_rule(rule: AlertRule, *, actor: Actor, **said: Any) -> AlertRule:
    """Change what is given; what fires goes on until a look says otherwise.

    Raises: BadRule, RuleIsGone.
    """
    rule = locked(rule.pk)
    before = {name: getattr(rule, name) for name in _MEANING}
    channels = describe(rule, said)
    if any(getattr(rule, name) != value for name, value in before.items()):
        rule.fine_since, rule.has_seen, rule.problem = None, False, ""
        rule.last_value = rule.last_bar = rule.last_count = None
        if rule.state != AlertRule.State.FIRING:
            rule.state, rule.since = AlertRule.State.NEW, None
    if not rule.is_enabled:
        _end(rule, "The rule was switched off.", actor)
    now = timezone.now()
    rule.changed_at, rule.next_at = now, now
    rule.save()
    rule.channels.set(channels)
    _record("alert_rule.changed", rule, actor, says=_told(rule, channels))
    nudge(WATCH)
    return rule


@transaction.atomic
def mute_rule(rule: AlertRule, *, until: datetime | None, actor: Actor) -> AlertRule:
    """It looks on and opens no incident until then; None ends that. Raises: BadRule, RuleIsGone."""
    now = timezone.now()
    if until is not None and not now < until <= now + LONGEST_MUTE:
        raise BadRule(f"Mute until a time within the next {LONGEST_MUTE.days} days.", "until")
    rule = locked(rule.pk)
    rule.muted_until, rule.next_at = until, now
    rule.save(update_fields=["muted_until", "next_at"])
    _record("alert_rule.muted", rule, actor, until=until.isoformat() if until else None)
    nudge(WATCH)
    return rule


@transaction.atomic
def delete_rule(rule: AlertRule, *, actor: Actor) -> None:
    """It is gone, and its incident is resolved. Raises: RuleIsGone."""
    rule = locked(rule.pk)
    _end(rule, "The rule was deleted.", actor)
    _record("alert_rule.deleted", rule, actor)
    rule.delete()


def locked(pk: int) -> AlertRule:
    """The rule under its row lock. Raises: RuleIsGone."""
    rows = AlertRule.objects.select_for_update(no_key=True, of=["self"])
    found = rows.select_related("project__organization", "owner").filter(pk=pk).first()
    if found is None:
        raise RuleIsGone("This rule was deleted meanwhile.")
    return found


def _end(rule: AlertRule, why: str, actor: Actor) -> None:
    resolve_cause(rule.project, rule.cause, why=why, actor=actor)
    rule.incident, rule.state, rule.since = None, AlertRule.State.NEW, None
    rule.fine_since = None


def _told(rule: AlertRule, channels: list[Channel]) -> Mapping[str, Any]:
    return {
        **{name: _plain(getattr(rule, name)) for name in _MEANING},
        "clear_minutes": rule.clear_minutes,
        "severity": rule.severity,
        "feature": rule.feature,
        "owner": rule.owner.email if rule.owner else None,
        "is_enabled": rule.is_enabled,
        "channels": [one.pk for one in channels],
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _record(action: str, rule: AlertRule, actor: Actor, **details: Any) -> None:
    record(action, actor=actor, project=rule.project, subject=rule, name=rule.name, **details)
    announce(rule.project_id)
