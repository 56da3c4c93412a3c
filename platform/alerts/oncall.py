"""Who is on call, and who is asked after whom: pure, of persons by their ids, without tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Rotation:
    """Persons who take turns of `weeks` weeks, from a weekday and time of day where they live.

    `starts` is any day of the first turn, which is that of the first person. Monday is 0.
    """

    persons: tuple[int, ...]
    weekday: int
    hour: int
    minute: int
    zone: str
    weeks: int
    starts: date


@dataclass(frozen=True)
class Shift:
    """One turn; it ends where the next begins."""

    person: int
    begins: datetime
    ends: datetime
    number: int  # of turns since the first


@dataclass(frozen=True)
class Stint:
    """A time that somebody took over from whoever has the turn; of two, the later one counts."""

    person: int
    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Absence:
    """Somebody is away; `stands_in` is asked instead, where one is named."""

    person: int
    begins: datetime
    ends: datetime
    stands_in: int | None = None


@dataclass(frozen=True)
class Plan:
    """All that decides who is asked. `members`: active persons who may enter the project."""

    members: frozenset[int]
    owner: int | None = None
    deputy: int | None = None
    rotation: Rotation | None = None
    rotation_first: bool = False  # who is on call is asked before the owner
    stints: tuple[Stint, ...] = ()
    absences: tuple[Absence, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A person to ask, and as what: owner, on call or deputy; `instead_of` who is away."""

    person: int
    role: str
    instead_of: int | None = None


@dataclass(frozen=True)
class Skipped:
    """A person who is not asked; `until` None: they left, or were deactivated."""

    person: int
    role: str
    until: datetime | None = None


@dataclass
class Chain:
    """Whom to ask, the first at once, each further one where nobody answered; and who is not."""

    asked: list[Asked] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def first(self) -> int | None:
        """Whose the incident is."""
        return self.asked[0].person if self.asked else None


OWNER, ON_CALL, DEPUTY = "owner", "on call", "deputy"


def who_is_on_call(plan: Plan, now: datetime) -> Asked | None:
    """The one person who is on call now; None without a rotation, or where all of it are away.

    Who took over comes first, then whose turn it is, then those whose turns come next; of each
    who is away the stand-in.
    """
    return _on_call(plan, now, Chain())


def chain_at(plan: Plan, now: datetime) -> Chain:
    """Owner, on call, deputy (or on call first, where the rotation says so), nobody twice."""
    chain = Chain()
    roles = [ON_CALL, OWNER, DEPUTY] if plan.rotation_first else [OWNER, ON_CALL, DEPUTY]
    for role in roles:
        if role == ON_CALL:
            found = _on_call(plan, now, chain)
        else:
            person = plan.owner if role == OWNER else plan.deputy
            found = None if person is None else _available(plan, person, role, now, chain)
        if found is not None and found.person not in {one.person for one in chain.asked}:
            chain.asked.append(found)
    return chain


def shift_at(rotation: Rotation, now: datetime) -> Shift | None:
    """Whose turn it is; None where the rotation has nobody."""
    if not rotation.persons:
        return None
    day = now.astimezone(ZoneInfo(rotation.zone)).date() + timedelta(days=1)
    while day.weekday() != rotation.weekday or _handover(rotation, day) > now:
        day -= timedelta(days=1)
    # Counted in weeks from the handover that the first turn began with.
    first = rotation.starts - timedelta(days=(rotation.starts.weekday() - rotation.weekday) % 7)
    number = (day - first) // WEEK // rotation.weeks
    began = first + number * rotation.weeks * WEEK
    return Shift(
        rotation.persons[number % len(rotation.persons)],
        _handover(rotation, began),
        _handover(rotation, began + rotation.weeks * WEEK),
        number,
    )


def shifts_from(rotation: Rotation, now: datetime, many: int) -> list[Shift]:
    """The turn of now and those after it."""
    found: list[Shift] = []
    at = now
    while len(found) < many and (shift := shift_at(rotation, at)) is not None:
        found.append(shift)
        at = shift.ends
    return found


def absence_at(absences: Iterable[Absence], person: int, now: datetime) -> Absence | None:
    """Why the person is away now; of several the one that lasts longest."""
    found = [one for one in absences if one.person == person and one.begins <= now < one.ends]
    return max(found, key=lambda one: one.ends, default=None)


def _on_call(plan: Plan, now: datetime, chain: Chain) -> Asked | None:
    for person in _turns(plan, now):
        if (found := _available(plan, person, ON_CALL, now, chain)) is not None:
            return found
    return None


def _turns(plan: Plan, now: datetime) -> Iterator[int]:
    for stint in reversed(plan.stints):
        if stint.begins <= now < stint.ends:
            yield stint.person
    if plan.rotation is None or (shift := shift_at(plan.rotation, now)) is None:
        return
    persons = plan.rotation.persons
    for further in range(len(persons)):
        yield persons[(shift.number + further) % len(persons)]


def _available(plan: Plan, person: int, role: str, now: datetime, chain: Chain) -> Asked | None:
    """The person, or who stands in for them; whoever is passed over is noted in `chain`."""
    asked, seen = person, set()
    while person not in seen:
        seen.add(person)
        if person not in plan.members:
            _skip(chain, Skipped(person, role))
            return None
        absence = absence_at(plan.absences, person, now)
        if absence is None:
            return Asked(person, role, None if person == asked else asked)
        _skip(chain, Skipped(person, role, absence.ends))
        if absence.stands_in is None:
            return None
        person = absence.stands_in
    return None  # they stand in for each other, and are all away


def _skip(chain: Chain, skipped: Skipped) -> None:
    if skipped.person not in {one.person for one in chain.skipped}:
        chain.skipped.append(skipped)


def _handover(rotation: Rotation, day: date) -> datetime:
    """The moment of that day, in UTC; one that the clock jumps over is as late as it would be."""
    there = ZoneInfo(rotation.zone)
    at = datetime(day.year, day.month, day.day, rotation.hour, rotation.minute, tzinfo=there)
    return at.astimezone(UTC)
