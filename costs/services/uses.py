"""What reservations have settled and freed in budgets, for any number of them at once."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

MOST = 2**62  # of one amount
MOST_COUNTED = 2**63 - 1  # of a sum, as the database has it

Part = tuple[int, str, int]  # budget, bucket as ISO time, amount

# The rows are there already. What was spent beyond all counting stays at the most.
_CHANGE = f"""
update costs_budgetuse u set reserved = u.reserved + n.reserved,
  settled = least(u.settled::numeric + n.settled, {MOST_COUNTED})
from unnest(%s::int8[], %s::timestamptz[], %s::numeric[], %s::int8[])
  as n (budget_id, bucket, settled, reserved)
where u.budget_id = n.budget_id and u.bucket = n.bucket
"""  # noqa: S608  (a number of ours)


class Changes:
    """Sums of what to add, by budget and bucket: each row is written once. The rows of the
    budgets are locked by whoever writes."""

    def __init__(self) -> None:
        self._sums: dict[tuple[int, str], list[int]] = {}

    def add(self, budget_id: int, bucket: str, *, settled: int = 0, reserved: int = 0) -> None:
        """Count one more; what is given back is below 0."""
        sums = self._sums.setdefault((budget_id, bucket), [0, 0])
        sums[0] += settled
        sums[1] += reserved

    def write(self) -> None:
        """Write them."""
        if self._sums:
            rows = [(*key, *sums) for key, sums in sorted(self._sums.items())]
            with connection.cursor() as cursor:
                cursor.execute(_CHANGE, columns(rows))


def columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    """Rows as `unnest` takes them."""
    return [list(column) for column in zip(*rows, strict=True)]
