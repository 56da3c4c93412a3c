"""Stored answers: chosen once, and marked again in each run of their schedule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from evals.evaluating.subject import Verdict
from evals.models import (
    EvaluatorVersion,
    Experiment,
    Judgement,
    Rejudging,
    Result,
    ScheduleRun,
    StoredAnswer,
)
from evals.queries.stored_answers import as_kept, in_a_fixed_order, is_judged, shown_of
from evals.services.schedules import quality_changed
from kit.jobs import nudge

TASK = "evals.judge_stored"
MOST_TRIES = 3
LATER, MUCH_LATER = timedelta(minutes=5), timedelta(hours=1)
LONGEST = timedelta(hours=24)  # later marks would not tell of that day
LEAST_PRESENT = 0.8
OVER_CAP = "It would have gone over the cost cap of the run."
NO_PRICE = "Nobody can say what it may cost, so the cost cap of the run cannot hold."
TOO_LATE = "It could not be asked for a day."

State, Kind = Rejudging.State, ScheduleRun.Kind


def rejudge(run: ScheduleRun, experiment: Experiment, watched: EvaluatorVersion) -> None:
    """The marks that a run of a judge's schedule has to have; in the caller's transaction.

    The first planned runs give the answers that are stored. Replays of an older configuration say
    nothing of the judge that those of the current one do not.
    """
    wanted = run.schedule.judge_answers
    if not wanted or not is_judged(watched) or run.kind == Kind.OLD:
        return
    own: dict[str, float] = {}
    if run.kind == Kind.PLANNED:
        own = _store(run, experiment, watched, wanted)
    answers = run.schedule.stored_answers.count()
    if not answers:
        return
    row, is_new = Rejudging.objects.get_or_create(
        run=run, defaults={"schedule": run.schedule, "day": run.day, "marks": own}
    )
    if not is_new:
        return
    if len(own) == answers:
        _end(row, timezone.now())
        row.save()
    else:
        nudge(TASK)


def _store(
    run: ScheduleRun, experiment: Experiment, watched: EvaluatorVersion, wanted: int
) -> dict[str, float]:
    """Add answers of this run while there are too few: their marks, by their primary keys.

    A set of fewer items than `wanted` gives an answer of each item a run, until there are enough.
    """
    room = wanted - run.schedule.stored_answers.count()
    if room <= 0:
        return {}
    rows = Judgement.objects.filter(
        experiment=experiment, name=watched.evaluator.name, num__isnull=False,
        state=Judgement.State.DONE, result__state=Result.State.DONE, repeat=1,
    ).select_related("result__revision")  # fmt: skip
    marked = {row.result.item_key: row for row in rows if row.result}
    own: dict[str, float] = {}
    for key in in_a_fixed_order(marked)[:room]:
        row = marked[key]
        answer, _ = StoredAnswer.objects.get_or_create(
            schedule=run.schedule, item_key=key, run=run,
            defaults={"shown": shown_of(row.result)} if row.result else {},
        )  # fmt: skip
        mark = as_kept(watched, row.num)
        if mark is not None:
            own[str(answer.pk)] = mark
    return own


def keep_marks(
    row: Rejudging,
    watched: EvaluatorVersion,
    said: Sequence[tuple[StoredAnswer, Verdict]],
) -> None:
    """Write what the judge said; an answer that has no mark yet stays due."""
    for answer, verdict in said:
        row.calls += verdict.calls
        row.cost_nano += verdict.cost_nano or 0
        row.unpriced += verdict.cost_nano is None
        if verdict.error:
            row.error = verdict.error.replace("\0", "")[:1000]
        else:
            row.marks[str(answer.pk)] = as_kept(watched, verdict.num)
    row.save(update_fields=["marks", "calls", "cost_nano", "unpriced", "error"])


@transaction.atomic
def end_round(row: Rejudging, missing: int, now: datetime) -> None:
    """All were asked once more: it is over, or what failed is asked again later."""
    row.attempts += 1
    if missing and row.attempts < MOST_TRIES:
        row.due_at = now + LATER
    else:
        _end(row, now)
    row.save()
    quality_changed(row.schedule.project_id)


def postpone(row: Rejudging, why: str, now: datetime) -> None:
    """The judge cannot be asked now (no provider is connected); after a day no more."""
    row.error, row.due_at = why[:1000], now + MUCH_LATER
    if now - row.created_at > LONGEST:
        row.state, row.error, row.finished_at = State.FAILED, f"{TOO_LATE} {why}"[:1000], now
    row.save()


def skip(row: Rejudging, why: str, now: datetime) -> None:
    """What is left is not asked: before the call, not after it."""
    _end(row, now)
    if row.state != State.DONE:
        row.state, row.error = State.SKIPPED, why
    row.save()
    quality_changed(row.schedule.project_id)


def _end(row: Rejudging, now: datetime) -> None:
    known = [one for one in row.marks.values() if one is not None]
    answers = row.schedule.stored_answers.count()
    is_whole = bool(known) and len(known) >= LEAST_PRESENT * answers
    row.state = State.DONE if is_whole else State.FAILED
    row.mean = sum(known) / len(known) if known else None
    row.finished_at = now
    if is_whole:
        row.error = ""
    elif not row.error:
        row.error = f"Only {len(known)} of {answers} stored answers have a mark."
