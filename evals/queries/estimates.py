"""What an experiment will take, before it runs."""

from __future__ import annotations

from fractions import Fraction

from accounts.models import Project
from evals.calling import Ceiling, NotAsked, ceiling_of, messages_for, request_for
from evals.evaluating.cost import ceiling_nano
from evals.evaluating.spec import PAIRWISE
from evals.evaluating.subject import Subject
from evals.queries.evaluators import spec_of
from evals.queries.planning import Settled, settled
from evals.values.plans import Estimate, Plan
from gateway.queries import traced_as
from pricing.pricer import PRICER

MOST_READ = 500  # items whose tokens are counted; the rest is taken to be like them
MOST_JUDGED = 50  # the same, of what judges are shown
ASSUMED_TOKENS = 1_000  # of an answer that nothing limits


def estimate(project: Project, plan: Plan) -> Estimate:
    """Calls, tokens and money of `plan`. Raises: BadPlan, NoProvider."""
    known = settled(project, plan)
    ceilings, faults = _ceilings(project, known)
    read = len(ceilings) + len(faults)
    share = Fraction(len(known.items), read) * plan.repeats
    calls = round(len(ceilings) * share)
    first = ceilings[0] if ceilings else Ceiling(0)
    return Estimate(
        items=len(known.items),
        calls=calls,
        judgements=calls * len(plan.evaluators),
        input_tokens=round(sum(one.input_tokens for one in ceilings) * share),
        most_output_tokens=None if first.output_tokens is None else first.output_tokens * calls,
        input_nano=_sum([one.input_nano for one in ceilings], share),
        most_nano=_sum([one.nano for one in ceilings], share),
        judges_nano=_judges(known, first, share),
        unpriced="" if first.is_priced else first.why,
        unanswerable=len(faults),
        problem=faults[0] if faults else "",
    )


def _ceilings(project: Project, known: Settled) -> tuple[list[Ceiling], list[str]]:
    """Of the items that are read, and what is wrong with those that fit no call."""
    provider, prices = traced_as(known.provider), PRICER.table(project.pk)
    ceilings: list[Ceiling] = []
    faults: list[str] = []
    for item in known.items[:MOST_READ]:
        try:
            messages = messages_for(known.content, item.input)
        except NotAsked as fault:
            faults.append(str(fault))
            continue
        request = request_for(known.content, messages, known.model, known.parameters)
        ceilings.append(ceiling_of(request, provider, prices))
    return ceilings, faults


def _judges(known: Settled, first: Ceiling, share: Fraction) -> int | None:
    """The ceiling of all judges' calls, as if every answer had the length that it may have."""
    answer = "word " * (first.output_tokens or ASSUMED_TOKENS)
    subjects = [
        Subject(
            input=item.input,
            output=answer,
            expected=item.expected,
            characteristics=tuple(map(str, item.characteristics)),
        )
        for item in known.items[:MOST_JUDGED]
    ]
    specs = [spec_of(version) for version in known.plan.evaluators]
    is_against = known.plan.baseline is not None
    ceilings = [
        ceiling_nano(spec, subject, subject if is_against and spec.kind == PAIRWISE else None)
        for spec in specs
        if spec.is_model
        for subject in subjects
    ]
    read = min(len(known.items), MOST_READ)
    return _sum(ceilings, share * Fraction(read, min(read, MOST_JUDGED)))


def _sum(nanos: list[int | None], share: Fraction) -> int | None:
    known = [nano for nano in nanos if nano is not None]
    return round(sum(known) * share) if len(known) == len(nanos) else None
