"""Requests of a feature as settled traces leave them, and the target that they are held to."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db import connection

from accounts.models import Project, User
from features.models import Feature, Target
from tests.alerts.making import make_feature
from traces.rollups.counted import Counted, Status, count_traces

_number = count(1)


def asked(project: Project, owner: User | None = None, **terms: Any) -> Target:
    """The approved target of refund-agent."""
    known = Feature.objects.filter(project=project, name="refund-agent").first()
    feature = known or make_feature(project, owner)
    said: dict[str, Any] = {"metric": "faithfulness", "bar": 0.8, "state": "approved", **terms}
    return Target.objects.create(feature=feature, number=1, author_label="x", **said)


def requests(
    project: Project, now: datetime, *, ago: float, total: int, failed: int = 0, ms: int = 100,
    feature: str = "refund-agent", environment: str = "production",
) -> list[str]:  # fmt: skip
    """So many requests that began so many minutes ago, evenly over one minute."""
    keys = {}
    for place in range(total):
        at = now - timedelta(minutes=ago) + timedelta(seconds=50 * place / total)
        status = Status.FAILED if place < failed else Status.OK
        start_us = int(at.timestamp() * 1_000_000)
        keys[project.pk, f"t{next(_number)}"] = Counted(
            start_us, ms * 1000, int(status), environment, feature, "ask", "", ()
        )
    with connection.cursor() as cursor:
        count_traces(cursor.cursor, {}, keys)
    return [trace for _, trace in keys]
