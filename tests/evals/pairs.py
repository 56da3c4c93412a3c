"""Plans of runs that pairwise judges compare with a baseline, and a provider that judges them."""

from __future__ import annotations

from typing import Any

from accounts.models import Project
from evals.models import EvaluatorVersion, Experiment, Judgement
from evals.values.plans import Plan
from tests.evals.judging import verdict
from tests.evals.labelled import make_judge
from tests.evals.planned import MODEL, a_plan, connected, planned_dataset, questions
from tests.evals.ran import add_results, make_experiment
from tests.provider import ANSWER, Provider

BEATEN, BEATS, ORDER = "I cannot say.", "It comes on Tuesday.", "On the way, it is."


def pair_judge(project: Project, name: str = "preferred") -> EvaluatorVersion:
    return make_judge(
        project, name, kind="pairwise", config={"rubric": "Clearer.", "sees": ["input", "output"]},
        categories=["better", "tie", "worse"], values=[1.0, 0.5, 0.0], bar=None, model=MODEL,
    )  # fmt: skip


def says(body: dict[str, Any]) -> dict[str, Any]:
    """The target's answer; a judge that knows the better one, or always takes the first."""
    told = str(body["messages"][-1]["content"])
    if ANSWER not in told:
        return {"role": "assistant", "content": ANSWER}
    ours = told.index(ANSWER)
    if BEATEN in told:
        word = "first" if ours < told.index(BEATEN) else "second"
    elif BEATS in told:
        word = "first" if told.index(BEATS) < ours else "second"
    else:
        word = "first"
    return {"role": "assistant", "content": verdict(verdict=word)}


def planned(
    project: Project, upstream: Provider, outputs: list[list[str]], **more: Any
) -> tuple[Plan, Experiment]:
    """A plan over four items against a run with these outputs, one a repeat, of the first items."""
    upstream.script = says
    connected(project, upstream.url)
    dataset = planned_dataset(project, questions(4, slice="s"))
    baseline = make_experiment(project, dataset, name="before")
    for place, said in enumerate(outputs):
        rows = add_results(baseline, {f"g-{place:04}": {"output": ""}}, repeats=len(said))
        for row, output in zip(rows, said, strict=True):
            row.output = output
            row.save()
    given = {"baseline": baseline, "evaluators": [pair_judge(project)], **more}
    return a_plan(project, dataset, **given), baseline


def judged(experiment: Experiment) -> list[Judgement]:
    rows = Judgement.objects.filter(experiment=experiment).select_related("result", "other")
    return list(rows.order_by("result__repeat", "result__place"))
