"""Rotations set and removed, turns taken over, absences noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Project, User
from accounts.services.trail import Actor, record
from alerts.models import Absence, OnCallRotation, OnCallStint
from alerts.queries.on_call import members_of
from alerts.services.errors import BadRotation
from alerts.services.timeline import announce
from evals.values.slots import is_zone
from features.models import Feature
from features.services.acting import lock

MOST_PERSONS = 20
MOST_WEEKS = 8
MOST_OPEN = 200  # stints of a rotation, absences of a project, that are not over
LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class NewRotation:
    """What a rotation is to be; see `alerts.oncall.Rotation`."""

    person_ids: Sequence[int]
    zone: str = "UTC"
    weekday: int = 0
    hour: int = 9
    minute: int = 0
    weeks: int = 1
    starts: date | None = None  # None: today
    is_first: bool = False


@transaction.atomic
def set_rotation(feature: Feature, said: NewRotation, *, actor: Actor) -> OnCallRotation:
    """The feature's rotation is this from now on. Raises: BadRotation."""
    feature = lock(feature.pk)
    persons = _good(feature.project, said)
    known = OnCallRotation.objects.filter(feature=feature).first()
    before = _document(known) if known else {}
    rotation = known or OnCallRotation(feature=feature)
    rotation.person_ids, rotation.zone = persons, said.zone
    rotation.weekday, rotation.hour, rotation.minute = said.weekday, said.hour, said.minute
    rotation.weeks, rotation.is_first = said.weeks, said.is_first
    rotation.starts = said.starts or timezone.now().date()
    rotation.changed_at = timezone.now()
    rotation.save()
    after = _document(rotation)
    if before != after:
        _record("rotation.changed", feature.project, feature, actor, before=before, after=after)
    return rotation


@transaction.atomic
def remove_rotation(feature: Feature, *, actor: Actor) -> None:
    """Owner and deputy alone answer for it again; nothing where it had none."""
    feature = lock(feature.pk)
    rotation = OnCallRotation.objects.filter(feature=feature).first()
    if rotation is not None:
        before = _document(rotation)
        rotation.delete()
        _record("rotation.removed", feature.project, feature, actor, before=before)


@transaction.atomic
def take_over(
    rotation: OnCallRotation, *, person: User, begins_at: datetime, ends_at: datetime, actor: Actor
) -> OnCallStint:
    """`person` is on call in that time, whoever has the turn. Raises: BadRotation."""
    feature = lock(rotation.feature_id)
    _check_time(begins_at, ends_at)
    _check_members(feature.project, [person.pk])
    if (
        OnCallStint.objects.filter(rotation=rotation, ends_at__gt=timezone.now()).count()
        >= MOST_OPEN
    ):
        raise BadRotation(f"A rotation has at most {MOST_OPEN} times that others took over.")
    made = OnCallStint.objects.create(
        rotation=rotation, person=person, begins_at=begins_at, ends_at=ends_at
    )
    _record(
        "rotation.taken_over", feature.project, feature, actor, person=person.email,
        begins_at=begins_at.isoformat(), ends_at=ends_at.isoformat(),
    )  # fmt: skip
    return made


@transaction.atomic
def give_back(stint: OnCallStint, *, actor: Actor) -> None:
    """Nobody took over in that time after all."""
    feature = lock(stint.rotation.feature_id)
    person = stint.person.email
    if stint.delete()[0]:
        _record("rotation.given_back", feature.project, feature, actor, person=person)


@transaction.atomic
def note_absence(
    project: Project,
    *,
    person: User,
    begins_at: datetime,
    ends_at: datetime,
    stands_in: User | None = None,
    actor: Actor,
) -> Absence:
    """`person` is asked about nothing in that time. Raises: BadRotation."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    _check_time(begins_at, ends_at)
    _check_members(project, [person.pk, *([stands_in.pk] if stands_in else [])])
    if stands_in is not None and stands_in.pk == person.pk:
        raise BadRotation("Nobody can stand in for themselves.", "stands_in")
    if Absence.objects.filter(project=project, ends_at__gt=timezone.now()).count() >= MOST_OPEN:
        raise BadRotation(f"A project has at most {MOST_OPEN} absences that are not over.")
    made = Absence.objects.create(
        project=project, person=person, begins_at=begins_at, ends_at=ends_at, stands_in=stands_in
    )
    _record(
        "absence.noted", project, made, actor, person=person.email,
        begins_at=begins_at.isoformat(), ends_at=ends_at.isoformat(),
        stands_in=stands_in.email if stands_in else None,
    )  # fmt: skip
    return made


@transaction.atomic
def end_absence(absence: Absence, *, actor: Actor) -> None:
    """They are here after all."""
    project, person, pk = absence.project, absence.person.email, absence.pk
    if absence.delete()[0]:
        absence.pk = pk  # as the trail names it
        _record("absence.ended", project, absence, actor, person=person)


def _good(project: Project, said: NewRotation) -> list[int]:
    persons = list(dict.fromkeys(said.person_ids))
    if not persons:
        raise BadRotation("Name at least one person.", "persons")
    if len(persons) > MOST_PERSONS:
        raise BadRotation(f"A rotation has at most {MOST_PERSONS} persons.", "persons")
    _check_members(project, persons)
    if not is_zone(said.zone):
        raise BadRotation(f"There is no time zone {said.zone[:60]!r}.", "zone")
    if not (0 <= said.weekday <= 6 and 0 <= said.hour <= 23 and 0 <= said.minute <= 59):
        raise BadRotation("The handover is on a day of the week at a time of day.", "at")
    if not 1 <= said.weeks <= MOST_WEEKS:
        raise BadRotation(f"A turn lasts 1 to {MOST_WEEKS} weeks.", "weeks")
    if said.starts is not None and not 2000 <= said.starts.year <= 2200:
        raise BadRotation("The first turn begins in this century.", "starts")
    return persons


def _check_members(project: Project, persons: Sequence[int]) -> None:
    if not set(persons) <= set(members_of(project)):
        raise BadRotation("Only active members of the project can be named.", "persons")


def _check_time(begins_at: datetime, ends_at: datetime) -> None:
    if not begins_at < ends_at <= begins_at + LONGEST:
        raise BadRotation("It ends after it begins, and within a year.", "ends_at")
    if ends_at <= timezone.now():
        raise BadRotation("This time is over already.", "ends_at")


def _document(rotation: OnCallRotation) -> dict[str, Any]:
    return {
        "persons": rotation.person_ids,
        "zone": rotation.zone,
        "weekday": rotation.weekday,
        "at": f"{rotation.hour:02}:{rotation.minute:02}",
        "weeks": rotation.weeks,
        "starts": rotation.starts.isoformat(),
        "is_first": rotation.is_first,
    }


def _record(action: str, project: Project, subject: Any, actor: Actor, **details: Any) -> None:
    record(action, actor=actor, project=project, subject=subject, **details)
    announce(project.pk)
