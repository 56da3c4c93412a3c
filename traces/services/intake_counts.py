"""Writes of what arrived, by minute and sender."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from kit.live import announce
from traces.live import group_of
from traces.models import IntakeCount

KEPT_DAYS = 7

# project, minute since 1970, client, version, dialect
CountKey = tuple[int, int, str, str, str]


@dataclass(slots=True)
class Count:
    """What came under one key. `lags` are `traces.values.lag`'s buckets."""

    requests: int = 0
    spans: int = 0
    refused: int = 0
    rejected: int = 0
    cut: int = 0
    clamped: int = 0
    last_at: float = 0.0
    lags: list[int] = field(default_factory=list)


_SUMS = ("requests", "spans", "refused", "rejected", "cut", "clamped")
_KEEP = f"""
insert into intake_count as t
  (project_id, minute, client, version, dialect, last_at, lags, {", ".join(_SUMS)})
select n.project_id, n.minute, n.client, n.version, n.dialect, n.last_at, n.lags::int8[],
  {", ".join(f"n.{name}" for name in _SUMS)}
from unnest(%s::int8[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],
  %s::text[]{", %s::int8[]" * len(_SUMS)})
  as n (project_id, minute, client, version, dialect, last_at, lags, {", ".join(_SUMS)})
on conflict (project_id, minute, client, version, dialect) do update set
  last_at = greatest(t.last_at, excluded.last_at),
  lags = array(select coalesce(u.a, 0) + coalesce(u.b, 0)
    from unnest(t.lags, excluded.lags) with ordinality as u (a, b, n) order by u.n),
  {", ".join(f"{name} = t.{name} + excluded.{name}" for name in _SUMS)}
"""  # noqa: S608


@transaction.atomic
def keep_counts(counted: dict[CountKey, Count]) -> None:
    """Add counts of one process to what stands, and tell open pages of the projects.

    In the order of keys, so that two processes wait for each other instead of deadlocking.
    """
    keys = sorted(counted)
    counts = [counted[key] for key in keys]
    columns: list[Any] = [
        [key[0] for key in keys],
        [datetime.fromtimestamp(key[1] * 60, UTC) for key in keys],
        [key[2] for key in keys],
        [key[3] for key in keys],
        [key[4] for key in keys],
        [datetime.fromtimestamp(count.last_at, UTC) for count in counts],
        [_array(count.lags) for count in counts],
        *([getattr(count, name) for count in counts] for name in _SUMS),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, columns)
    for project_id in sorted({key[0] for key in keys}):
        announce(group_of(project_id), {"type": "project.changed", "changed": ["intake"]})


def _array(lags: list[int]) -> str:
    length = len(lags)
    while length and not lags[length - 1]:
        length -= 1
    return f"{{{','.join(map(str, lags[:length]))}}}"


def forget_old_counts() -> int:
    """Delete counts older than a week; returns how many rows."""
    edge = timezone.now() - timedelta(days=KEPT_DAYS)
    return IntakeCount.objects.filter(minute__lt=edge).delete()[0]
