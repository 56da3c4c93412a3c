"""Labelled answers beside what a version of a judge said of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from evals.calibrating.answers import Answer, Said
from evals.models import EvaluatorVersion, HumanLabel, Judgement
from evals.values.scales import Scale

MOST_LABELS = 20_000  # of a score, the newest
LIVE_DAYS = 7
MOST_LIVE = 20_000
_SEPARATOR = "\x1f"

Key = tuple[str, str]  # trace and span; the span is '' for a whole trace


def labels_that_count(version: EvaluatorVersion) -> QuerySet[HumanLabel]:
    """The labels under the version's score that count, the newest first."""
    evaluator = version.evaluator
    return HumanLabel.objects.filter(
        project_id=evaluator.project_id, name=evaluator.name, is_dropped=False
    ).order_by("-at", "-pk")


def judgements_on(version: EvaluatorVersion, trace_ids: Iterable[str]) -> QuerySet[Any]:
    """What this version said of these traces, wherever it was asked, the newest first.

    Each bears `on_trace` and `on_span`: an experiment's verdict is about the trace of its result.
    """
    wanted = list(trace_ids)
    return (
        Judgement.objects.filter(version=version, state=Judgement.State.DONE, other=None)
        .exclude(experiment__baseline_label__gt="", details__has_key="orders")
        .filter(Q(result=None, trace_id__in=wanted) | Q(result__trace_id__in=wanted))
        .annotate(on_trace=Coalesce(F("result__trace_id"), F("trace_id")), on_span=F("span_id"))
        .order_by("-at", "-pk")
    )


def labelled_answers(version: EvaluatorVersion) -> tuple[list[Answer], datetime | None]:
    """Every labelled answer with the version's verdicts, the newest label first; that label's time.

    Three statements, whatever their number.
    """
    columns = ("trace_id", "span_id", "author_id", "author_label", "num", "label", "slice", "at")
    labels = list(labels_that_count(version).values(*columns)[:MOST_LABELS])
    people: dict[Key, list[Said]] = defaultdict(list)
    slices: dict[Key, str] = {}
    for one in labels:
        key = (one["trace_id"], one["span_id"])
        people[key].append(Said(one["num"], one["label"], one["author_label"]))
        slices[key] = slices.get(key) or one["slice"]
    said = verdicts_of(version, people)
    lengths = _lengths(version, people)
    answers = [
        Answer(
            key=_SEPARATOR.join(key),
            people=tuple(said_by),
            judge=said[key][0] if said.get(key) else None,
            again=tuple(said[key][1:]) if said.get(key) else (),
            length=lengths.get(key),
            slice=slices[key],
        )
        for key, said_by in people.items()
    ]
    return answers, labels[0]["at"] if labels else None


def split_key(key: str) -> Key:
    """Trace and span of an answer's key."""
    trace_id, _, span_id = key.partition(_SEPARATOR)
    return trace_id, span_id


def verdicts_of(version: EvaluatorVersion, keys: Iterable[Key]) -> dict[Key, list[Said]]:
    """What the version said of each answer: first the verdict that counts, then repeats of it.

    The first verdict on exactly that span counts; where there is none, one on the trace as a
    whole, or on the one span of it that was judged.
    """
    wanted = list(keys)
    exact: dict[Key, list[tuple[int, Said]]] = defaultdict(list)
    of_trace: dict[str, set[str]] = defaultdict(set)
    columns = ("on_trace", "on_span", "repeat", "num", "label")
    for trace_id, span_id, repeat, num, label in judgements_on(
        version, {trace_id for trace_id, _ in wanted}
    ).values_list(*columns):
        exact[trace_id, span_id].append((repeat, Said(num, label)))
        of_trace[trace_id].add(span_id)
    found = {}
    for trace_id, span_id in wanted:
        spans = of_trace.get(trace_id, set())
        at = span_id
        if span_id not in spans:
            at = "" if "" in spans else next(iter(spans)) if len(spans) == 1 else span_id
            if span_id and at:  # another span of the trace is another answer
                at = span_id
        if said := exact.get((trace_id, at)):
            found[trace_id, span_id] = [one for _, one in sorted(said, key=lambda row: row[0])]
    return found


