"""Sums of live scores by day, as counting leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import Project

_ROW: dict[str, Any] = {
    "environment": "production", "feature": "refunds", "source": "judge", "data_type": "number",
    "label": "", "evaluator": "", "prompts": [], "models": [], "thumbs": 0, "down": 0,
    "fresh": False,
}  # fmt: skip


def today() -> date:
    """In UTC, as figures count days."""
    return timezone.now().astimezone(UTC).date()


def scored(
    project: Project,
    name: str,
    means: Sequence[float | None],
    *,
    n: int = 200,
    spread: float = 0.1,
    ago: int = 0,
    **more: Any,
) -> None:
    """A row a day up to `ago` days ago; None is a day without scores. Of yes and no the mean is
    the share."""
    row = {**_ROW, **more, "project_id": project.pk, "name": name, "n": n, "weight": n}
    row["weight_squares"] = n
    rows = []
    for place, mean in enumerate(means):
        if mean is not None:
            square = mean if row["data_type"] == "boolean" else mean * mean + spread * spread
            day = today() - timedelta(days=len(means) - 1 - place + ago)
            rows.append(
                {**row, "day": day, "total": round(n * mean, 9), "squares": round(n * square, 9)}
            )
    columns = list(rows[0])
    holes = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"insert into score_day ({', '.join(columns)}) values ({holes})",
            [[one[column] for column in columns] for one in rows],
        )


def thumbs(project: Project, shares_down: Sequence[float], n: int = 50, **more: Any) -> None:
    """Thumbs of users, a row a day up to today."""
    for place, share in enumerate(reversed(shares_down)):
        scored(
            project, "thumbs", [1 - share], n=n, ago=place, source="user", data_type="boolean",
            thumbs=n, down=round(n * share, 9), **more,
        )  # fmt: skip
