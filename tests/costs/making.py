"""Makes budgets through the service, with only what matters said."""

from __future__ import annotations

from typing import Any

from accounts.models import Project, User
from costs.models import Budget
from costs.services.budgets import create_budget

DOLLAR = 10**9


def budget(project: Project, actor: User | None = None, **said: Any) -> Budget:
    """A hard budget of the project, of one dollar a month, but for what is said."""
    return create_budget(
        project,
        **{"name": "Ceiling", "scope": "project", "limit": DOLLAR, "is_hard": True, **said},
        actor=actor,
    )
