"""What a column of the list holds: how its numbers are spread, or which values it has most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, F, FloatField, Q, Value
from django.db.models.functions import Cast

from traces.queries import row_values
from traces.queries.criteria import Criteria, matching
from traces.queries.lists import COUNT_CAP
from traces.queries.patience import TimeUp, limited
from traces.queries.scores import scores_of_page
from traces.queries.summaries import COLUMNS, TraceSummary, summary
from traces.query.on_trace import ENDED, METERED, PRICED
from traces.values.columns import Column

SECONDS = 2.0
MOST_READ = 200  # traces whose spans or contents are read
BARS = 24
_NUMBERS: dict[str, tuple[Any, Q]] = {
    "duration": (F("duration_us"), ENDED),
    "tokens": (F("tokens_in") + F("tokens_out"), METERED),
    "cost": (F("cost_nano"), PRICED),
    "spans": (F("span_count"), Q()),
}
_TEXTS = {
    "name": "name", "user": "user_id", "session": "session_id", "env": "environment",
    "feature": "feature", "release": "release",
}  # fmt: skip
_LETTERS = {"model": "m:", "prompt": "p:", "tags": "t:"}


@dataclass(frozen=True)
class Numbers:
    """The spread of the numbers that are known; `bars` are counts between `low` and `high`."""

    low: float
    high: float
    p50: float
    p95: float
    p99: float
    bars: list[int]


@dataclass(frozen=True)
class Stats:
    """Of `looked_at` traces, the newest; `known` of them have a value."""

    looked_at: int
    known: int
    numbers: Numbers | None = None
    top: Sequence[tuple[str, int]] = ()
    different: int = 0
    is_too_wide: bool = False

    @property
    def empty_share(self) -> float:
        """How many of those looked at have no value, 0 to 1."""
        return 1 - self.known / self.looked_at if self.looked_at else 0.0


def column_stats(project_id: int, criteria: Criteria, column: Column) -> Stats:
    """The statistics of a column over the newest traces that meet `criteria`."""
    rows = matching(project_id, criteria).order_by("-start_time")
    try:
        with limited(SECONDS):
            if column.key in _NUMBERS:
                value, known = _NUMBERS[column.key]
                number = Cast(value, FloatField())
                pairs = rows[:COUNT_CAP].values_list(number, *_flag(known))
                return _of_numbers([n if is_known else None for n, is_known in pairs])
            if column.key in _TEXTS:
                texts = rows.values_list(_TEXTS[column.key], flat=True)[:COUNT_CAP]
                return _of_texts([[text] if text else [] for text in texts])
            if column.key in _LETTERS:
                start = _LETTERS[column.key]
                facets = rows.values_list("facets", flat=True)[:COUNT_CAP]
                return _of_texts(
                    [
                        [one[2:].rstrip("/") for one in row if one.startswith(start)]
                        for row in facets
                    ]
                )
            if column.key == "status":
                states = rows.values_list("error_count", "root_ok", "open_count")[:COUNT_CAP]
                return _of_texts([[_state(*state)] for state in states])
            newest = [summary(row) for row in rows.values_list(*COLUMNS)[:MOST_READ]]
            if column.key == "ttft":
                first = row_values.first_tokens(project_id, newest)
                return _of_numbers([first.get(row.trace_id) for row in newest])
            return _of_read(project_id, newest, column)
    except TimeUp:
        return Stats(0, 0, is_too_wide=True)


def _flag(known: Q) -> list[Any]:
    return [ExpressionWrapper(known, BooleanField()) if known else Value(True)]


def _state(errors: int, root_ok: bool | None, unfinished: int) -> str:
    if errors:
        return "recovered" if root_ok else "error"
    return "running" if unfinished else "ok"


def _of_read(project_id: int, newest: list[TraceSummary], column: Column) -> Stats:
    if column.score:
        found = scores_of_page(project_id, [row.trace_id for row in newest])
        own = {
            trace_id: score
            for trace_id, scores in found.items()
            for score in scores
            if score.name == column.score
        }
        numbers = [own[row.trace_id].num if row.trace_id in own else None for row in newest]
        if any(number is not None for number in numbers):
            return _of_numbers(numbers)
        labels = [own[row.trace_id].label if row.trace_id in own else None for row in newest]
        return _of_texts([[label] if label else [] for label in labels])
    values = row_values.attributes(project_id, newest, [column.attribute]).values
    said = [values.get(row.trace_id, {}).get(column.attribute) for row in newest]
    return _of_texts([[text] if text else [] for text in said])


def _of_texts(rows: list[list[str]]) -> Stats:
    counted = Counter(text for row in rows for text in set(row))
    known = sum(bool(row) for row in rows)
    top = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:10]
    return Stats(len(rows), known, None, top, len(counted))


def _of_numbers(values: Sequence[float | None]) -> Stats:
    known = sorted(value for value in values if value is not None)
    if not known:
        return Stats(len(values), 0)
    low, high = known[0], known[-1]
    # Beyond the 99th percentile everything stands in the last bar: one giant flattens no spread.
    end = max(_percentile(known, 0.99), low)
    bars = [0] * BARS
    for value in known:
        share = (value - low) / (end - low) if end > low else 0
        bars[min(int(share * BARS), BARS - 1)] += 1
    numbers = Numbers(
        low, high, _percentile(known, 0.5), _percentile(known, 0.95), _percentile(known, 0.99), bars
    )
    return Stats(len(values), len(known), numbers)


def _percentile(known: Sequence[float], share: float) -> float:
    """Between the two values at that place, as PostgreSQL's percentile_cont."""
    at = share * (len(known) - 1)
    low = int(at)
    high = min(low + 1, len(known) - 1)
    return known[low] + (known[high] - known[low]) * (at - low)
