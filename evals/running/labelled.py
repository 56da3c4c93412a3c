"""Labelled answers are judged again, a few at a time, within what that may cost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from evals.evaluating.cost import ceiling_nano
from evals.evaluating.run import evaluate
from evals.evaluating.spec import Spec
from evals.evaluating.subject import Subject, Verdict
from evals.models import HumanLabel, Judgement
from evals.queries.evaluators import spec_of
from evals.queries.snapshots import subject_in
from evals.queries.subjects import subject_of_trace
from evals.services import rejudging
from gateway import client
from gateway.client import About

AT_ONCE = 8
GONE = "The answer is no longer kept."


def judge_due() -> int:
    """Judge the next few labelled answers of one version; how many were looked at, 0: none is due.

    Only one worker at a time may do this.
    """
    rows = rejudging.claim(AT_ONCE)
    if not rows:
        return 0
    version = rows[0].version
    assert version is not None  # noqa: S101  (claimed by its version)
    spec = spec_of(version)
    if spec.fault:
        rejudging.postpone(version, spec.fault)
        return len(rows)
    subjects = [_subject(row) for row in rows]
    left = rejudging.BUDGET_NANO - rejudging.spent_on(version)
    asked: list[tuple[Judgement, Subject]] = []
    over: list[Judgement] = []
    gone: list[tuple[Judgement, Verdict]] = []
    for row, subject in zip(rows, subjects, strict=True):
        if subject is None:
            row.attempts = rejudging.MOST_TRIES  # it will not come back
            gone.append((row, Verdict(error=GONE)))
            continue
        most = ceiling_nano(spec, subject)
        # A model without a price is asked all the same: nobody could ever calibrate it else.
        if most is not None and most > left:
            over.append(row)
            continue
        left -= most or 0
        asked.append((row, subject))
    rejudging.skip_over_budget(over)
    said = client.wait(_judge(spec, asked, version.evaluator.project_id)) if asked else []
    rejudging.keep([*gone, *zip([row for row, _ in asked], said, strict=True)])
    return len(rows)


async def _judge(
    spec: Spec, asked: Sequence[tuple[Judgement, Subject]], project_id: int
) -> list[Verdict]:
    about = About(
        project_id,
        name=f"calibration of {spec.name} v{spec.number}",
        tags=("calibration", "judge"),
        metadata={"evaluator": spec.name, "version": spec.number},
    )
    work = [
        evaluate(
            spec,
            subject,
            replace(
                about,
                metadata={**about.metadata, "judged_trace": row.trace_id, "repeat": row.repeat},
            ),
        )
        for row, subject in asked
    ]
    return list(await asyncio.gather(*work))


def _subject(row: Judgement) -> Subject | None:
    """The answer as its trace has it, with what the queue kept of it; None where it is gone."""
    label = (
        HumanLabel.objects.filter(
            project_id=row.project_id,
            name=row.name,
            trace_id=row.trace_id,
            span_id=row.span_id,
            queue_item__isnull=False,
        )
        .select_related("queue_item")
        .first()
    )
    kept = (
        subject_in(label.queue_item.snapshot, trace_id=row.trace_id, span_id=row.span_id)
        if label is not None and label.queue_item is not None
        else None
    )
    found = subject_of_trace(row.project, row.trace_id, row.span_id)
    if found is None or kept is None:
        return found or kept
    return replace(
        found,
        input=kept.input if kept.input is not None else found.input,
        output=kept.output if kept.output is not None else found.output,
        expected=kept.expected,
    )
