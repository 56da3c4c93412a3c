"""What time does to incidents: pages that nobody acknowledged escalate, snoozed ones wake up."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from alerts.models import Incident, Severity, State, StepKind
from alerts.queries.quiet import hold_of
from alerts.queries.wishes import settings_of
from alerts.services.persons import admins_of, tell_persons, who_answers
from alerts.services.quiet import release
from alerts.services.timeline import add_step, follow, locked
from alerts.values import ANNOUNCING
from features.queries import feature_named
from kit.figures import duration

MOST_AT_ONCE = 200


def watch(now: datetime | None = None) -> int:
    """Escalate and reopen what is due; how many. May run twice."""
    now = now or timezone.now()
    live = Incident.objects.filter(project__deleted_at=None)
    late = live.filter(state=State.OPEN, escalate_at__lte=now).order_by("escalate_at")
    asleep = live.filter(state=State.SNOOZED, snoozed_until__lte=now, lead=None)
    done = release(now)
    for pk in list(late.values_list("pk", flat=True)[:MOST_AT_ONCE]):
        done += _escalate(pk, now)
    for pk in list(asleep.values_list("pk", flat=True)[:MOST_AT_ONCE]):
        done += _reopen(pk, now)
    return done


@transaction.atomic
def _escalate(pk: int, now: datetime) -> bool:
    """To the next who answers for the feature, at last to the admins, then no further."""
    incident = locked(pk)
    if incident.state != State.OPEN or incident.escalate_at is None or incident.escalate_at > now:
        return False
    if (hold := hold_of(incident, now)) is not None:
        incident.escalate_at = hold.until
        incident.save(update_fields=["escalate_at"])
        return False
    feature = feature_named(incident.project, incident.feature) if incident.feature else None
    answering = who_answers(incident.project, feature, now)
    known = _asked_already(incident)
    asked = [one for one in answering.persons if one.pk not in known][:1]
    is_last = not asked
    if is_last:
        asked = admins_of(incident.project)
    wait = timedelta(minutes=settings_of(incident.project).escalate_minutes)
    incident.escalations += 1
    incident.escalate_at = None if is_last else now + wait
    names = ", ".join(one.display_name for one in asked[:5]) or "nobody is left to ask"
    waited = duration(now - incident.opened_at)
    text = f"Not acknowledged for {waited}; now asked: {names}. {answering.said}"
    add_step(incident, StepKind.ESCALATED, actor=None, text=text, to=[one.pk for one in asked])
    title = f"Not acknowledged: {incident.sentence}"
    tell_persons(incident, "incident.escalated", title, asked, actor=None)
    return True


def _asked_already(incident: Incident) -> set[int]:
    """Who has it, and who was asked since it was last sent anew."""
    found = {incident.owner_id} if incident.owner_id else set()
    for step in incident.steps.order_by("-number"):
        if step.kind in ANNOUNCING:
            break
        if step.kind == StepKind.ESCALATED:
            found |= set(step.details.get("to", ()))
    return found


@transaction.atomic
def _reopen(pk: int, now: datetime) -> bool:
    incident = locked(pk)
    until = incident.snoozed_until
    if incident.state != State.SNOOZED or until is None or until > now:
        return False
    incident.state, incident.snoozed_until, incident.escalations = State.OPEN, None, 0
    if incident.severity == Severity.PAGE:
        wait = timedelta(minutes=settings_of(incident.project).escalate_minutes)
        incident.escalate_at = now + wait
    add_step(incident, StepKind.REOPENED, actor=None, now=now)
    follow(incident, StepKind.REOPENED, actor=None)
    title = f"Open again: {incident.sentence}"
    tell_persons(incident, "incident.reopened", title, [incident.owner], actor=None, now=now)
    return True
