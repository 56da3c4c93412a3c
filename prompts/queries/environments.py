"""Environments of a project, and which labels of a prompt only a review may move."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import Project, Role, User
from accounts.queries import list_members
from prompts.models import PRODUCTION, Environment

REVIEWERS_TO_PROTECT = 2  # with one alone, that person's own changes could never pass


def environments_of(project: Project) -> list[Environment]:
    """The project's environments by name, `production` first; it is there without a row, too."""
    stored = list(Environment.objects.filter(project=project).order_by("name"))
    for environment in stored:
        environment.project = project
    if not any(environment.name == PRODUCTION for environment in stored):
        stored.append(Environment(project=project, name=PRODUCTION))
    return sorted(
        stored, key=lambda environment: (environment.name != PRODUCTION, environment.name)
    )


def environment_of(project: Project, label: str) -> Environment | None:
    """The environment that bears the label's name; None: the label is free."""
    if "\0" in label:  # of an address; no text of the database holds it
        return None
    stored = Environment.objects.filter(project=project, name=label).first()
    if stored is None and label == PRODUCTION:
        return Environment(project=project, name=PRODUCTION)
    if stored is not None:
        stored.project = project
    return stored


def people_who_review(project: Project) -> list[User]:
    """Active members whose role lets them review, highest role first."""
    return [
        member.user
        for member in list_members(project)
        if member.user.is_active and member.role.rank >= Role.REVIEWER.rank
    ]


def is_protected(environment: Environment | None) -> bool:
    """True when the label moves only by a change request."""
    return environment is not None and environment.name in protected_of([environment])


def protected_of(environments: Iterable[Environment]) -> frozenset[str]:
    """Labels of those `environments`, all of one project, that only a review may move."""
    by_protection: dict[str, list[Environment]] = {}
    for environment in environments:
        by_protection.setdefault(environment.protection, []).append(environment)
    found = by_protection.get(Environment.Protection.ON, [])
    automatic = by_protection.get(Environment.Protection.AUTOMATIC, [])
    if automatic and len(people_who_review(automatic[0].project)) >= REVIEWERS_TO_PROTECT:
        found = [*found, *automatic]
    return frozenset(environment.name for environment in found)


def protected_labels(project: Project) -> frozenset[str]:
    """Every label that only a review may move."""
    return protected_of(environments_of(project))


def protected_among(project: Project, labels: Iterable[str]) -> list[str]:
    """Those of `labels` that only a review may move, in their order."""
    wanted = list(labels)
    if not wanted:
        return []
    protected = protected_labels(project)
    return [name for name in wanted if name in protected]
