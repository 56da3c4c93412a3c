"""What came of calls and judgements, written many at once; and how a turn of a run ends."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.services.trail import record
from evals.evaluating.subject import Verdict
from evals.models import Experiment, Judgement, Result
from evals.running.job import Ended, Job, Judged, Scorer
from evals.services.experiment_counts import (
    count_again,
    open_judgements,
    put_back,
    skip_judgements,
)
from evals.services.experiments import changed
from traces.feedback.given import GivenScore
from traces.models import ScoreSource
from traces.query.compiling import PLATFORM_ENVIRONMENT
from traces.services.scores import MOST_AT_ONCE, record_scores

MOST_FAILURES = 5
MOST_TRIES = 3  # of one write
LONGEST_ERROR = 1000
_LONE = re.compile("[\ud800-\udfff\0]")  # what the database does not take

_ENDED = """
    update evals_result set state = %s, output = %s::jsonb, error = %s, trace_id = %s, span_id = %s,
        duration_us = %s, first_token_us = %s, cost_nano = %s, input_tokens = %s,
        output_tokens = %s, is_refusal = %s, started_at = %s, finished_at = %s
    where id = %s
"""


def patiently(act: Callable[..., None], *given: Any) -> None:
    """Do it, again where the database gave up on it (a deadlock) and not where it is away."""
    for tried in range(MOST_TRIES):
        try:
            return act(*given)
        except OperationalError:
            if tried + 1 == MOST_TRIES or not connection.is_usable():
                raise
            time.sleep(0.1 * (tried + 1))
    return None


@transaction.atomic
def write_ended(job: Job, ended: Sequence[Ended]) -> None:
    """Store what came of cases, with the verdicts that are there and those that are due."""
    experiment = job.experiment
    with connection.cursor() as cursor:
        cursor.executemany(_ENDED, [_row(one) for one in ended])
    good = [one for one in ended if not one.error]
    rows: list[Judgement] = []
    for one in good:
        rows += [_said(job, one.case.result_id, *pair) for pair in one.verdicts]
        rows += [_due(job, one.case.result_id, scorer) for scorer in job.slow]
    Judgement.objects.bulk_create(rows, ignore_conflicts=True)
    _record(experiment, [
        score
        for one in good
        for scorer, verdict in one.verdicts
        if (score := _score(job, one.case.item_key, one.case.result_id, one.trace_id, one.span_id,
                            scorer, verdict, is_held_out=one.case.is_held_out))
    ])  # fmt: skip
    bad = len(ended) - len(good)
    _add(
        experiment,
        done=len(good),
        failed=bad,
        judged=sum(len(one.verdicts) for one in good),
        to_judge=-bad * len(job.scorers),
        spent_nano=sum(one.cost_nano or 0 for one in ended),
        unpriced=sum(one.is_call and one.cost_nano is None for one in ended),
    )
    changed(experiment.project_id)


@transaction.atomic
def write_judged(job: Job, judged: Sequence[Judged]) -> None:
    """Store what judges said, also as scores on the traces."""
    experiment = job.experiment
    now = timezone.now()
    scores = []
    for one in judged:
        pending, verdict = one.pending, one.verdict
        subject = pending.subject
        score = _score(job, pending.item_key, pending.result_id, subject.trace_id, subject.span_id,
                       one.scorer, verdict, is_held_out=subject.is_held_out)  # fmt: skip
        Judgement.objects.filter(pk=pending.judgement_id).update(
            **_facts(verdict),
            score_id=score.id if score else "",
            at=now,
            other=pending.other.result_id if pending.other else None,
        )
        if score:
            scores.append(score)
    _record(experiment, scores)
    _add(
        experiment,
        judged=len(judged),
        spent_nano=sum(one.verdict.cost_nano or 0 for one in judged),
        unpriced=sum(one.verdict.cost_nano is None for one in judged),
    )
    changed(experiment.project_id)


def _row(one: Ended) -> tuple[Any, ...]:
    state = Result.State.FAILED if one.error else Result.State.DONE
    output = None if one.output is None else orjson.dumps(clean(one.output)).decode()
    return (
        state.value, output, clean(one.error)[:LONGEST_ERROR], one.trace_id, one.span_id,
        one.duration_us, one.first_token_us, one.cost_nano, one.input_tokens, one.output_tokens,
        one.is_refusal, one.started_at, one.finished_at, one.case.result_id,
    )  # fmt: skip


def _said(job: Job, result_id: int, scorer: Scorer, verdict: Verdict) -> Judgement:
    row = _due(job, result_id, scorer)
    for name, value in _facts(verdict).items():
        setattr(row, name, value)
    row.at = timezone.now()
    row.score_id = _score_id(job.experiment, result_id, scorer)
    return row


def _due(job: Job, result_id: int, scorer: Scorer) -> Judgement:
    return Judgement(
        project_id=job.experiment.project_id,
        purpose=Judgement.Purpose.EXPERIMENT,
        name=scorer.spec.name,
        version_id=scorer.version_id,
        experiment=job.experiment,
        result_id=result_id,
    )


def _facts(verdict: Verdict) -> dict[str, Any]:
    state = Judgement.State.FAILED if verdict.error else Judgement.State.DONE
    return {
        "state": state,
        "num": verdict.num,
        "label": None if verdict.label is None else clean(verdict.label),
        "passed": verdict.passed,
        "reason": clean(verdict.reason),
        "evidence": clean(list(verdict.evidence)),
        "details": None if verdict.details is None else clean(dict(verdict.details)),
        "error": clean(verdict.error)[:LONGEST_ERROR],
        "cost_nano": verdict.cost_nano,
        "judge_trace_id": verdict.trace_id,
        "judge_span_id": verdict.span_id,
    }


def _score_id(experiment: Experiment, result_id: int, scorer: Scorer) -> str:
    return f"{experiment.external_id}-{result_id}-{scorer.version_id}"


def _score(
    job: Job,
    item_key: str,
    result_id: int,
    trace_id: str,
    span_id: str,
    scorer: Scorer,
    verdict: Verdict,
    *,
    is_held_out: bool,
) -> GivenScore | None:
    """The verdict as a score on the result's trace; None where it says no value, or has none."""
    spec, experiment = scorer.spec, job.experiment
    value: Any = verdict.label if spec.data_type == "category" else verdict.num
    if verdict.error or value is None or not trace_id:
        return None
    return GivenScore(
        name=spec.name,
        value=bool(value) if spec.data_type == "boolean" else value,
        id=_score_id(experiment, result_id, scorer),
        trace_id=trace_id,
        span_id=span_id,
        run_id=experiment.external_id,
        data_type=spec.data_type,
        source=(ScoreSource.CODE if scorer.is_quick else ScoreSource.JUDGE).value,
        comment="" if is_held_out else clean(verdict.reason),
        metadata={"experiment": experiment.number, "item": item_key, "evaluator": spec.number},
        environment=PLATFORM_ENVIRONMENT,
        author="Roadworthy",
    )


