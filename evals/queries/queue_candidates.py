"""Answers worth labelling: sampled, spread over the judge's scores, or where something is off."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Project
from evals.models import Evaluator, Experiment, Judgement, QueueItem, Result, ReviewQueue
from evals.queries.labels import labelled_by
from evals.values.scales import Scale, scale_of
from traces.models import DataType, Score, ScoreSource, Trace
from traces.query.compiling import PLATFORM_ENVIRONMENT

SINCE = timedelta(days=30)
POOL = 5_000  # of the newest verdicts, from which is chosen
STRATA = 5  # of a number; a category is a stratum of its own

Key = tuple[str, str]
Reason = QueueItem.Reason
# What is looked at first.
PRIORITIES = {
    Reason.CHOSEN: 40,
    Reason.THUMBS_DOWN: 30,
    Reason.DISAGREEMENT: 20,
    Reason.FLIPPED: 20,
    Reason.LOW_CONFIDENCE: 20,
    Reason.STRATIFIED: 10,
    Reason.SAMPLED: 0,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer that could go into a queue; `judged` is what an evaluator said of it, if any."""

    trace_id: str
    span_id: str = ""
    result_id: int | None = None
    item_key: str = ""
    slice: str = ""
    judged: dict[str, Any] | None = field(default=None, hash=False, compare=False)

    @property
    def key(self) -> Key:
        """Which answer it is."""
        return self.trace_id, self.span_id


def of_traces(trace_ids: Iterable[str]) -> list[Candidate]:
    """These traces as they stand, each once."""
    return [Candidate(trace_id) for trace_id in dict.fromkeys(trace_ids) if trace_id]


def of_results(experiment: Experiment, *, most: int, seed: int) -> list[Candidate]:
    """Outputs of an experiment, drawn at random over its items, one repeat of each."""
    rows = list(
        Result.objects.filter(experiment=experiment, state=Result.State.DONE, is_held_out=False)
        .exclude(trace_id="")
        .order_by("item_key", "repeat")
        .distinct("item_key")
        .values_list("trace_id", "pk", "item_key", "slice")
    )
    random.Random(seed).shuffle(rows)  # noqa: S311  (a sample, no secret)
    return [Candidate(trace, "", pk, key, part) for trace, pk, key, part in rows[:most]]


def pick(
    queue: ReviewQueue,
    evaluator: Evaluator | None,
    reason: str,
    *,
    most: int,
    seed: int,
    experiment: Experiment | None = None,
    since: datetime | None = None,
) -> list[Candidate]:
    """At most so many answers for that `reason` which are not in the queue yet.

    Judged ones come from the newest POOL verdicts of `evaluator` since then (30 days ago), or from
    one experiment. Answers of a held-out split never go into a queue.
    """
    begin = since or timezone.now() - SINCE
    project = queue.project
    known = set(queue.items.values_list("trace_id", "span_id"))
    if queue.evaluator is not None:
        known |= labelled_by(project, queue.evaluator.name, queue.people_each)
    if reason == Reason.THUMBS_DOWN:
        found = _thumbed_down(project, begin)
    elif reason == Reason.DISAGREEMENT:
        found = _disagreeing(project, begin, experiment)
    elif evaluator is None:
        found = (
            of_results(experiment, most=POOL, seed=seed)
            if experiment is not None
            else _recent(project, begin)
        )
    else:
        found = pool(evaluator, begin, experiment)
        if reason == Reason.FLIPPED:
            found = _flipped(evaluator, begin, experiment)
    fresh = [one for one in {one.key: one for one in found}.values() if one.key not in known]
    rng = random.Random(seed)  # noqa: S311  (a sample, no secret)
    rng.shuffle(fresh)
    if evaluator is not None and reason in (Reason.STRATIFIED, Reason.LOW_CONFIDENCE):
        scale = _scale(evaluator)
        spread = _stratified if reason == Reason.STRATIFIED else _near_the_bar
        fresh = spread(fresh, scale)
    return _each_item_first(fresh)[:most]


def _each_item_first(found: Sequence[Candidate]) -> list[Candidate]:
    """In their order, but a second answer to an item only when each item has one."""
    seen: dict[str, int] = defaultdict(int)
    ranks = []
    for one in found:
        ranks.append(seen[one.item_key] if one.item_key else 0)
        seen[one.item_key] += 1
    return [one for _, one in sorted(zip(ranks, found, strict=True), key=lambda pair: pair[0])]


def pool(
    evaluator: Evaluator, since: datetime, experiment: Experiment | None = None
) -> list[Candidate]:
    """The newest verdict on each answer, POOL at most, of the evaluator's version in use if any."""
    rows = _verdicts(evaluator.project, since, experiment).filter(name=evaluator.name)
    if evaluator.current_id is not None:
        own = rows.filter(version=evaluator.current_id)
        rows = own if own.exists() else rows
    return _candidates(rows)


def _verdicts(project: Project, since: datetime, experiment: Experiment | None) -> QuerySet[Any]:
    rows = Judgement.objects.filter(
        project=project, state=Judgement.State.DONE, other=None, repeat__lte=POOL
    )
    rows = rows.filter(experiment=experiment) if experiment else rows.filter(at__gte=since)
    rows = rows.exclude(result__is_held_out=True)
    return rows.annotate(on_trace=Coalesce(F("result__trace_id"), F("trace_id")))


