"""Makes budgets through the service, and anomalies, with only what matters said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Project, User
from costs.models import Anomaly, Budget
from costs.services.budgets import create_budget

DOLLAR = 10**9


def budget(project: Project, actor: User | None = None, **said: Any) -> Budget:
    """A hard budget of the project, of one dollar a month, but for what is said."""
    return create_budget(
        project,
        **{"name": "Ceiling", "scope": "project", "limit": DOLLAR, "is_hard": True, **said},
        actor=actor,
    )


def anomaly(project: Project, **said: Any) -> Anomaly:
    """A spike of the feature chat that goes on, mostly of gpt-x, but for what is said."""
    since = said.pop("since", timezone.now() - timedelta(hours=5))
    excess = said.pop("excess", 2 * DOLLAR)
    cause = {
        "feature": "chat", "model": "gpt-x", "prompt": "", "version": "",
        "excess": excess * 9 // 10, "share": 0.9, "is_new": False,
    }  # fmt: skip
    used = {"cost": excess, "calls": 10, "tokens_a_call": 120, "cache_share": 0.2}
    given = {
        "feature": "chat", "grain": "hourly", "kind": "spike", "since": since, "first_at": since,
        "last_at": since + timedelta(hours=2), "excess": excess, "expected": DOLLAR,
        "causes": [cause], "factors": {"volume": excess}, "figures": {"now": used, "before": used},
    }  # fmt: skip
    return Anomaly.objects.create(project=project, **{**given, **said})
