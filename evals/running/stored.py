"""Stored answers of schedules are judged again, a few at a time, within the run's cost cap."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from evals.evaluating.cost import ceiling_nano
from evals.evaluating.run import evaluate
from evals.evaluating.spec import Spec
from evals.evaluating.subject import Subject, Verdict
from evals.models import EvaluatorVersion, Rejudging, StoredAnswer
from evals.queries.evaluators import spec_of
from evals.queries.schedules import evaluators_of
from evals.queries.stored_answers import answers_of, due_rejudgings, subject_in
from evals.services import rejudgings as store
from gateway import client
from gateway.client import About

AT_ONCE = 8
GONE = "The evaluator that it watched is gone."


def judge_stored(now: datetime | None = None) -> int:
    """Everything that is due has been asked once; how many runs that were.

    Only one worker at a time may do this. What is answered is kept after each few, so that a kill
    costs the calls in flight alone.
    """
    now = now or timezone.now()
    due = due_rejudgings(now)
    for pk in due:
        row = Rejudging.objects.select_related("run__experiment", "schedule__project").get(pk=pk)
        _round(row, now)
    return len(due)


def _round(row: Rejudging, now: datetime) -> None:
    watched = evaluators_of(row.schedule)[:1]
    if not watched:
        store.skip(row, GONE, now)
        return
    spec = spec_of(watched[0])
    if spec.fault:
        store.postpone(row, spec.fault, now)
        return
    left = [one for one in answers_of(row.schedule) if str(one.pk) not in row.marks]
    for first in range(0, len(left), AT_ONCE):
        some = [(one, subject_in(one.shown)) for one in left[first : first + AT_ONCE]]
        if why := _refusal(row, spec, [subject for _, subject in some]):
            store.skip(row, why, now)
            return
        _ask(row, watched[0], spec, some)
    missing = sum(str(one.pk) not in row.marks for one in left)
    store.end_round(row, missing, now)


def _refusal(row: Rejudging, spec: Spec, subjects: Sequence[Subject]) -> str:
    """Why these may not be asked; '' where they may."""
    cap = row.schedule.cost_cap_nano
    if cap is None or not spec.is_model:
        return ""
    spent = row.cost_nano + (row.run.experiment.spent_nano if row.run.experiment else 0)
    most = [ceiling_nano(spec, one) for one in subjects]
    known = [one for one in most if one is not None]
    if len(known) < len(most):
        return store.NO_PRICE
    return store.OVER_CAP if spent + sum(known) > cap else ""


def _ask(
    row: Rejudging,
    watched: EvaluatorVersion,
    spec: Spec,
    some: Sequence[tuple[StoredAnswer, Subject]],
) -> None:
    said = client.wait(_judge(row, spec, some))
    store.keep_marks(row, watched, list(zip([one for one, _ in some], said, strict=True)))


async def _judge(
    row: Rejudging, spec: Spec, some: Sequence[tuple[StoredAnswer, Subject]]
) -> list[Verdict]:
    schedule = row.schedule
    told = {"schedule": schedule.name, "evaluator": spec.name, "version": spec.number}
    feature = {"feature": schedule.feature} if schedule.feature else {}
    about = About(
        schedule.project_id, name=f"judge again for {schedule.name}"[:200],
        tags=("schedule", "judge"), metadata={**told, **feature},
    )  # fmt: skip
    work = [
        evaluate(
            spec,
            subject,
            replace(
                about,
                metadata={**about.metadata, "item": answer.item_key},
                is_withheld=subject.is_held_out,
            ),
        )
        for answer, subject in some
    ]
    return list(await asyncio.gather(*work))
