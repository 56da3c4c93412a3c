"""Drifts of texts become incidents: a ticket each, which holds no text."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from alerts.models import Incident, Origin, Severity, State
from alerts.services.incidents import open_incident, resolve_cause
from alerts.values import Evidence, Fact
from evals.models import TextDay, TextDrift

PREFIX = "drift:texts "
MOST_POINTS = 60  # days


def follow_text_drifts(now: datetime | None = None) -> int:
    """Each open drift of texts has its ticket, and what was closed is resolved; how many changed.

    May run twice: what stands in the rows decides.
    """
    now = now or timezone.now()
    live = TextDrift.objects.filter(watch__project__deleted_at=None)
    open_ones = set(live.filter(state=TextDrift.State.OPEN).values_list("pk", flat=True))
    going_on = Incident.objects.filter(
        project__deleted_at=None, cause__startswith=PREFIX
    ).exclude(state=State.RESOLVED)  # fmt: skip
    numbers = (one.removeprefix(PREFIX) for one in going_on.values_list("cause", flat=True))
    followed = {int(one) for one in numbers if one.isdecimal() and len(one) < 19}
    return sum(_follow(pk, now) for pk in sorted(followed | open_ones))


@transaction.atomic
def _follow(pk: int, now: datetime) -> int:
    found = TextDrift.objects.select_related("watch__project__organization", "day")
    drift = found.filter(pk=pk).first()
    if drift is None:
        return 0
    cause, project = f"{PREFIX}{pk}", drift.watch.project
    if drift.state != TextDrift.State.OPEN:
        is_normal = drift.state == TextDrift.State.DISMISSED
        why = "The drift was closed: the new normal." if is_normal else "The drift was closed."
        return int(resolve_cause(project, cause, why=why))
    known = Incident.objects.filter(project=project, cause=cause).order_by("-pk").first()
    evidence = _evidence(drift)
    if known is not None and (known.is_over or known.evidence == evidence.stored()):
        return 0
    since = date.fromordinal(drift.since)
    what = "Inputs" if drift.side == "input" else "Outputs"
    open_incident(
        project,
        cause,
        sentence=f"{what} of {drift.watch.feature} are about something else since "
        f"{since.day} {since:%b}.",
        severity=Severity.TICKET,
        feature=drift.watch.feature,
        origin=Origin.UNKNOWN,
        evidence=evidence,
        now=now,
    )
    return 1


def _evidence(drift: TextDrift) -> Evidence:
    day = drift.day
    page = reverse("evals:text_drift", args=[drift.watch.project.slug, drift.pk])
    facts = [
        Fact("Two days in a row", f"p {day.p:.3f}, limit 0.010", page),
        Fact("Distance of the means", f"{day.distance:.3f}"),
        Fact("Compared", f"{day.n:,} texts with {day.reference_n:,} of the reference"),
        Fact("Examples", f"{len(day.examples)} traces", page),
    ]
    facts += [Fact(f"Gate {one['gate']}", str(one["said"])) for one in drift.gates[:4]]
    days = TextDay.objects.filter(
        watch=drift.watch, side=drift.side, state=TextDay.State.DONE, day__lte=day.day
    ).order_by("-day")
    points = list(days.values_list("distance", flat=True)[:MOST_POINTS])
    return Evidence(facts=facts, points=points[::-1])
