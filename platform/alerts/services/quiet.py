"""Maintenance windows and quiet hours, and telling in the end what they held back."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time, timedelta

from django.db import transaction

from accounts.models import Project, User
from accounts.services.trail import Actor, record
from alerts.models import (
    Delivery,
    HeldNotice,
    Incident,
    IncidentStep,
    MaintenanceWindow,
    QuietHours,
    Severity,
    State,
    StepKind,
)
from alerts.queries.quiet import hold_of
from alerts.queries.wishes import settings_of
from alerts.services.errors import BadRotation
from alerts.services.persons import tell_again, tell_persons
from alerts.services.timeline import add_step, announce, locked
from alerts.values import clean, moment
from evals.values.slots import is_zone
from features.services.acting import label_of

MOST_WINDOWS = 100
LONGEST = timedelta(days=31)
LONGEST_WEEKLY = timedelta(days=6)
MOST_AT_ONCE = 200


@transaction.atomic
def plan_maintenance(
    project: Project,
    *,
    begins_at: datetime,
    ends_at: datetime,
    reason: str,
    feature: str = "",
    is_weekly: bool = False,
    zone: str = "UTC",
    actor: Actor,
) -> MaintenanceWindow:
    """Incidents of that time are kept and not told. Raises: BadRotation."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    reason = clean(reason, 200)
    if not reason:
        raise BadRotation("Say why.", "reason")
    if not is_zone(zone):
        raise BadRotation(f"There is no time zone {zone[:60]!r}.", "zone")
    longest = LONGEST_WEEKLY if is_weekly else LONGEST
    if not begins_at < ends_at <= begins_at + longest:
        text = f"It ends after it begins, within {longest.days} days."
        raise BadRotation(text, "ends_at")
    if MaintenanceWindow.objects.filter(project=project).count() >= MOST_WINDOWS:
        raise BadRotation(f"A project has at most {MOST_WINDOWS} windows; remove old ones.")
    made = MaintenanceWindow.objects.create(
        project=project, feature=clean(feature, 200), begins_at=begins_at, ends_at=ends_at,
        is_weekly=is_weekly, zone=zone, reason=reason, made_by_label=label_of(actor),
    )  # fmt: skip
    record(
        "maintenance.planned", actor=actor, project=project, subject=made, reason=reason,
        feature=made.feature, begins_at=begins_at.isoformat(), ends_at=ends_at.isoformat(),
        is_weekly=is_weekly, zone=zone,
    )  # fmt: skip
    announce(project.pk)
    return made


@transaction.atomic
def cancel_maintenance(window: MaintenanceWindow, *, actor: Actor) -> None:
    """It is over, or does not come; what it held back is told at the next look."""
    project = window.project
    record(
        "maintenance.cancelled", actor=actor, project=project, subject=window, reason=window.reason
    )
    window.delete()
    held = Incident.objects.filter(project=project, held_until__isnull=False)
    held.exclude(state=State.RESOLVED).update(held_until=window.created_at)
    announce(project.pk)


@transaction.atomic
def set_quiet_hours(
    *,
    project: Project,
    person: User | None = None,
    hours: tuple[time, time, str] | None,
    actor: Actor,
) -> None:
    """The hours of `person`, else of the project; None takes them back. Raises: BadRotation."""
    owner = {"person": person} if person is not None else {"project": project}
    if hours is None:
        QuietHours.objects.filter(**owner).delete()
    else:
        begins, ends, zone = hours
        if not is_zone(zone):
            raise BadRotation(f"There is no time zone {zone[:60]!r}.", "zone")
        if begins == ends:
            raise BadRotation("Quiet hours end at another time than they begin.", "ends")
        said = {"begins": begins, "ends": ends, "zone": zone}
        QuietHours.objects.update_or_create(**owner, defaults=said)
    told = None if hours is None else f"{hours[0]:%H:%M} to {hours[1]:%H:%M} {hours[2]}"
    whose = person.email if person is not None else None
    record(
        "quiet_hours.changed", actor=actor, project=project, subject=project, hours=told,
        person=whose,
    )  # fmt: skip


def release(now: datetime) -> int:
    """Tell what was held back and still stands, in one message a project; how many. May run twice.

    Also notices that waited for the end of a person's own quiet hours.
    """
    due = Incident.objects.filter(
        project__deleted_at=None, held_until__lte=now, lead=None
    ).exclude(state=State.RESOLVED)  # fmt: skip
    by_project: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pk, project, severity in due.values_list("pk", "project_id", "severity")[:MOST_AT_ONCE]:
        by_project[project].append((-Severity(severity).rank, pk))
    done = sum(_release([pk for _, pk in sorted(rows)], now) for rows in by_project.values())
    return done + _release_notices(now)


@transaction.atomic
def _release(pks: list[int], now: datetime) -> int:
    """The loudest of them is sent; the others are a storm, and fold into it."""
    going = [one for pk in pks if (one := _still_held(pk, now)) is not None]
    if not going:
        return 0
    lead, *others = going
    folds = settings_of(lead.project).fold_minutes > 0
    folded = [one for one in others if folds and one.state == State.OPEN and not _is_told(one)]
    for one in folded:
        one.lead, one.held_until, one.escalate_at = lead, None, None
        one.save(update_fields=["lead", "held_until", "escalate_at"])
        add_step(
            lead, StepKind.FOLDED, actor=None, text=one.sentence, folded=one.pk,
            folded_cause=one.cause,
        )  # fmt: skip
    _tell(lead, now, more=len(folded))
    for one in others:
        if one not in folded:
            _tell(one, now, more=0)
    return len(going)


def _still_held(pk: int, now: datetime) -> Incident | None:
    """The locked incident if it is to be told now; its hold goes on where another has begun."""
    incident = locked(pk)
    if incident.held_until is None or incident.held_until > now or incident.is_over:
        return None
    hold = hold_of(incident, now)
    incident.held_until = None if hold is None else hold.until
    incident.save(update_fields=["held_until"])
    # One that sleeps is told when it is open again.
    return incident if hold is None and incident.state != State.SNOOZED else None


def _tell(incident: Incident, now: datetime, *, more: int) -> None:
    steps = IncidentStep.objects.filter(incident=incident, details__has_key="held_until")
    what = ", ".join(
        f"{one.get_kind_display()} {moment(one.at)}" for one in steps.order_by("number")
    )
    text = f"Held back until now: {what}." if what else "Held back until now."
    if more:
        text += f" {more} more cause{'s' if more > 1 else ''} came meanwhile."
    if incident.severity == Severity.PAGE and incident.state == State.OPEN:
        minutes = settings_of(incident.project).escalate_minutes
        incident.escalate_at, incident.escalations = now + timedelta(minutes=minutes), 0
    add_step(incident, StepKind.RELEASED, actor=None, text=text, now=now)
    label = Severity(incident.severity).label
    title = f"{label}: {incident.sentence}"
    tell_persons(incident, "incident.opened", title, [incident.owner], actor=None, now=now)


def _is_told(incident: Incident) -> bool:
    return Delivery.objects.filter(incident=incident).exists()


@transaction.atomic
def _release_notices(now: datetime) -> int:
    due = HeldNotice.objects.filter(due_at__lte=now).select_for_update(
        skip_locked=True, of=["self"]
    )
    done = 0
    rows = due.select_related("incident__project__organization", "person").order_by("pk")
    for row in rows[:MOST_AT_ONCE]:
        if not row.incident.is_over and row.incident.project.deleted_at is None:
            tell_again(row.incident, row.event, row.title, row.person)
            done += 1
        row.delete()
    return done
