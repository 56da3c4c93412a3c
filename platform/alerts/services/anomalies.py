"""Anomalies of spend become incidents: one each, which says who spent it and why."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from alerts.models import Incident, Severity, State
from alerts.services.acting import acknowledge
from alerts.services.incidents import open_incident, resolve_cause
from alerts.values import Evidence, Fact
from costs.models import Anomaly
from costs.pages.anomaly import cause_words, sentence_of
from costs.queries.anomalies import moves_around, usual_day
from kit.figures import money

PREFIX = "cost anomaly "
FRESH = timedelta(days=7)  # what is found later than this, as at a first reading, is history

Kind = Anomaly.Kind


def follow_anomalies(now: datetime | None = None) -> int:
    """Each anomaly that goes on has its incident, and those of ended ones are resolved; how many.

    May run twice: what stands in the rows decides.
    """
    now = now or timezone.now()
    going_on = Anomaly.objects.filter(
        state=Anomaly.State.OPEN, last_at__gt=now - FRESH, project__deleted_at=None
    )
    open_ones = Incident.objects.filter(cause__startswith=PREFIX).exclude(state=State.RESOLVED)
    numbers = (one.removeprefix(PREFIX) for one in open_ones.values_list("cause", flat=True))
    followed = {int(one) for one in numbers if one.isdecimal() and len(one) < 19}
    ids = followed | set(going_on.values_list("pk", flat=True))
    return sum(_follow(pk, now) for pk in sorted(ids))


@transaction.atomic
def _follow(pk: int, now: datetime) -> int:
    rows = Anomaly.objects.select_related("project__organization", "acknowledged_by")
    anomaly = rows.filter(pk=pk).first()
    if anomaly is None:
        return 0
    cause, project = f"{PREFIX}{pk}", anomaly.project
    if anomaly.state != Anomaly.State.OPEN:
        is_normal = anomaly.state == Anomaly.State.NORMAL
        why = "It is the new normal." if is_normal else "Spend is as expected again."
        return int(resolve_cause(project, cause, why=why))
    known = Incident.objects.filter(project=project, cause=cause).order_by("-pk").first()
    if known is not None and _is_taken(anomaly, known):
        acknowledge(known, actor=anomaly.acknowledged_by)
        return 1
    evidence = _evidence(anomaly)
    if known is not None and (known.is_over or known.evidence == evidence.stored()):
        return 0
    moves = moves_around(anomaly)
    open_incident(
        project,
        cause,
        sentence=sentence_of(anomaly),
        severity=_severity(anomaly, now),
        feature=anomaly.feature,
        evidence=evidence,
        implicated=moves[0] if moves else None,
        now=now,
    )
    return 1


def _is_taken(anomaly: Anomaly, known: Incident) -> bool:
    """Whether somebody took it in Costs; what comes back after that is asked anew."""
    return (
        anomaly.acknowledged_by is not None
        and known.state == State.OPEN
        and known.acknowledged_at is None
    )


def _severity(anomaly: Anomaly, now: datetime) -> Severity:
    """More than a usual day's money over what was expected wakes somebody; a fall does not."""
    if anomaly.kind == Kind.DROP:
        return Severity.INFO
    usual = usual_day(anomaly.project_id, anomaly.since)
    is_much = usual and anomaly.excess >= usual and anomaly.kind != Kind.NO_DATA
    return Severity.PAGE if is_much else Severity.TICKET


def _evidence(anomaly: Anomaly) -> Evidence:
    page = reverse("costs:anomaly", args=[anomaly.project.slug, anomaly.pk])
    facts = [
        Fact("Over what was expected", money(anomaly.excess), page),
        Fact("Expected", money(anomaly.expected)),
    ]
    for one in anomaly.causes[:3]:
        facts.append(Fact(cause_words(one), money(one["excess"]), page))
    return Evidence(facts=facts)
