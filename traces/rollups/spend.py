"""What calls cost by user segment, key and route: what spans add to `spend_hour`.

One row a value of one dimension, not of all together: rows add up instead of multiplying
(docs/adr/0022). A row that changes takes back what it added, as in `usage_hour`. Only what costs,
or would, is counted, and only where something is said; '' is the rest of `usage_hour`.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from psycopg import Cursor

from traces.ingest.record import COSTLESS_KINDS, TOKEN_CLASSES, TRACE_FACTS, Level
from traces.ingest.rows import AT, Row

HOUR_US = 3_600_000_000
PG_EPOCH_US = 946_684_800_000_000


class Payer(IntEnum):
    """What spend is told apart by."""

    SEGMENT = 1
    KEY = 2  # its id
    ROUTE = 3


KEYS = ("dimension", "value", "environment", "feature", "model")
SUMS = (
    "calls", "errors", "unpriced", "tokens_in", "tokens_out", "cost_nano", "evaluator_nano",
)  # fmt: skip
NUMERIC = frozenset({"cost_nano", "evaluator_nano"})
# Values of a dimension that a project tells apart; what comes later is counted under OTHER.
MOST_VALUES = 500
OTHER = "(other)"

_COLUMNS = ("project_id", "hour", *KEYS, "sampled", *SUMS)
_COPY = f"copy spend_hour ({', '.join(_COLUMNS)}) from stdin (format binary)"
_TYPES = (
    "int8", "int8", "int2", "text", "text", "text", "text", "bool",
    *("numeric" if name in NUMERIC else "int8" for name in SUMS),
)  # fmt: skip
_START, _PROJECT, _SPAN = AT["start_time"], AT["project_id"], AT["span_id"]
_COST, _COUNTS, _KIND, _LEVEL = AT["cost_nano"], AT["counts"], AT["kind"], AT["level"]
_EVALUATES, _ENVIRONMENT, _FEATURE = AT["evaluates"], AT["environment"], AT["feature"]
_MODEL, _REQUESTED = AT["model"], AT["model_requested"]
_SEGMENT, _KEY_ID, _ROUTE = AT["user_segment"], AT["api_key_id"], AT["route"]
_IN = tuple(AT[name] for name in TOKEN_CLASSES[:4])
_OUT = tuple(AT[name] for name in TOKEN_CLASSES[4:])


class SpendRows:
    """Rows of `spend_hour` in the making."""

    __slots__ = ("_sampled", "rows")

    def __init__(self, *, sampled: bool = False) -> None:
        self._sampled = sampled
        self.rows: dict[tuple[Any, ...], list[int]] = {}

    def add(self, row: Row, sign: int = 1) -> None:
        """Count the row of a span in; with -1, take back what it added."""
        segment, key_id, route = row[_SEGMENT], row[_KEY_ID], row[_ROUTE]
        if key_id is None and not segment and not route:
            return
        cost, counts = row[_COST], row[_COUNTS]
        if row[_SPAN] == TRACE_FACTS or not (counts or cost):
            return
        if not counts and row[_KIND] in COSTLESS_KINDS:
            return
        start = row[_START]
        rest = (
            row[_ENVIRONMENT] or "",
            row[_FEATURE] or "",
            row[_MODEL] or row[_REQUESTED] or "",
        )
        added = [0] * len(SUMS)
        if counts:
            added[0] = sign
            added[1] = sign if row[_LEVEL] == Level.ERROR else 0
            added[2] = sign if cost is None else 0
            added[3] = sign * sum(row[place] or 0 for place in _IN)
            added[4] = sign * sum(row[place] or 0 for place in _OUT)
        if cost:
            added[6 if row[_EVALUATES] else 5] = sign * cost
        hour, project = start - start % HOUR_US, row[_PROJECT]
        if segment:
            self._sum((project, hour, Payer.SEGMENT, segment, *rest), added)
        if key_id is not None:
            self._sum((project, hour, Payer.KEY, str(key_id), *rest), added)
        if route:
            self._sum((project, hour, Payer.ROUTE, route, *rest), added)

    def _sum(self, key: tuple[Any, ...], added: list[int]) -> None:
        found = self.rows.get(key)
        if found is None:
            self.rows[key] = added.copy()
            return
        for place, amount in enumerate(added):
            found[place] += amount

    def copy_to(self, cursor: Cursor[Any]) -> None:
        """Append the rows, those left out that come to nothing; in the caller's transaction."""
        lines = list(self._lines())
        if not lines:
            return
        with cursor.copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for line in lines:
                copy.write_row(line)

    def _lines(self) -> Iterable[tuple[Any, ...]]:
        for (project, hour, dimension, *rest), sums in self.rows.items():
            if any(sums):
                yield (
                    project, hour - PG_EPOCH_US, int(dimension), *rest, self._sampled, *sums,
                )  # fmt: skip


# Of the span `s` in SQL: what it says, one row a dimension.
VALUES_SQL = f"""(values ({int(Payer.SEGMENT)}::int2, s.user_segment),
    ({int(Payer.KEY)}::int2, s.api_key_id::text), ({int(Payer.ROUTE)}::int2, s.route))
    as d (dimension, value)"""