def _candidates(rows: QuerySet[Any]) -> list[Candidate]:
    columns = (
        "on_trace", "span_id", "result_id", "result__item_key", "result__slice", "num", "label",
        "passed", "reason", "version__number",
    )  # fmt: skip
    found: dict[Key, Candidate] = {}
    for trace, span, result, key, part, num, label, passed, why, number in rows.order_by(
        "-at", "-pk"
    ).values_list(*columns)[:POOL]:
        judged = {"num": num, "label": label, "passed": passed, "reason": why, "version": number}
        one = Candidate(trace, span, result, key or "", part or "", judged)
        if trace:
            found.setdefault(one.key, one)
    return list(found.values())


def _scale(evaluator: Evaluator) -> Scale:
    version = evaluator.current or evaluator.versions.order_by("-number").first()
    return scale_of(version) if version is not None else Scale()


def _stratified(found: Sequence[Candidate], scale: Scale) -> list[Candidate]:
    """In turn from each stratum of the judge's score, so that rare scores are seen as well."""
    strata: dict[Any, list[Candidate]] = defaultdict(list)
    numbers = sorted(
        one.judged["num"] for one in found if one.judged and one.judged["num"] is not None
    )
    edges = [numbers[len(numbers) * step // STRATA] for step in range(1, STRATA)] if numbers else []
    for one in found:
        judged = one.judged or {}
        stratum = judged.get("label")
        if scale.data_type != DataType.CATEGORY and judged.get("num") is not None:
            # What passes and what fails are apart even where scores crowd on one side.
            stratum = (judged["passed"], sum(judged["num"] > edge for edge in dict.fromkeys(edges)))
        strata[stratum].append(one)
    rows = sorted(strata.values(), key=len)
    longest = max(map(len, rows), default=0)
    return [row[place] for place in range(longest) for row in rows if place < len(row)]


def _near_the_bar(found: Sequence[Candidate], scale: Scale) -> list[Candidate]:
    """Those nearest to the bar first; without one, nearest to the middle of what was said."""
    numbers = [one.judged["num"] for one in found if one.judged and one.judged["num"] is not None]
    if not numbers:
        return []
    bar = scale.bar if scale.bar is not None else sorted(numbers)[len(numbers) // 2]
    told = [one for one in found if one.judged and one.judged["num"] is not None]
    return sorted(told, key=lambda one: abs((one.judged or {})["num"] - bar))


def _disagreeing(
    project: Project, since: datetime, experiment: Experiment | None
) -> list[Candidate]:
    """Answers that one evaluator passes and another fails."""
    rows = _verdicts(project, since, experiment).filter(passed__isnull=False)
    said: dict[Key, dict[str, bool]] = defaultdict(dict)
    for trace, span, name, passed in rows.order_by("-at", "-pk").values_list(
        "on_trace", "span_id", "name", "passed"
    )[: POOL * 4]:
        said[trace, span].setdefault(name, passed)
    keys = {key for key, names in said.items() if len(set(names.values())) == 2}
    traces = {trace for trace, _ in keys}
    chosen = rows.filter(Q(trace_id__in=traces) | Q(result__trace_id__in=traces))
    return [one for one in _candidates(chosen) if one.key in keys]


def _flipped(
    evaluator: Evaluator, since: datetime, experiment: Experiment | None
) -> list[Candidate]:
    """Outputs of items whose verdict differs between the repeats."""
    rows = _verdicts(evaluator.project, since, experiment).filter(
        name=evaluator.name, passed__isnull=False, result__isnull=False
    )
    said: dict[tuple[int, str], set[bool]] = defaultdict(set)
    columns = ("experiment_id", "result__item_key", "passed")
    for its_experiment, key, passed in rows.order_by("-at").values_list(*columns)[: POOL * 4]:
        said[its_experiment, key].add(passed)
    flipping = {key for key, values in said.items() if len(values) == 2}
    pairs = rows.filter(experiment__in={one for one, _ in flipping})
    wanted = {key for _, key in flipping}
    return [one for one in _candidates(pairs) if one.item_key in wanted]


def _recent(project: Project, since: datetime) -> list[Candidate]:
    """The newest traces of traffic; what the platform asked for itself is none."""
    rows = Trace.objects.filter(project_id=project.pk, start_time__gte=since)
    rows = rows.exclude(environment=PLATFORM_ENVIRONMENT)
    return of_traces(rows.order_by("-start_time").values_list("trace_id", flat=True)[:POOL])


def _thumbed_down(project: Project, since: datetime) -> list[Candidate]:
    """Traces that their users gave a thumb down: no, 0 or -1."""
    rows = Score.objects.filter(
        project_id=project.pk,
        source=ScoreSource.USER.value,
        at__gte=since,
        num__in=[0.0, -1.0],
        data_type__in=[DataType.BOOLEAN.value, DataType.NUMBER.value],
    ).exclude(trace_id="")
    ids = rows.order_by("-at").values_list("trace_id", flat=True)[:POOL]
    return of_traces(ids)
