"""Who acts, and the audit entry of it: a person, a program by its key, or the system."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.models import ApiKey, Organization, Project, User
from audit import services as audit

Actor = User | ApiKey | None


def record(
    action: str,
    *,
    actor: Actor,
    organization: Organization | None = None,
    project: Project | None = None,
    subject: models.Model | None = None,
    **details: Any,
) -> None:
    """Add the entry to the chain of `organization`, or of the one that `project` belongs to."""
    audit.record(
        action,
        organization=project.organization if project is not None else organization,
        actor=actor,
        actor_kind="key" if isinstance(actor, ApiKey) else "",
        project=project,
        subject=subject,
        **details,
    )


def person(actor: Actor) -> User | None:
    """The person who acts, for columns that name one."""
    return actor if isinstance(actor, User) else None


def responsible(actor: Actor) -> User | None:
    """Who answers for what is done: the person who acts, or who made the key that acts."""
    return actor.created_by if isinstance(actor, ApiKey) else actor
