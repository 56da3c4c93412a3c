"""What spans add to `usage_hour` (and `spend_hour`), and the copying. Pure but for the copying.

A row that changes takes back what it added and adds anew, so the sums stay right whatever happens
to a span, and in whatever order. Counted are: every span; of tokens those of calls that count once;
of cost what the totals of traces count, evaluators apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg import Cursor

from traces.ingest.record import COSTLESS_KINDS, TOKEN_CLASSES, TRACE_FACTS, Level
from traces.ingest.rows import AT, Row
from traces.rollups.histogram import bucket_of
from traces.rollups.spend import HOUR_US, PG_EPOCH_US, SpendRows

DIMENSIONS = ("environment", "feature", "model", "provider", "prompt_name", "prompt_version")
SUMS = (
    "spans", "errors", "calls", "unpriced", *TOKEN_CLASSES, "cost_nano", "evaluator_nano",
    "duration_us",
)  # fmt: skip
_NUMERIC = frozenset({"cost_nano", "evaluator_nano", "duration_us"})
_COLUMNS = ("project_id", "hour", *DIMENSIONS, "kind", "sampled", *SUMS, "lat_b", "lat_n")
_COPY = f"copy usage_hour ({', '.join(_COLUMNS)}) from stdin (format binary)"
_TYPES = (
    "int8", "int8", *("text" for _ in DIMENSIONS), "int2", "bool",
    *("numeric" if name in _NUMERIC else "int8" for name in SUMS),
    "int2[]", "int4[]",
)  # fmt: skip

_START, _PROJECT, _SPAN = AT["start_time"], AT["project_id"], AT["span_id"]
_DURATION, _COST, _COUNTS = AT["duration_us"], AT["cost_nano"], AT["counts"]
_KIND, _LEVEL, _EVALUATES = AT["kind"], AT["level"], AT["evaluates"]
_ENVIRONMENT, _FEATURE, _PROVIDER = AT["environment"], AT["feature"], AT["provider"]
_MODEL, _REQUESTED = AT["model"], AT["model_requested"]
_PROMPT, _VERSION = AT["prompt_name"], AT["prompt_version"]
_TOKENS = tuple(AT[name] for name in TOKEN_CLASSES)
_FIRST_TOKEN, _DURATION_SUM = 4, SUMS.index("duration_us")
_COST_SUM, _EVALUATOR_SUM = SUMS.index("cost_nano"), SUMS.index("evaluator_nano")

Key = tuple[Any, ...]


class UsageRows:
    """Rows of `usage_hour` in the making: sums and latencies by key; with them `spend_hour`'s."""

    __slots__ = ("_sampled", "rows", "spend")

    def __init__(self, *, sampled: bool = False) -> None:
        self._sampled = sampled
        self.rows: dict[Key, tuple[list[int], dict[int, int]]] = {}
        self.spend = SpendRows(sampled=sampled)

    def add(self, row: Row, sign: int = 1) -> None:
        """Count the row of a span in; with -1, take back what it added."""
        if row[_SPAN] == TRACE_FACTS:
            return
        self.spend.add(row, sign)
        start = row[_START]
        key = (
            row[_PROJECT],
            start - start % HOUR_US,
            row[_ENVIRONMENT] or "",
            row[_FEATURE] or "",
            row[_MODEL] or row[_REQUESTED] or "",
            row[_PROVIDER] or "",
            row[_PROMPT] or "",
            row[_VERSION] or "",
            row[_KIND],
        )
        found = self.rows.get(key)
        if found is None:
            found = self.rows[key] = ([0] * len(SUMS), {})
        sums, latencies = found
        sums[0] += sign
        if row[_LEVEL] == Level.ERROR:
            sums[1] += sign
        cost, counts = row[_COST], row[_COUNTS]
        if counts:
            sums[2] += sign
            if cost is None:
                sums[3] += sign
            for place, position in enumerate(_TOKENS, _FIRST_TOKEN):
                if tokens := row[position]:
                    sums[place] += sign * tokens
        if cost and (counts or row[_KIND] not in COSTLESS_KINDS):
            sums[_EVALUATOR_SUM if row[_EVALUATES] else _COST_SUM] += sign * cost
        duration = row[_DURATION]
        if duration is not None:
            sums[_DURATION_SUM] += sign * duration
            bucket = bucket_of(duration)
            latencies[bucket] = latencies.get(bucket, 0) + sign

    def replace(self, old: Row, new: Row) -> None:
        """Take `old` back and count `new`."""
        self.add(old, -1)
        self.add(new)

    def copy_to(self, cursor: Cursor[Any]) -> None:
        """Append the rows, those left out that come to nothing; in the caller's transaction."""
        self.spend.copy_to(cursor)
        lines = list(self._lines())
        if not lines:
            return
        with cursor.copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for line in lines:
                copy.write_row(line)

    def _lines(self) -> Iterable[tuple[Any, ...]]:
        for key, (sums, latencies) in self.rows.items():
            buckets = sorted(bucket for bucket, count in latencies.items() if count)
            if not buckets and not any(sums):
                continue
            counts = [latencies[bucket] for bucket in buckets]
            project, hour, *rest = key
            yield (project, hour - PG_EPOCH_US, *rest, self._sampled, *sums, buckets, counts)


def count_usage(cursor: Cursor[Any], rows: Iterable[Row], sign: int = 1) -> None:
    """Append what `rows` of spans add (1) or take back (-1)."""
    usage = UsageRows()
    for row in rows:
        usage.add(row, sign)
    usage.copy_to(cursor)
