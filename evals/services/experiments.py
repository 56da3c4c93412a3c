"""Experiments: started, cancelled, taken up again. What runs them is `evals.running`."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import ApiKey, Project
from accounts.services.trail import Actor, record, responsible
from evals.models import (
    EvaluatorVersion,
    Experiment,
    ExperimentEvaluator,
    ExperimentNumber,
    Judgement,
    Result,
    Split,
)
from evals.queries.planning import BadPlan, Settled, settled
from evals.services.experiment_counts import skip_judgements
from evals.values.plans import Plan
from kit import live
from kit.errors import DomainError
from kit.jobs import nudge
from prompts.services.locking import label_of
from traces.live import group_of

__all__ = [
    "BadPlan",
    "Plan",
    "cancel_experiment",
    "delete_experiment",
    "retry_failed",
    "start_experiment",
]

TASK = "evals.run_experiments"
MOST_OPEN = 100  # of a project
LONGEST_NAME = 255
AT_ONCE = 2_000


class NotOpen(DomainError):
    """The experiment has ended."""


class StillOpen(DomainError):
    """The experiment has not ended yet."""


class TooMany(DomainError):
    """More than may run at once."""


@transaction.atomic
def start_experiment(project: Project, plan: Plan, *, actor: Actor) -> Experiment:
    """The experiment with all its results due: items × repeats, over a pinned dataset version.

    Raises: BadPlan, TooMany, gateway.queries.NoProvider.
    """
    known = settled(project, plan)
    version = plan.prompt_version
    experiment = make_experiment(
        project,
        actor=actor,
        name=plan.name or f"{version.prompt.name} v{version.number} on {plan.dataset.name}",
        description=plan.description,
        purpose=plan.purpose,
        dataset=plan.dataset,
        dataset_version=known.version,
        prompt=version.prompt,
        prompt_version=version,
        prompt_label=f"{version.prompt.name} v{version.number}",
        provider=known.provider.name,
        model=known.model,
        parameters=known.parameters,
        feature=plan.feature,
        splits=list(plan.splits),
        slices=list(plan.slices),
        most_items=plan.most_items,
        repeats=plan.repeats,
        concurrency=plan.concurrency,
        rate_per_minute=plan.rate_per_minute,
        cost_cap_nano=plan.cost_cap_nano,
        allows_unpriced=plan.allows_unpriced,
        **compared_with(plan.baseline),
        total=len(known.items) * plan.repeats,
        to_judge=len(known.items) * plan.repeats * len(plan.evaluators),
        metadata=dict(plan.metadata) if plan.metadata else None,
    )
    add_evaluators(experiment, plan.evaluators)
    Result.objects.bulk_create(_results(experiment, known), batch_size=AT_ONCE)
    record(
        "experiment.started",
        actor=actor,
        project=project,
        subject=experiment,
        number=experiment.number,
        dataset=f"{plan.dataset.name}@{known.version}",
        prompt=experiment.prompt_label,
        model=known.model,
        results=experiment.total,
        evaluators=[str(one) for one in plan.evaluators],
        baseline=experiment.baseline_label,
        purpose=str(plan.purpose),
    )
    changed(project.pk)
    nudge(TASK, experiment.pk)
    return experiment


def make_experiment(project: Project, *, actor: Actor, name: str, **fields: Any) -> Experiment:
    """The row under the project's next number, in a transaction of the caller's. Raises: TooMany.

    Its `external_id` is what scores and SDKs know it by; made up where none is given.
    """
    number = lock_numbers(project)
    is_run_here = fields.get("origin", Experiment.Origin.PLATFORM) == Experiment.Origin.PLATFORM
    if is_run_here and open_experiments(project).count() >= MOST_OPEN:
        raise TooMany(f"{MOST_OPEN} experiments wait or run here. Wait for one, or cancel it.")
    number.last += 1
    number.save(update_fields=["last"])
    fields.setdefault("external_id", secrets.token_hex(8))
    return Experiment.objects.create(
        project=project,
        number=number.last,
        name=" ".join(name.replace("\0", "").split())[:LONGEST_NAME] or f"#{number.last}",
        created_by=responsible(actor),
        made_with=actor if isinstance(actor, ApiKey) else None,
        author_label=label_of(actor),
        **fields,
    )


def compared_with(baseline: Experiment | None) -> dict[str, Any]:
    """The fields of a run whose pairwise judges compare with the answers of `baseline`."""
    return {"baseline": baseline, "baseline_label": str(baseline)[:300] if baseline else ""}


def lock_numbers(project: Project) -> ExperimentNumber:
    """The last number of the project, held until the transaction ends: one makes the next."""
    ExperimentNumber.objects.get_or_create(project=project)
    return ExperimentNumber.objects.select_for_update().get(project=project)


def open_experiments(project: Project) -> Any:
    """Those of the project that the platform runs or will."""
    return Experiment.objects.filter(
        project=project, state__in=Experiment.OPEN, origin=Experiment.Origin.PLATFORM
    )


def add_evaluators(experiment: Experiment, versions: Any) -> None:
    """Let `versions` score it, the first of them deciding."""
    ExperimentEvaluator.objects.bulk_create(
        ExperimentEvaluator(experiment=experiment, version=version, place=place)
        for place, version in enumerate(versions)
    )


@transaction.atomic
def cancel_experiment(experiment: Experiment, *, actor: Actor) -> Experiment:
    """Stop it: a worker notices within two seconds. What is done stays. Raises: NotOpen."""
    stopped = Experiment.objects.filter(pk=experiment.pk, state__in=Experiment.OPEN).update(
        state=Experiment.State.CANCELLED, finished_at=timezone.now()
    )
    if not stopped:
        raise NotOpen("The experiment has ended already.")
    skip_judgements(experiment.pk)
    experiment.refresh_from_db()
    record(
        "experiment.cancelled",
        actor=actor,
        project=experiment.project,
        subject=experiment,
        number=experiment.number,
        done=experiment.done,
        total=experiment.total,
    )
    changed(experiment.project_id)
    return experiment


@transaction.atomic
def retry_failed(
    experiment: Experiment, *, actor: Actor, cost_cap_nano: int | None = None
) -> Experiment:
    """Run what failed again, and what was left undone; with another cap where one is given.

    Raises: StillOpen, NotOpen (it was not run here, or nothing is left).
    """
    experiment = (
        Experiment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("project__organization")
        .get(pk=experiment.pk)
    )
    if experiment.origin != Experiment.Origin.PLATFORM:
        raise NotOpen("It was run elsewhere: its own runner may push again what failed.")
    if experiment.is_open:
        raise StillOpen("The experiment still runs. Wait for its end, or cancel it.")
    due, failed = Result.State.DUE, (Result.State.FAILED, Result.State.RUNNING)
    again = experiment.results.filter(state__in=failed).update(state=due, error="", attempts=0)
    left = experiment.results.filter(state=due).count()
    open_again = experiment.judgements.filter(
        purpose=Judgement.Purpose.EXPERIMENT,
        state__in=[Judgement.State.FAILED, Judgement.State.SKIPPED, Judgement.State.RUNNING],
    ).update(state=Judgement.State.DUE, error="", attempts=0, due_at=timezone.now())
    if not left and not open_again:
        raise NotOpen("Nothing failed, and nothing is left to run.")
    experiment.state, experiment.error, experiment.failures = Experiment.State.DUE, "", 0
    experiment.due_at, experiment.finished_at = timezone.now(), None
    experiment.failed = 0
    experiment.to_judge = experiment.total * experiment.evaluators.count()
    experiment.judged = experiment.judgements.filter(
        purpose=Judgement.Purpose.EXPERIMENT, state=Judgement.State.DONE
    ).count()
    if cost_cap_nano is not None:
        experiment.cost_cap_nano = cost_cap_nano
    experiment.save()
    record(
        "experiment.retried",
        actor=actor,
        project=experiment.project,
        subject=experiment,
        number=experiment.number,
        failed=again,
        results=left,
        judgements=open_again,
        cost_cap_nano=experiment.cost_cap_nano,
    )
    changed(experiment.project_id)
    nudge(TASK, experiment.pk)
    return experiment


@transaction.atomic
def delete_experiment(experiment: Experiment, *, actor: Actor) -> None:
    """It and its results are gone; traces and their scores stay. Raises: StillOpen."""
    if experiment.is_open and experiment.origin == Experiment.Origin.PLATFORM:
        raise StillOpen("The experiment still runs. Cancel it first.")
    record(
        "experiment.deleted",
        actor=actor,
        project=experiment.project,
        subject=experiment,
        number=experiment.number,
        name=experiment.name,
        results=experiment.total,
    )
    project_id = experiment.project_id
    Judgement.objects.filter(experiment=experiment).delete()
    experiment.delete()
    changed(project_id)


def changed(project_id: int) -> None:
    """Let open pages of experiments fetch their pieces again, after the commit."""
    news = {"type": "project.changed", "changed": ["experiments"]}
    live.announce(group_of(project_id), news)


def _results(experiment: Experiment, known: Settled) -> list[Result]:
    """Every item once, then every item again: what is there early covers all of them."""
    return [
        Result(
            experiment=experiment,
            item_key=item.item.key,
            item_id=item.item_id,
            revision=item,
            repeat=repeat,
            place=(repeat - 1) * len(known.items) + place,
            slice=item.slice,
            cluster=item.cluster,
            is_held_out=item.split == Split.HELD_OUT,
        )
        for repeat in range(1, known.plan.repeats + 1)
        for place, item in enumerate(known.items)
    ]


def evaluators_of(experiment: Experiment) -> list[EvaluatorVersion]:
    """The versions that score it, the one that decides first."""
    rows = experiment.evaluators.select_related("version__evaluator").order_by("place", "pk")
    return [row.version for row in rows]