def _record(experiment: Experiment, scores: Sequence[GivenScore]) -> None:
    """A score that a definition does not take stays a judgement alone."""
    for start in range(0, len(scores), MOST_AT_ONCE):
        record_scores(experiment.project_id, scores[start : start + MOST_AT_ONCE], keep_good=True)


def _add(experiment: Experiment, **counts: int) -> None:
    """Add to the counts. What moved has not failed: broken turns in a row count anew."""
    moved = {name: F(name) + count for name, count in counts.items() if count}
    Experiment.objects.filter(pk=experiment.pk).update(**moved, failures=0)


def clean(value: Any) -> Any:
    """`value` without what the database does not take in texts."""
    if isinstance(value, str):
        return _LONE.sub("�", value)
    if isinstance(value, dict):
        return {clean(str(key)): clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [clean(inner) for inner in value]
    return value


# --- ends ----------------------------------------------------------------------------------------
def release(job: Job) -> None:
    """Give the lock back; whoever comes next takes it up."""
    job.lock.close()


@transaction.atomic
def end_turn(job: Job) -> None:
    """All rows are over: so is the experiment. Rows that are left make it due again."""
    experiment = job.experiment
    rows = experiment.results.filter(state__in=[Result.State.DUE, Result.State.RUNNING])
    if rows.exists() or open_judgements(experiment.pk).exists():
        put_off(job, timezone.now())
        return
    experiment.refresh_from_db(fields=["done", "total"])
    state, error = Experiment.State.DONE, ""
    if job.asks is not None and experiment.total and not experiment.done:
        first = experiment.results.order_by("place").exclude(error="").first()
        state = Experiment.State.FAILED
        error = f"No call succeeded. The first: {first.error if first else ''}"
    _close(experiment, state, error)


@transaction.atomic
def end_at_cap(job: Job, why: str) -> None:
    """The next call might cross the cap: nothing more is asked."""
    put_back(job.experiment.pk)
    _close(job.experiment, Experiment.State.CAPPED, f"Stopped at its cost cap. {why}")


@transaction.atomic
def end_hopeless(job: Job, why: str) -> None:
    """No call can succeed as it stands."""
    put_back(job.experiment.pk)
    _close(job.experiment, Experiment.State.FAILED, why)


@transaction.atomic
def refuse(experiment_id: int, why: str) -> None:
    """It cannot be opened: no provider, or a key that nobody can read."""
    found = Experiment.objects.select_related("project__organization").filter(pk=experiment_id)
    if experiment := found.first():
        _close(experiment, Experiment.State.FAILED, why)


@transaction.atomic
def settle_closed(job: Job) -> None:
    """It was closed while it ran: nothing of it is left running, and its counts are right."""
    put_back(job.experiment.pk)
    skip_judgements(job.experiment.pk)
    count_again(job.experiment.pk)
    changed(job.experiment.project_id)


def put_off(job: Job, until: datetime, why: str = "") -> None:
    """It goes on at `until`."""
    put_back(job.experiment.pk)
    Experiment.objects.filter(pk=job.experiment.pk, state__in=Experiment.OPEN).update(
        state=Experiment.State.DUE, due_at=until, error=why[:LONGEST_ERROR]
    )
    changed(job.experiment.project_id)


@transaction.atomic
def fail_turn(experiment_id: int, why: str) -> None:
    """A turn broke: tried again a little later, and given up after a few in a row."""
    experiment = (
        Experiment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("project__organization")
        .filter(pk=experiment_id, state__in=Experiment.OPEN)
        .first()
    )
    if experiment is None:
        return
    put_back(experiment_id)
    failures = experiment.failures + 1
    is_over = failures >= MOST_FAILURES
    experiment.failures, experiment.error = failures, why[:LONGEST_ERROR]
    experiment.state = Experiment.State.FAILED if is_over else Experiment.State.DUE
    experiment.due_at = timezone.now() + timedelta(seconds=10 * failures**2)
    experiment.finished_at = timezone.now() if is_over else None
    experiment.save(update_fields=["failures", "error", "state", "due_at", "finished_at"])
    if is_over:
        skip_judgements(experiment_id)
        record("experiment.failed", actor=None, project=experiment.project, subject=experiment,
               number=experiment.number, why=why[:LONGEST_ERROR])  # fmt: skip
    changed(experiment.project_id)


def _close(experiment: Experiment, state: Experiment.State, error: str) -> None:
    closed = Experiment.objects.filter(pk=experiment.pk, state__in=Experiment.OPEN).update(
        state=state, error=clean(error)[:LONGEST_ERROR], finished_at=timezone.now()
    )
    if not closed:  # cancelled meanwhile
        return
    skip_judgements(experiment.pk)
    count_again(experiment.pk)
    experiment.refresh_from_db()
    record(
        f"experiment.{state.value}",
        actor=None,
        project=experiment.project,
        subject=experiment,
        number=experiment.number,
        done=experiment.done,
        failed=experiment.failed,
        total=experiment.total,
        spent_nano=experiment.spent_nano,
        why=experiment.error,
    )
    changed(experiment.project_id)
