"""A run of a schedule is over: what it scored, what it was made with, and whether it fell."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from evals.models import EvaluatorVersion, Experiment, Result, ScheduleRun
from evals.queries.fingerprints import fingerprint_of
from evals.queries.paired import outcomes
from evals.queries.schedules import ended_runs, evaluators_of, history_of
from evals.queries.stored_answers import as_kept
from evals.services.drift_alarms import raise_alarm, raise_at_edge
from evals.services.rejudgings import rejudge
from evals.services.schedule_slots import add_run, end_run, locked_run, try_again
from evals.values.slots import end_of_day
from evals.values.standings import standing_of

RERUN_AFTER = timedelta(minutes=15)  # what disturbed one run is over by then, where it can be
AT_EDGE = 3  # runs after a change before both sides are compared, once
LEAST_PRESENT = 0.8

Kind, State = ScheduleRun.Kind, ScheduleRun.State


def conclude_runs(now: datetime | None = None) -> int:
    """Every run whose experiment is over is scored. How many were."""
    now = now or timezone.now()
    return sum(_conclude(pk, now) for pk in ended_runs())


@transaction.atomic
def _conclude(pk: int, now: datetime) -> int:
    run = locked_run(pk)
    if run is None or run.state != State.RUNNING:
        return 0
    experiment = run.experiment
    if experiment is None:
        end_run(run, State.FAILED, now, "Its experiment was deleted.")
        return 1
    if experiment.is_open:
        return 0
    run.spent_nano += experiment.spent_nano
    watched = evaluators_of(run.schedule)[:1]
    if not watched:
        end_run(run, State.FAILED, now, "The evaluator that it watched is gone.")
        return 1
    run.scores = _scores(experiment, watched[0])
    run.fingerprint = fingerprint_of(run, experiment, watched[0])
    known = [one for one in run.scores.values() if one is not None]
    run.mean = sum(known) / len(known) if known else None
    if len(known) < LEAST_PRESENT * max(len(run.scores), 1):
        if try_again(run, experiment, now):
            return 1
        end_run(run, State.SILENT, now, experiment.error or _silence(len(known), len(run.scores)))
    else:
        end_run(run, State.DONE, now)
        rejudge(run, experiment, watched[0])
    if run.kind in ScheduleRun.SERIES:
        follow(run, now)
    return 1


def _silence(known: int, items: int) -> str:
    return f"Only {known} of {items} items have a score, so the run has no verdict."


def _scores(experiment: Experiment, watched: EvaluatorVersion) -> dict[str, float | None]:
    """What each item scored; of a score that should be low, mirrored, so that less is worse."""
    keys = Result.objects.filter(experiment=experiment).values_list("item_key", flat=True)
    found = outcomes(experiment, watched.evaluator.name)
    scores: dict[str, float | None] = dict.fromkeys(sorted(set(keys)))
    for key, mean in zip(found.keys, found.means, strict=True):
        scores[key] = as_kept(watched, mean)
    return scores


def follow(run: ScheduleRun, now: datetime) -> None:
    """Put the run into its segment and feed the detector, which may want a rerun, or alarm."""
    from evals.drift.detector import wants_repeat

    run.segment, is_new = _segment(run)
    run.save(update_fields=["segment"])
    history = history_of(run.schedule, run.segment)
    if history is None:
        return
    step = history.steps[run.pk]
    run.verdict, run.cusum = step.verdict, history.state.low
    run.z = step.place.z if step.place else None
    run.standing = standing_of(history.state)
    run.save(update_fields=["verdict", "z", "cusum", "standing"])
    if is_new:
        for number in range(1, AT_EDGE):
            _rerun(run, number, now + RERUN_AFTER * number)
    if run.segment > 1 and len(history.runs) == AT_EDGE:
        raise_at_edge(run, history, now)
    if step.raised:
        raise_alarm(run, history, now)
    elif step.wants_rerun or wants_repeat(history.state):
        _rerun(run, history.state.reruns_today + 1, now + RERUN_AFTER)


def _segment(run: ScheduleRun) -> tuple[int, bool]:
    """The segment that the run belongs to, and whether it begins there after another."""
    from evals.drift.segments import Fingerprint, basis, changed

    earlier = run.schedule.runs.filter(kind__in=ScheduleRun.SERIES, segment__isnull=False)
    before = earlier.exclude(pk=run.pk).order_by("-day", "-finished_at", "-pk").first()
    if before is None or before.segment is None:
        return 1, False
    first = earlier.filter(segment=before.segment).order_by("day", "finished_at", "pk").first()
    known = {name: text for name, text in before.fingerprint.items() if text}
    now = {name: text for name, text in run.fingerprint.items() if text}
    # What a run does not know is taken from the one before, so that a gap hides no change.
    run.fingerprint = {**known, **now}
    run.save(update_fields=["fingerprint"])
    begun = Fingerprint(**first.fingerprint) if first else Fingerprint()
    differs = changed(basis(begun, Fingerprint(**known)), Fingerprint(**now))
    return (before.segment + 1, True) if differs else (before.segment, False)


def _rerun(run: ScheduleRun, number: int, due_at: datetime) -> None:
    """The same set once more on the same day, unless the day is over by then."""
    if due_at < end_of_day(run.day, run.schedule.zone):
        add_run(run, Kind.RERUN, number, due_at)
