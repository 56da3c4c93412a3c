"""Makes experiments that ran, as rows: answers and what was said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Project
from evals.models import (
    Dataset,
    Evaluator,
    EvaluatorKind,
    EvaluatorVersion,
    Experiment,
    ExperimentEvaluator,
    ExperimentNumber,
    ItemRevision,
    Judgement,
    Result,
)


def make_evaluator(
    project: Project, name: str = "faithfulness", *, kind: str = EvaluatorKind.JUDGE, **fields: Any
) -> EvaluatorVersion:
    """A version in use of an evaluator; `fields` are the version's. A later call adds a version."""
    evaluator, _ = Evaluator.objects.get_or_create(
        project=project, name=name, defaults={"kind": kind}
    )
    evaluator.last_number += 1
    given = {"minimum": 0.0, "maximum": 1.0, "bar": 0.8} | fields
    version = EvaluatorVersion.objects.create(
        evaluator=evaluator,
        number=evaluator.last_number,
        state=EvaluatorVersion.State.APPROVED,
        content_hash=f"{name}-{evaluator.last_number}",
        author_label="tests",
        **given,
    )
    evaluator.current = version
    evaluator.save()
    return version


def make_experiment(
    project: Project,
    dataset: Dataset | None = None,
    evaluators: Sequence[EvaluatorVersion] = (),
    **fields: Any,
) -> Experiment:
    """A run that is over and has no result yet; the next number of its project."""
    numbers, _ = ExperimentNumber.objects.get_or_create(project=project)
    numbers.last += 1
    numbers.save()
    now = timezone.now()
    given = {
        "name": f"run {numbers.last}",
        "state": Experiment.State.DONE,
        "dataset_version": dataset.last_number if dataset else None,
        "author_label": "tests",
        "started_at": now - timedelta(minutes=4),
        "finished_at": now,
    } | fields
    experiment = Experiment.objects.create(
        project=project, number=numbers.last, dataset=dataset, **given
    )
    for place, version in enumerate(evaluators):
        ExperimentEvaluator.objects.create(experiment=experiment, version=version, place=place)
    return experiment


def add_results(
    experiment: Experiment,
    answers: Mapping[str, Mapping[str, Any]],
    *,
    evaluators: Sequence[EvaluatorVersion] = (),
    repeats: int = 1,
) -> list[Result]:
    """Results by item key: {"output", "scores": {name: number or one a repeat}, …fields}."""
    revisions = {
        one.item.key: one
        for one in ItemRevision.objects.filter(dataset=experiment.dataset, until=None)
        .select_related("item")
    }  # fmt: skip
    rows = []
    for place, (key, said) in enumerate(answers.items()):
        revision = revisions.get(key)
        for repeat in range(1, repeats + 1):
            facts = {name: value for name, value in said.items() if name != "scores"}
            given = {
                "state": Result.State.DONE,
                "duration_us": 1_000_000 + place * 1000,
                "cost_nano": 30_000_000,
            } | facts
            rows.append(
                Result(
                    experiment=experiment,
                    item_key=key,
                    item=revision.item if revision else None,
                    revision=revision,
                    repeat=repeat,
                    place=place * repeats + repeat,
                    slice=given.pop("slice", revision.slice if revision else ""),
                    is_held_out=bool(revision and revision.split == "held_out"),
                    cluster=revision.cluster if revision else "",
                    **given,
                )
            )
    made = Result.objects.bulk_create(rows)
    _judge(experiment, made, answers, {one.evaluator.name: one for one in evaluators})
    done = sum(1 for one in made if one.state == Result.State.DONE)
    failed = sum(1 for one in made if one.state == Result.State.FAILED)
    experiment.total += len(made)
    experiment.done += done
    experiment.failed += failed
    experiment.spent_nano += sum(one.cost_nano or 0 for one in made)
    experiment.repeats = repeats
    experiment.save()
    return made


def _judge(
    experiment: Experiment,
    results: Sequence[Result],
    answers: Mapping[str, Mapping[str, Any]],
    versions: Mapping[str, EvaluatorVersion],
) -> None:
    rows = []
    for result in results:
        if result.state != Result.State.DONE:
            continue
        for name, given in answers[result.item_key].get("scores", {}).items():
            facts = given if isinstance(given, dict) else {"num": given}
            num = facts["num"]
            num = num[result.repeat - 1] if isinstance(num, list | tuple) else num
            version = versions.get(name)
            bar = version.bar if version else None
            rows.append(
                Judgement(
                    project=experiment.project,
                    purpose=Judgement.Purpose.EXPERIMENT,
                    name=name,
                    version=version,
                    experiment=experiment,
                    result=result,
                    trace_id=result.trace_id,
                    state=Judgement.State.DONE,
                    passed=None if bar is None or num is None else num >= bar,
                    at=timezone.now(),
                    **(facts | {"num": num}),
                )
            )
    Judgement.objects.bulk_create(rows)