def _lengths(version: EvaluatorVersion, keys: Iterable[Key]) -> dict[Key, int]:
    """Characters of the answers, as far as they stand in a queue or an experiment."""
    traces = {trace_id for trace_id, _ in keys}
    project_id = version.evaluator.project_id
    found: dict[Key, int] = {}
    labels = HumanLabel.objects.filter(
        project_id=project_id, name=version.evaluator.name, queue_item__isnull=False
    ).order_by()
    for trace_id, span_id, output in labels.values_list(
        "trace_id", "span_id", "queue_item__snapshot__output"
    )[:MOST_LABELS]:
        if output is not None:
            found[trace_id, span_id] = _length(output)
    judged = judgements_on(version, traces).filter(result__isnull=False)
    for trace_id, output in judged.values_list("on_trace", "result__output")[:MOST_LABELS]:
        if output is not None:
            found.setdefault((trace_id, ""), _length(output))
    return found


def _length(output: Any) -> int:
    return len(output if isinstance(output, str) else str(output))


def position_wins(version: EvaluatorVersion) -> dict[str, Any] | None:
    """Of a pairwise judge: how often what stood first won, over both orders; else None."""
    pairs = Judgement.objects.filter(
        version=version, state=Judgement.State.DONE, details__has_key="orders"
    ).order_by("-at")
    first = told = 0
    for orders in pairs.values_list("details__orders", flat=True)[:MOST_LIVE]:
        for one in orders if isinstance(orders, list) else ():
            winner = one.get("winner") if isinstance(one, dict) else None
            if winner in ("first", "second"):
                told += 1
                first += winner == "first"
    return {"share": first / told, "pairs": told} if told else None


def live_numbers(version: EvaluatorVersion, scale: Scale) -> dict[str, Any]:
    """What the version said of live traffic in seven days: counts by number, and how many pass."""
    since = timezone.now() - timedelta(days=LIVE_DAYS)
    rows = (
        Judgement.objects.filter(
            version=version,
            purpose=Judgement.Purpose.ONLINE,
            state=Judgement.State.DONE,
            at__gte=since,
            num__isnull=False,
        )
        .order_by()
        .values("num")
        .annotate(times=Count("pk"))
        .order_by("num")[:MOST_LIVE]
    )
    numbers = [[round(float(row["num"] or 0), 6), row["times"]] for row in rows]
    passing = sum(times for number, times in numbers if _passes(scale, number))
    return {
        "numbers": numbers[:400],
        "judged": sum(times for _, times in numbers),
        "passed": passing,
        "days": LIVE_DAYS,
    }


def _passes(scale: Scale, number: float) -> bool:
    """By the number alone: of a category it is its value."""
    if scale.bar is None:
        return False
    return number <= scale.bar if scale.is_most else number >= scale.bar


def count_unjudged(version: EvaluatorVersion) -> int:
    """Labelled answers that it was asked about in vain: the calls failed, or cost too much."""
    over = (Judgement.State.FAILED, Judgement.State.SKIPPED)
    rows = Judgement.objects.filter(version=version, state__in=over, repeat=1)
    return rows.filter(purpose=Judgement.Purpose.CALIBRATION).count()


def cost_per_score(version: EvaluatorVersion) -> dict[str, Any]:
    """What a verdict cost on average, in nano-dollars; None where none was priced. And how many."""
    found = Judgement.objects.filter(version=version, state=Judgement.State.DONE).aggregate(
        cost=Avg("cost_nano"), judged=Count("pk")
    )
    cost = found["cost"]
    return {"cost_nano": None if cost is None else round(float(cost)), "judged": found["judged"]}
