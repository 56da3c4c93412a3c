"""An evaluator tried on one answer, or on the examples of its template; nothing is stored.

The call of a judge leaves its span and its cost, as every call does.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from evals.evaluating.run import evaluate
from evals.evaluating.spec import Spec
from evals.evaluating.subject import Subject, Verdict
from evals.evaluating.templates import TEMPLATES, Example
from evals.models import EvaluatorVersion
from evals.queries.evaluators import spec_of
from gateway import client
from gateway.client import About

AT_ONCE = 5
TAGS = ("try-out", "judge")


@dataclass(frozen=True, slots=True)
class Tried:
    """An example and what the evaluator said of it."""

    example: Example
    verdict: Verdict

    @property
    def agrees(self) -> bool | None:
        """Whether both say the same; None where the evaluator said nothing."""
        return None if self.verdict.label is None else self.verdict.label == self.example.label


def try_evaluator(
    version: EvaluatorVersion, subject: Subject, other: Subject | None = None
) -> Verdict:
    """What `version`, a draft too, says of one answer; `other` is that of a pair."""
    return client.wait(evaluate(spec_of(version), subject, _about(version, subject), other))


def try_examples(version: EvaluatorVersion) -> list[Tried]:
    """What `version` says of the labelled examples of its evaluator's template; [] without one."""
    template = TEMPLATES.get(version.evaluator.template)
    if template is None:
        return []
    return client.wait(_all(spec_of(version), template.examples, _about(version, Subject())))


async def _all(spec: Spec, examples: tuple[Example, ...], about: About) -> list[Tried]:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(example: Example) -> Tried:
        async with places:
            return Tried(example, await evaluate(spec, example.subject, about))

    return list(await asyncio.gather(*map(one, examples)))


def _about(version: EvaluatorVersion, subject: Subject) -> About:
    evaluator = version.evaluator
    return About(
        evaluator.project_id,
        name=f"try {evaluator.name} v{version.number}",
        tags=TAGS,
        metadata={"evaluator": evaluator.name, "version": version.number,
                  **({"judged_trace": subject.trace_id} if subject.trace_id else {})},
        is_withheld=subject.is_held_out,
    )  # fmt: skip
