"""Live traces that are due are judged, a few at a time, within the rule's budget of the day."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from evals.evaluating.cost import ceiling_nano
from evals.evaluating.run import evaluate
from evals.evaluating.spec import Spec
from evals.evaluating.subject import Subject, Verdict
from evals.models import Judgement, OnlineRule
from evals.queries.evaluators import spec_of
from evals.queries.subjects import subject_of_trace
from evals.services import online_judging as store
from gateway import client
from gateway.client import About

AT_ONCE = 8


def judge_due() -> int:
    """Judge the next few of one rule; how many were looked at, 0: none is due.

    Only one worker at a time may do this.
    """
    rows = store.claim(AT_ONCE)
    if not rows:
        return 0
    version = rows[0].version
    assert version is not None  # noqa: S101  (claimed by its version)
    spec, rule = spec_of(version), rows[0].rule
    left = _left(rule)
    asked: list[tuple[Judgement, Subject]] = []
    gone: list[Judgement] = []
    over: list[Judgement] = []
    unpriced: list[Judgement] = []
    for row in rows:
        subject = subject_of_trace(version.evaluator.project, row.trace_id, row.span_id)
        if subject is None:
            gone.append(row)
            continue
        most = 0 if spec.fault else ceiling_nano(spec, subject)
        if left is not None and most is None:
            unpriced.append(row)
        elif left is not None and most is not None and most > left:
            over.append(row)
        else:
            left = None if left is None else left - (most or 0)
            asked.append((row, subject))
    store.skip(gone, store.GONE)
    store.skip(over, store.OVER_BUDGET)
    store.skip(unpriced, store.NO_PRICE)
    if asked:
        said = client.wait(_judge(spec, asked, version.evaluator.project_id, rule))
        store.keep(spec, list(zip([row for row, _ in asked], said, strict=True)))
    return len(rows)


def _left(rule: OnlineRule | None) -> int | None:
    """What the rule may still spend today; None without a budget."""
    if rule is None or rule.daily_budget_nano is None:
        return None
    return rule.daily_budget_nano - store.spent_today(rule)


async def _judge(
    spec: Spec,
    asked: Sequence[tuple[Judgement, Subject]],
    project_id: int,
    rule: OnlineRule | None,
) -> list[Verdict]:
    about = About(
        project_id,
        name=f"judge {spec.name} v{spec.number}",
        tags=("online", "judge"),
        metadata={"evaluator": spec.name, "version": spec.number,
                  "rule": rule.name if rule else "",
                  **({"feature": rule.feature} if rule and rule.feature else {})},
    )  # fmt: skip
    work = [
        evaluate(
            spec, subject, replace(about, metadata={**about.metadata, "judged_trace": row.trace_id})
        )
        for row, subject in asked
    ]
    return list(await asyncio.gather(*work))
