"""Who is on call, for the pages: now, who comes next, who is away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Project, User
from alerts.models import OnCallRotation
from alerts.oncall import Asked, Plan, chain_at, shift_at, shifts_from, who_is_on_call
from alerts.queries.on_call import members_of, plans_of, rotations_of
from features.models import Feature
from features.queries import features_of

UPCOMING = 6


@dataclass(frozen=True)
class OnCall:
    """A feature and who is asked about it now."""

    feature: Feature
    rotation: OnCallRotation | None
    now: str  # who is on call; '' without a rotation
    until: datetime | None
    zone: str
    following: str
    asked: list[str]  # names in the order in which they are asked
    passed_over: list[str]


@dataclass(frozen=True)
class Turn:
    """A turn that is or will be."""

    name: str
    begins: datetime
    ends: datetime
    is_now: bool


def on_call_rows(project: Project, now: datetime) -> list[OnCall]:
    """Every live feature of the project, by name."""
    features = [one for one in features_of(project) if one.archived_at is None]
    members = members_of(project)
    plans = plans_of(project, features, now, members)
    rotations = rotations_of(project)
    named = _names(plans.values(), members)
    return [_row(one, rotations.get(one.pk), plans[one.pk], named, now) for one in features]


def on_call_of(
    project: Project, feature: Feature, rotation: OnCallRotation | None, now: datetime
) -> OnCall:
    """One feature."""
    members = members_of(project)
    plan = plans_of(project, [feature], now, members)[feature.pk]
    return _row(feature, rotation, plan, _names([plan], members), now)


def turns_of(rotation: OnCallRotation, plan: Plan, now: datetime) -> list[Turn]:
    """The next turns, the current one first."""
    if plan.rotation is None:
        return []
    shifts = shifts_from(plan.rotation, now, UPCOMING)
    named = _names([plan], {})
    there = ZoneInfo(rotation.zone)
    return [
        Turn(
            named.get(one.person, "somebody who is gone"),
            one.begins.astimezone(there), one.ends.astimezone(there), place == 0,
        )
        for place, one in enumerate(shifts)
    ]  # fmt: skip


def _row(
    feature: Feature,
    rotation: OnCallRotation | None,
    plan: Plan,
    named: dict[int, str],
    now: datetime,
) -> OnCall:
    chain, found = chain_at(plan, now), who_is_on_call(plan, now)
    until, zone, following = None, "UTC", ""
    if rotation is not None and plan.rotation is not None:
        zone = rotation.zone
        if (shift := shift_at(plan.rotation, now)) is not None:
            until = shift.ends.astimezone(ZoneInfo(zone))
            after = shift_at(plan.rotation, shift.ends)
            following = named.get(after.person, "") if after is not None else ""
    return OnCall(
        feature, rotation, _said(found, named), until, zone, following,
        asked=[f"{_said(one, named)} ({one.role})" for one in chain.asked],
        passed_over=[named.get(one.person, "?") for one in chain.skipped],
    )  # fmt: skip


def _said(found: Asked | None, named: dict[int, str]) -> str:
    if found is None:
        return ""
    name = named.get(found.person, "?")
    if found.instead_of is None:
        return name
    return f"{name} for {named.get(found.instead_of, '?')}"


def _names(plans: object, members: dict[int, User]) -> dict[int, str]:
    """Names of everybody whom the plans may name."""
    wanted: set[int] = set()
    for plan in plans:  # type: ignore[attr-defined]
        wanted |= {one for one in (plan.owner, plan.deputy) if one is not None}
        wanted |= set(plan.rotation.persons) if plan.rotation else set()
        wanted |= {one.person for one in plan.stints}
        wanted |= {one.stands_in for one in plan.absences if one.stands_in is not None}
    named = {pk: one.display_name for pk, one in members.items()}
    if missing := wanted - set(named):
        named |= {one.pk: one.display_name for one in User.objects.filter(pk__in=missing)}
    return named
