"""The list of evaluators, with what is in use of each, where, and how far it may be trusted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count

from accounts.models import Project
from evals.evaluating.comparing import bar_words
from evals.evaluating.settings import check_of
from evals.models import Calibration, Evaluator, EvaluatorVersion, Gate, OnlineRule, Proposal
from evals.queries.calibration import Verdict, verdict_on
from evals.queries.evaluators import evaluators_matching, terms_of

MOST_SHOWN = 500  # as many as a project has


@dataclass(frozen=True, slots=True)
class Row:
    """An evaluator in the list; `verdict` is that on a model's calibration, None of others."""

    evaluator: Evaluator
    version: EvaluatorVersion | None
    does: str
    passes: str
    gates: int
    rules: int
    proposed: int | None  # the version that waits for a decision
    verdict: Verdict | None


def list_evaluators(
    project: Project, *, search: str = "", kind: str = "", is_archived: bool = False
) -> list[Row]:
    """Every evaluator that matches, by name. Six statements, whatever their number."""
    found = list(
        evaluators_matching(project, search=search, kind=kind, is_archived=is_archived)[:MOST_SHOWN]
    )
    pks = [one.pk for one in found]
    owners = dict(
        EvaluatorVersion.objects.filter(evaluator__in=pks).values_list("pk", "evaluator_id")
    )
    gates = _gates(project, owners)
    rules = dict(
        OnlineRule.objects.filter(project=project, is_enabled=True)
        .order_by()
        .values_list("evaluator_id")
        .annotate(Count("pk"))
    )
    waiting = dict(
        Proposal.objects.filter(
            project=project, kind=Proposal.Kind.EVALUATOR, state=Proposal.State.OPEN
        ).values_list("version__evaluator_id", "version__number")
    )
    currents = [one.current_id for one in found if one.is_model and one.current_id]
    known = Calibration.objects.in_bulk(currents)
    return [
        Row(
            evaluator=one,
            version=one.current,
            does=does_of(one),
            passes=bar_words(terms_of(one.current)) if one.current else "",
            gates=gates[one.pk],
            rules=rules.get(one.pk, 0),
            proposed=waiting.get(one.pk),
            verdict=_verdict(one, known),
        )
        for one in found
    ]


def does_of(evaluator: Evaluator) -> str:
    """What it checks, in a word or two."""
    if evaluator.current is None:
        return evaluator.get_kind_display()
    check = check_of(evaluator.kind, evaluator.current.config)
    return check.label if check else evaluator.get_kind_display()


def _verdict(evaluator: Evaluator, known: dict[int, Calibration]) -> Verdict | None:
    if not evaluator.is_model or evaluator.current is None:
        return None
    found = known.get(evaluator.current.pk)
    return verdict_on(found or Calibration(version=evaluator.current))


def _gates(project: Project, owners: dict[int, int]) -> Counter[int]:
    """How many gates in force ask each evaluator."""
    counted: Counter[int] = Counter()
    for asked in Gate.objects.filter(project=project, is_enabled=True).values_list(
        "evaluators", flat=True
    ):
        counted.update(
            {owners[one["evaluator"]] for one in asked if one.get("evaluator") in owners}
        )
    return counted
