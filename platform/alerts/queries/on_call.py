"""Rotations and absences as they stand, and the plan by which a feature's persons are asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Project, User
from accounts.queries import list_members
from alerts import oncall
from alerts.models import Absence, OnCallRotation, OnCallStint
from features.models import Feature


def rotation_of(feature: Feature) -> OnCallRotation | None:
    """The feature's rotation, if it has one."""
    return OnCallRotation.objects.filter(feature=feature).first()


def rotations_of(project: Project) -> dict[int, OnCallRotation]:
    """By the primary key of the feature."""
    rows = OnCallRotation.objects.filter(feature__project=project)
    return {one.feature_id: one for one in rows}


def list_absences(project: Project, now: datetime) -> QuerySet[Absence]:
    """Those that are not over, the next first."""
    rows = Absence.objects.filter(project=project, ends_at__gt=now)
    return rows.select_related("person", "stands_in").order_by("begins_at", "pk")


def list_stints(rotation: OnCallRotation, now: datetime) -> QuerySet[OnCallStint]:
    """Those that are not over, the next first."""
    rows = OnCallStint.objects.filter(rotation=rotation, ends_at__gt=now)
    return rows.select_related("person").order_by("begins_at", "pk")


def members_of(project: Project) -> dict[int, User]:
    """Active persons who may enter the project, by their ids."""
    return {row.user.pk: row.user for row in list_members(project) if row.user.is_active}


def plan_of(project: Project, feature: Feature | None, now: datetime) -> oncall.Plan:
    """What decides whom to ask about this feature."""
    members = members_of(project)
    if feature is None:
        return oncall.Plan(frozenset(members))
    return plans_of(project, [feature], now, members)[feature.pk]


def plans_of(
    project: Project, features: Iterable[Feature], now: datetime, members: dict[int, User]
) -> dict[int, oncall.Plan]:
    """The same of many features, by their primary keys: three queries."""
    every = list(features)
    away = tuple(
        oncall.Absence(one.person_id, one.begins_at, one.ends_at, one.stands_in_id)
        for one in list_absences(project, now)
    )
    stints: dict[int, list[oncall.Stint]] = {}
    rows = OnCallStint.objects.filter(rotation__feature__in=every, ends_at__gt=now)
    for row in rows.select_related("rotation").order_by("pk"):
        stint = oncall.Stint(row.person_id, row.begins_at, row.ends_at)
        stints.setdefault(row.rotation.feature_id, []).append(stint)
    rotations = {one.feature_id: one for one in OnCallRotation.objects.filter(feature__in=every)}
    found = {}
    for feature in every:
        rotation = rotations.get(feature.pk)
        found[feature.pk] = oncall.Plan(
            frozenset(members),
            owner=feature.owner_id,
            deputy=feature.deputy_id,
            rotation=None if rotation is None else turns_of(rotation),
            rotation_first=rotation is not None and rotation.is_first,
            stints=tuple(stints.get(feature.pk, ())),
            absences=away,
        )
    return found


def turns_of(rotation: OnCallRotation) -> oncall.Rotation:
    """The row as the pure room takes it."""
    return oncall.Rotation(
        tuple(rotation.person_ids), rotation.weekday, rotation.hour, rotation.minute,
        rotation.zone, rotation.weeks, rotation.starts,
    )  # fmt: skip
