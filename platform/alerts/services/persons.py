"""Who answers for an incident, and telling them."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import Project, Role, User
from accounts.queries import list_members
from accounts.services.trail import Actor
from alerts.models import Incident
from features.models import Feature
from features.services.acting import label_of
from notices.services import tell


def who_answers(project: Project, feature: Feature | None) -> list[User]:
    """The feature's owner, then its deputy; who left the project counts as nobody."""
    if feature is None:
        return []
    members = {row.user.pk for row in list_members(project) if row.user.is_active}
    return [one for one in (feature.owner, feature.deputy) if one is not None and one.pk in members]


def admins_of(project: Project) -> list[User]:
    """Admins and owners of the project, the last whom an incident can reach."""
    return [
        row.user
        for row in list_members(project)
        if row.role.rank >= Role.ADMIN.rank and row.user.is_active
    ]


def tell_persons(
    incident: Incident,
    event: str,
    title: str,
    persons: Iterable[User | None],
    *,
    actor: Actor,
) -> None:
    """Tell these persons, and the project's webhooks, of what happened to the incident."""
    tell(
        incident.project,
        event,
        data={
            "incident": incident.pk,
            "cause": incident.cause,
            "feature": incident.feature,
            "severity": incident.severity,
            "state": incident.state,
            "origin": incident.origin,
            "sentence": incident.sentence,
            "by": label_of(actor),
            "url": incident.page_path,
        },
        title=title,
        link=incident.page_path,
        persons={one: "" for one in persons if one is not None},
        actor=actor,
    )
