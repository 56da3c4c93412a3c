"""Stored answers read: what a judge is shown again, and the series of its marks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Sum

from evals.evaluating.subject import Subject
from evals.models import (
    DriftAlarm,
    EvaluatorKind,
    EvaluatorVersion,
    Rejudging,
    Result,
    Schedule,
    StoredAnswer,
)
from evals.running.job import split_output
from traces.models import BarDirection

if TYPE_CHECKING:
    from evals.drift.attribution import Pair

# Whoever is asked for a mark may change; what only computes cannot. A pair is no mark.
JUDGING = (EvaluatorKind.JUDGE, EvaluatorKind.RAG, EvaluatorKind.REMOTE)
MOST_RUNS = 60  # on either side of a change


def is_judged(watched: EvaluatorVersion | None) -> bool:
    """Whether somebody is asked for the watched score, who may change."""
    return watched is not None and watched.evaluator.kind in JUDGING


def as_kept(watched: EvaluatorVersion, value: float | None) -> float | None:
    """A score as the detector has it: one that should be low mirrored, so that less is worse."""
    if value is None or watched.bar_direction != BarDirection.AT_MOST:
        return value
    middle = (watched.minimum or 0.0) + (1.0 if watched.maximum is None else watched.maximum)
    return middle - value


def shown_of(result: Result) -> dict[str, Any]:
    """All that an evaluator is shown of a result, as JSON."""
    item = result.revision
    return {
        "input": result.input if item is None else item.input,
        "expected": result.expected if item is None else item.expected,
        "characteristics": [] if item is None else list(map(str, item.characteristics)),
        "metadata": (None if item is None else item.metadata) or {},
        "output": result.output,
        "duration_us": result.duration_us,
        "first_token_us": result.first_token_us,
        "cost_nano": result.cost_nano,
        "output_tokens": result.output_tokens,
        "trace_id": result.trace_id,
        "span_id": result.span_id,
        "is_held_out": result.is_held_out,
    }


def subject_in(shown: dict[str, Any]) -> Subject:
    """The answer as the judge saw it."""
    text, tools = split_output(shown.get("output"))
    duration, first = shown.get("duration_us"), shown.get("first_token_us")
    return Subject(
        input=shown.get("input"),
        output=text,
        expected=shown.get("expected"),
        characteristics=tuple(shown.get("characteristics") or ()),
        metadata=shown.get("metadata") or {},
        tools=tools,
        duration_ms=None if duration is None else duration / 1000,
        first_token_ms=None if first is None else first / 1000,
        cost_nano=shown.get("cost_nano"),
        output_tokens=shown.get("output_tokens"),
        trace_id=str(shown.get("trace_id") or ""),
        span_id=str(shown.get("span_id") or ""),
        is_held_out=bool(shown.get("is_held_out")),
    )


def in_a_fixed_order(keys: Iterable[str]) -> list[str]:
    """As by lot, the same whenever it is asked, and whatever they scored."""
    return sorted(keys, key=lambda key: hashlib.sha256(key.encode()).digest())


def due_rejudgings(now: datetime) -> list[int]:
    """Those that may be asked now, the oldest first."""
    found = Rejudging.objects.filter(
        state=Rejudging.State.DUE, due_at__lte=now, schedule__project__deleted_at=None
    )
    return list(found.order_by("due_at", "pk").values_list("pk", flat=True)[:100])


def rejudgings_of(schedule: Schedule, first: int | None = None) -> list[Rejudging]:
    """Those that are over and have marks, from day `first` on, in the order of their runs."""
    found = schedule.rejudgings.filter(state=Rejudging.State.DONE)
    if first is not None:
        found = found.filter(day__gte=first)
    return list(found.select_related("run").order_by("day", "run__finished_at", "pk"))


def spent_on(schedule: Schedule) -> int:
    """Nano-dollars of all marks given again so far."""
    return int(schedule.rejudgings.aggregate(cost=Sum("cost_nano"))["cost"] or 0)


@dataclass(frozen=True)
class Marks:
    """The marks of stored answers before a day and from it on; `keys` are answers."""

    keys: tuple[str, ...]
    before: tuple[Rejudging, ...]
    since: tuple[Rejudging, ...]


def marks_around(alarm: DriftAlarm) -> Marks:
    """What the judge gave the same answers before the alarm's change, and since.

    Marks from before an earlier alarm that was the new normal are another judge's, maybe.
    """
    schedule = alarm.schedule
    earlier = schedule.alarms.filter(
        state=DriftAlarm.State.DISMISSED, opened_at__lt=alarm.opened_at
    )
    start = max(earlier.values_list("since", flat=True), default=None)
    rows = rejudgings_of(schedule, start)
    keys = tuple(sorted({key for one in rows for key in one.marks}, key=int))
    return Marks(
        keys,
        tuple(one for one in rows if one.day < alarm.since)[-MOST_RUNS:],
        tuple(one for one in rows if one.day >= alarm.since)[-MOST_RUNS:],
    )


def judge_pair(alarm: DriftAlarm) -> Pair | None:
    """The stored answers' marks then and now, for the attribution; None without both."""
    from evals.drift.attribution import Pair

    marks = marks_around(alarm)
    if not marks.before or not marks.since:
        return None
    return Pair(sums_of(marks.before, marks.keys), sums_of(marks.since, marks.keys))


def sums_of(rows: Sequence[Rejudging], keys: Sequence[str]) -> Any:
    """`evals.drift.reference.Sums` of these marks."""
    from evals.drift.reference import Sums
    from evals.drift.runs import numbers

    return Sums.of([numbers([one.marks.get(key) for key in keys]) for one in rows])


def answers_of(schedule: Schedule) -> list[StoredAnswer]:
    """The stored answers in their order."""
    return list(schedule.stored_answers.order_by("pk"))


def is_waiting(alarm: DriftAlarm) -> bool:
    """Whether marks of the alarm's replays, or of the days since the change, are yet to come."""
    rows = Rejudging.objects.filter(schedule=alarm.schedule_id, state=Rejudging.State.DUE)
    return rows.filter(day__gte=alarm.since).exists()
