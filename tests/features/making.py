"""Makes features and targets through the services, with only what matters said."""

from __future__ import annotations

from typing import Any

from accounts.models import Project, Role, User
from accounts.services.trail import Actor
from features.models import Feature, Target
from features.services.registry import About, create_feature
from features.services.targets import approve_target, propose_target
from features.terms import Terms
from tests.factories import make_user


def make_person(project: Project, name: str, role: Role = Role.REVIEWER) -> User:
    user = make_user(f"{name}@example.com", organization=project.organization, role=role)
    user.name = name.title()
    user.save()
    return user


def make_feature(
    project: Project, name: str = "refund-agent", *, actor: Actor = None, **about: Any
) -> Feature:
    return create_feature(project, name, About(**about), actor=actor)


def terms(**said: Any) -> Terms:
    return Terms(**{"metric": "faithfulness", "bar": 0.85, **said})


def make_target(feature: Feature, author: User, approver: User, **said: Any) -> Target:
    """An approved target; `approver` owns the feature or is an admin."""
    proposed = propose_target(feature, terms(**said), actor=author)
    return approve_target(proposed, actor=approver)
