"""A month's spend by day and by one dimension, beside the same days of the month before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from traces.queries.usage import Scope, SpanFigures, span_figures

DIMENSIONS = {
    "feature": ("feature",),
    "model": ("model",),
    "prompt": ("prompt_name", "prompt_version"),
}
Key = tuple[str, ...]
FIRST = date(2015, 1, 1)  # no month before is asked for
# What is told together of the token classes.
CLASSES: Mapping[str, Sequence[str]] = {
    "Output": ("out_text", "out_reasoning", "out_audio"),
    "Input": ("in_uncached", "in_audio"),
    "Cache write": ("in_cache_write",),
    "Cache read": ("in_cached",),
}


@dataclass(frozen=True)
class Month:
    """A calendar month (UTC) and how much of it is there: `until` is the day after the last."""

    start: date
    end: date  # the first of the next
    until: date
    is_running: bool = False  # today is in it

    @property
    def days(self) -> int:
        """How many days of it are looked at."""
        return (self.until - self.start).days

    @cached_property
    def before(self) -> Month:
        """The same days of the month before; of a shorter one, all."""
        start = (self.start - timedelta(days=1)).replace(day=1)
        return Month(start, self.start, min(start + timedelta(days=self.days), self.start))


def month_of(text: str, today: date) -> Month:
    """The month `YYYY-MM`; the running one where that is none, or is to come."""
    try:
        start = date.fromisoformat(f"{text}-01") if len(text) == 7 else today.replace(day=1)
    except ValueError:
        start = today.replace(day=1)
    start = max(min(start, today.replace(day=1)), FIRST)
    end = (start + timedelta(days=32)).replace(day=1)
    return Month(start, end, min(end, today + timedelta(days=1)), today < end)


@dataclass
class Spend:
    """Sums of one key over a month; money in nano-dollars."""

    key: Key
    cost: int = 0
    evaluators: int = 0
    before: int = 0  # over the same days of the month before
    calls: int = 0
    unpriced: int = 0
    tokens: dict[str, int] = field(default_factory=dict)  # by CLASSES
    by_day: dict[date, int] = field(default_factory=dict)

    @property
    def per_call(self) -> int | None:
        """Nano-dollars of one call; None of none."""
        return self.cost // self.calls if self.calls else None


def spend_by(project_id: int, month: Month, dimension: str) -> list[Spend]:
    """Each value of a dimension that spent or called, the dearest first; `('',)` is not said.

    A prompt without a version, and a call without a prompt, have '' there.
    """
    names = DIMENSIONS[dimension]
    rows: dict[Key, Spend] = {}
    for one in _figures(project_id, month.start, month.until, ("day", *names)):
        row = _row(rows, one)
        row.cost += one.cost_nano
        row.evaluators += one.evaluator_nano
        row.calls += one.calls
        row.unpriced += one.unpriced
        day = one.key[0]
        row.by_day[day] = row.by_day.get(day, 0) + one.cost_nano
        for word, classes in CLASSES.items():
            row.tokens[word] = row.tokens.get(word, 0) + sum(one.tokens[name] for name in classes)
    last = month.before
    for one in _figures(project_id, last.start, last.until, names):
        key = tuple(str(part) for part in one.key)
        if key in rows or one.cost_nano:
            rows.setdefault(key, Spend(key)).before += one.cost_nano
    return sorted(rows.values(), key=lambda row: (-row.cost, row.key))


def _row(rows: dict[Key, Spend], one: SpanFigures) -> Spend:
    key = tuple(str(part) for part in one.key[1:])
    return rows.setdefault(key, Spend(key))


def _figures(project_id: int, since: date, until: date, by: Sequence[str]) -> list[SpanFigures]:
    low, high = (datetime.combine(day, datetime.min.time(), UTC) for day in (since, until))
    return span_figures(Scope(project_id, low, high), by, with_latencies=False)
