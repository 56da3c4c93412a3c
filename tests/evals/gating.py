"""Makes gates, and experiments that are over: with answers as a test says, without any call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils import timezone

from accounts.models import Project, User
from evals.deciding.settings import Chosen, Settings
from evals.models import Experiment, Gate, GateRun, Judgement, Result
from evals.queries.gates import open_runs
from evals.services.gate_answers import advance
from evals.services.gate_proposals import approve_gate, propose_gate
from evals.services.gate_runs import start_due_runs
from prompts.models import Prompt
from tests.evals.planned import contains, planned_dataset, questions
from tests.prompts.making import make_reviewer

ITEMS = 80
Quality = Callable[[int, int, int], float | None]  # version, place, repeat -> score


def settings(dataset: str = "golden", **fields: Any) -> Settings:
    """A gate that decides by `contains`."""
    given: dict[str, Any] = {
        "dataset": dataset, "dataset_version": 1, "evaluators": (Chosen("contains", 1),),
    }  # fmt: skip
    return replace(Settings(**given), **fields)


def golden(project: Project, count: int = ITEMS, **more: Any) -> None:
    """The dataset and the evaluator that `settings` names."""
    planned_dataset(project, questions(count, **more), name="golden")
    contains(project)


def approved_gate(
    prompt: Prompt, *, by: tuple[User, User] | None = None, environment: str = "production",
    **fields: Any,
) -> Gate:  # fmt: skip
    """A gate that one person proposed and another approved."""
    author, other = by or (
        make_reviewer(prompt.project, "gina"), make_reviewer(prompt.project, "gus"),
    )  # fmt: skip
    proposal = propose_gate(prompt, environment, settings(**fields), actor=author)
    return approve_gate(proposal, actor=other)


def good_or_bad(share_by_version: dict[int, float]) -> Quality:
    """Of each version that share of items passes, the first ones."""

    def of(version: int, place: int, repeat: int) -> float:
        return float(place < share_by_version[version] * ITEMS)

    return of


def finish(experiment: Experiment, quality: Quality, *, cost_nano: int = 1_000_000) -> None:
    """Let an experiment be over, as if every item had been answered and scored so."""
    rows = list(experiment.results.order_by("place"))
    version = experiment.prompt_version.number if experiment.prompt_version else 0
    items = max(len(rows) // experiment.repeats, 1)
    experiment.results.update(
        state=Result.State.DONE, output="It is on its way.", cost_nano=cost_nano,
        duration_us=900_000, is_refusal=False,
    )  # fmt: skip
    judged = []
    for scorer in experiment.evaluators.select_related("version__evaluator"):
        for row in rows:
            num = quality(version, row.place % items, row.repeat)
            judged.append(
                Judgement(
                    project_id=experiment.project_id, purpose=Judgement.Purpose.EXPERIMENT,
                    name=scorer.version.evaluator.name, version=scorer.version,
                    experiment=experiment, result=row, state=Judgement.State.DONE, num=num,
                    passed=None if num is None else num >= 1, at=timezone.now(),
                )
            )  # fmt: skip
    Judgement.objects.filter(experiment=experiment).delete()
    Judgement.objects.bulk_create(judged)
    experiment.state, experiment.done = Experiment.State.DONE, len(rows)
    experiment.finished_at = timezone.now()
    experiment.save()


def answer(quality: Quality, **more: Any) -> None:
    """What the worker does, until every gate that was asked has answered."""
    for _ in range(6):
        start_due_runs()
        GateRun.objects.filter(state=GateRun.State.RUNNING).update(due_at=timezone.now())
        for pk in open_runs():
            advance(pk)
        for experiment in Experiment.objects.filter(state__in=Experiment.OPEN):
            finish(experiment, quality, **more)
        if not GateRun.objects.filter(state=GateRun.State.RUNNING).exists():
            break


def newest(gate: Gate) -> GateRun:
    """The run that was begun last."""
    return gate.runs.order_by("-pk")[0]
