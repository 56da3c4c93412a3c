"""Alarms of schedules become incidents: one each, which says whose change it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from alerts.models import Incident, Origin, Severity, State
from alerts.queries.rules import is_covered
from alerts.services.incidents import open_incident, resolve_cause
from alerts.values import Evidence, Fact
from evals.models import DriftAlarm, ScheduleRun
from evals.queries.schedules import evaluators_of
from prompts.models import LabelMove

PREFIX = "drift:alarm "
# An alarm waits for its replays, so that one message says whose change it was; but not longer.
WAITS = timedelta(hours=1)
MOST_POINTS = 60  # days

Cause = DriftAlarm.Cause
ORIGINS: Mapping[str, Origin] = {
    Cause.UPSTREAM: Origin.PROVIDER,
    Cause.OWN: Origin.US,
    Cause.BOTH: Origin.BOTH,
    Cause.JUDGE: Origin.JUDGE,
}
_SAID: Mapping[str, str] = {
    Cause.UPSTREAM: "It was the provider, not us.",
    Cause.OWN: "It was our own change.",
    Cause.BOTH: "It was our own change and the provider's.",
    Cause.JUDGE: "It was the judge that changed.",
    Cause.NONE: "It did not repeat.",
    Cause.UNKNOWN: "Too few items to tell whose change it was.",
}


def follow_alarms(now: datetime | None = None) -> int:
    """Each open alarm has its incident, and what was closed is resolved; how many were changed.

    May run twice: what stands in the rows decides.
    """
    now = now or timezone.now()
    live = DriftAlarm.objects.filter(schedule__project__deleted_at=None)
    open_ones = live.filter(state=DriftAlarm.State.OPEN).values_list("pk", flat=True)
    going_on = Incident.objects.filter(
        project__deleted_at=None, cause__startswith=PREFIX
    ).exclude(state=State.RESOLVED)  # fmt: skip
    causes = going_on.values_list("cause", flat=True)
    numbers = (cause.removeprefix(PREFIX) for cause in causes)
    followed = {int(one) for one in numbers if one.isdecimal() and len(one) < 19}
    return sum(_follow(pk, now) for pk in sorted(followed | set(open_ones)))


@transaction.atomic
def _follow(pk: int, now: datetime) -> int:
    alarm = (
        DriftAlarm.objects.select_related("schedule__project__organization", "run")
        .filter(pk=pk)
        .first()
    )
    if alarm is None:
        return 0
    cause, project = f"{PREFIX}{pk}", alarm.schedule.project
    if alarm.state == DriftAlarm.State.OPEN and is_covered(project.pk, alarm.schedule_id):
        return int(resolve_cause(project, cause, why="An alert rule of the schedule took over."))
    if alarm.state != DriftAlarm.State.OPEN:
        is_normal = alarm.state == DriftAlarm.State.DISMISSED
        why = "The alarm was closed: the new normal." if is_normal else "The alarm was closed."
        return int(resolve_cause(project, cause, why=why))
    known = Incident.objects.filter(project=project, cause=cause).order_by("-pk").first()
    if known is None and alarm.told_at is None and now - alarm.opened_at < WAITS:
        return 0
    evidence = evidence_of(alarm)
    if known is not None and (known.is_over or known.evidence == evidence.stored()):
        return 0
    open_incident(
        project,
        cause,
        sentence=_sentence(alarm),
        severity=_severity(alarm),
        feature=alarm.schedule.feature,
        origin=ORIGINS.get(alarm.cause, Origin.UNKNOWN),
        evidence=evidence,
        implicated=implicated_in(alarm),
    )
    return 1


def _severity(alarm: DriftAlarm) -> Severity:
    """A sudden drop wakes somebody, a slow one waits for the morning."""
    if alarm.cause == Cause.NONE:
        return Severity.INFO
    return Severity.TICKET if alarm.kind == DriftAlarm.Kind.DECAY else Severity.PAGE


def _sentence(alarm: DriftAlarm) -> str:
    since = date.fromordinal(alarm.since)
    of = alarm.schedule.feature or alarm.schedule.name
    text = f"{_metric(alarm)} of {of} fell by {abs(alarm.effect):.2f} since {since.day} {since:%b}."
    return f"{text} {_SAID.get(alarm.cause, '')}".strip()


def _metric(alarm: DriftAlarm) -> str:
    watched = evaluators_of(alarm.schedule)[:1]
    return watched[0].evaluator.name if watched else "The score"


def evidence_of(alarm: DriftAlarm) -> Evidence:
    """What an incident of the alarm stands on."""
    low, high = sorted((abs(alarm.low), abs(alarm.high)))
    page = reverse("evals:drift_alarm", args=[alarm.schedule.project.slug, alarm.pk])
    facts = [Fact("Fell by", f"{abs(alarm.effect):.3f}, 95 % range {low:.3f} to {high:.3f}", page)]
    facts.append(Fact("Schedule", alarm.schedule.name))
    if alarm.cause:
        certainty = f", confidence {alarm.confidence}" if alarm.confidence else ""
        facts.append(Fact("Verdict", f"{Cause(alarm.cause).label}{certainty}"))
    facts += [Fact("Because", str(one)) for one in alarm.attribution.get("sentences", [])[:4]]
    runs = alarm.schedule.runs.filter(
        kind=ScheduleRun.Kind.PLANNED, alarm=None, day__lte=alarm.run.day
    ).order_by("-day", "-pk")  # fmt: skip
    means = list(runs.values_list("mean", flat=True)[:MOST_POINTS])
    return Evidence(facts=facts, points=means[::-1])


def implicated_in(alarm: DriftAlarm) -> LabelMove | None:
    """The move that brought the version which runs since, where it was our own change."""
    if alarm.cause not in (Cause.OWN, Cause.BOTH) or not alarm.schedule.label:
        return None
    moves = LabelMove.objects.filter(
        prompt=alarm.schedule.prompt,
        label=alarm.schedule.label,
        to_version=alarm.run.prompt_version,
    )
    return moves.order_by("-pk").first()
