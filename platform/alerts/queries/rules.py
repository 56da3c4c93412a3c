"""Alert rules of a project, what happened to each, and which of them are due."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Case, IntegerField, Prefetch, Q, QuerySet, Value, When

from accounts.models import Project
from alerts.models import AlertRule, Channel, RuleEvent
from evals.models import DriftAlarm

MOST_DUE = 5_000
_LOUD = {AlertRule.State.FIRING: 0, AlertRule.State.UNKNOWN: 1}


def list_rules(project: Project) -> QuerySet[AlertRule]:
    """The project's rules, newest first."""
    rows = AlertRule.objects.filter(project=project)
    live = Channel.objects.filter(deleted_at=None)
    return (
        rows.select_related("project__organization", "owner", "incident", "created_by")
        .prefetch_related(Prefetch("channels", live))
        .order_by("-pk")
    )


def rules_to_show(project: Project, most: int = 500) -> list[AlertRule]:
    """What fires first, then what cannot tell, then the rest by name."""
    place = Case(
        When(is_enabled=False, then=Value(3)),
        *(When(state=state, then=Value(rank)) for state, rank in _LOUD.items()),
        default=Value(2),
        output_field=IntegerField(),
    )
    return list(list_rules(project).annotate(place=place).order_by("place", "name")[:most])


def get_rule(project: Project, pk: int) -> AlertRule | None:
    """The project's rule of this id."""
    return list_rules(project).filter(pk=pk).first() if pk < 2**63 else None


def due_rules(now: datetime) -> list[AlertRule]:
    """Those whose time has come, the longest due first."""
    rows = AlertRule.objects.filter(
        is_enabled=True, next_at__lte=now, project__deleted_at=None
    ).select_related("project__organization")
    return list(rows.order_by("next_at", "pk")[:MOST_DUE])


def is_covered(project_id: int, schedule_id: int) -> bool:
    """True where a rule says how loud the alarms of a schedule are."""
    of_schedule = Q(metric="drift", subject=str(schedule_id), is_enabled=True)
    return AlertRule.objects.filter(of_schedule, project=project_id).exists()


def cause_over_alarm(project: Project, alarm_pk: int) -> str:
    """The cause of the incident of a rule that speaks for an alarm; '' where none does."""
    alarm = DriftAlarm.objects.filter(pk=alarm_pk, schedule__project=project).first()
    if alarm is None:
        return ""
    rows = AlertRule.objects.filter(
        project=project, metric="drift", subject=str(alarm.schedule_id), is_enabled=True
    )
    rule = rows.order_by("-incident", "pk").first()
    return rule.cause if rule is not None else ""


def events_of(rule: AlertRule, most: int = 50) -> list[RuleEvent]:
    """What happened to it, the newest first."""
    return list(rule.events.select_related("incident").order_by("-at", "-pk")[:most])


def count_firing(project: Project) -> int:
    """How many rules fire now."""
    rows = AlertRule.objects.filter(project=project, is_enabled=True)
    return rows.filter(state=AlertRule.State.FIRING).count()
