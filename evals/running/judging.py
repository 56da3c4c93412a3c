"""One judgement that asks somebody: held to the run's cap, and told in its experiment's name."""

from __future__ import annotations

from dataclasses import replace

from evals.evaluating.cost import ceiling_nano
from evals.evaluating.run import evaluate
from evals.evaluating.subject import Verdict
from evals.evaluating.verdicts import COUNTERPART, undefined
from evals.running.budget import Budget, OverCap
from evals.running.job import Job, Judged, Pending, split_output
from gateway.client import About

TAGS = ("experiment", "judge")
GONE = "This evaluator scores the experiment no more."


class Judges:
    """The evaluators of one experiment that ask a model or another process."""

    def __init__(self, job: Job, budget: Budget) -> None:
        self._job, self._budget = job, budget
        self._scorers = {one.version_id: one for one in job.scorers}

    async def judge(self, pending: Pending) -> Judged:
        """What the evaluator says. Raises: OverCap, before the call that might cross the cap."""
        scorer = self._scorers[pending.version_id]
        spec, subject = scorer.spec, pending.subject
        ceiling = 0
        other = None
        if (paired := pending.other) is not None:
            if paired.lacks:
                return Judged(pending, scorer, undefined(paired.lacks, {"lacks": COUNTERPART}))
            text, tools = split_output(paired.output)
            other = replace(subject, output=text, tools=tools)
        if self._budget.cap is not None:
            most = ceiling_nano(spec, subject, other)
            if most is None and not self._job.experiment.allows_unpriced:
                raise OverCap(
                    f"Nobody can say what {spec.name} may cost ({spec.model or spec.kind}), so a "
                    "cost cap cannot hold."
                )
            ceiling = most or 0
        held = await self._budget.hold(ceiling)
        verdict: Verdict | None = None
        try:
            verdict = await evaluate(spec, subject, self._about(pending), other)
        finally:
            if verdict is not None:
                unknown = verdict.cost_nano is None
                held.cost_nano = ceiling if unknown else verdict.cost_nano
            await self._budget.settle(held)
        return Judged(pending, scorer, verdict)

    def _about(self, pending: Pending) -> About:
        experiment = self._job.experiment
        return About(
            experiment.project_id,
            name=f"judge of experiment #{experiment.number}",
            tags=TAGS,
            metadata={
                "experiment": experiment.number,
                "experiment_id": experiment.external_id,
                "item": pending.item_key,
                "repeat": pending.repeat,
                "judged_trace": pending.subject.trace_id,
                **({"feature": experiment.feature} if experiment.feature else {}),
            },
            is_withheld=pending.subject.is_held_out,
        )
