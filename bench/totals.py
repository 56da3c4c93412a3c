"""Fills `usage_total` from hours that a bench has written, as folding would have."""

from __future__ import annotations

from typing import Any

import psycopg


def fill_totals(link: psycopg.Connection[Any], project_id: int, back: list[int]) -> None:
    """Add the hours of a project once for each number of days `back` in the past."""
    from traces.rollups.totals import KEY, TEXTS, told_apart
    from traces.rollups.usage import SUMS

    texts = ", ".join(f"d.{name}" for name in TEXTS)
    days = "(h.hour at time zone 'UTC')::date - back"
    link.execute(
        f"insert into usage_total ({KEY}, {', '.join(SUMS)}) select h.project_id, {days}, "
        f"d.dimension, h.environment, {texts}, h.sampled, "
        f"{', '.join(f'sum(h.{name})' for name in SUMS)} "
        f"from usage_hour h cross join unnest(%s::int[]) back cross join lateral {told_apart('h')} "
        f"where h.project_id = %s group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
        [back, project_id],
    )
    link.execute("vacuum analyze usage_total")
