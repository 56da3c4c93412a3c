"""Experiments as pages show them: a list with its filters, those of given numbers, where their
prompt versions serve."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from accounts.models import Project
from evals.models import Dataset, Experiment, GateRun
from prompts.models import Label, Prompt, Rollout

SIZE = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is to show; empty texts ask for nothing."""

    text: str = ""
    dataset: str = ""
    prompt: str = ""
    version: int | None = None
    state: str = ""
    origin: str = ""
    after: int | None = None  # the number of the last one shown


@dataclass(frozen=True)
class Listing:
    """A page of experiments, newest first, and the number that the next one begins after."""

    rows: list[Experiment]
    after: int | None


@dataclass(frozen=True, slots=True)
class Serving:
    """Where a version of a prompt stands: labels that point at it, rollouts that bring it."""

    labels: list[str] = field(default_factory=list)
    rollouts: list[Rollout] = field(default_factory=list)


def runs_of(project: Project) -> QuerySet[Experiment]:
    """All experiments of the project with what a row says of them."""
    return Experiment.objects.filter(project=project).select_related(
        "dataset", "prompt", "prompt_version", "created_by"
    )


def list_runs(project: Project, wanted: Wanted, *, size: int = SIZE) -> Listing:
    """Newest first, one page; numbers grow with time."""
    found = runs_of(project)
    if wanted.text:
        found = found.filter(name__icontains=wanted.text)
    if wanted.dataset:
        found = found.filter(dataset__name=wanted.dataset)
    if wanted.prompt:
        found = found.filter(prompt__name=wanted.prompt)
    if wanted.version is not None:
        found = found.filter(prompt_version__number=wanted.version)
    if wanted.state == "open":
        found = found.filter(state__in=Experiment.OPEN)
    elif wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.origin == "gate":
        found = found.filter(purpose=Experiment.Purpose.GATE)
    elif wanted.origin:
        found = found.filter(origin=wanted.origin)
    if wanted.after is not None:
        found = found.filter(number__lt=wanted.after)
    rows = list(found.order_by("-number")[: size + 1])
    return Listing(rows[:size], rows[size - 1].number if len(rows) > size else None)


def numbered(project: Project, numbers: Sequence[int]) -> list[Experiment]:
    """The experiments of these numbers in this order; unknown ones are left out."""
    by_number = {one.number: one for one in runs_of(project).filter(number__in=numbers)}
    return [by_number[number] for number in numbers if number in by_number]


def choices_of(project: Project) -> tuple[list[str], list[str]]:
    """Names of datasets, and of prompts, that experiments of the project have used."""
    runs = Experiment.objects.filter(project=project)
    datasets = Dataset.objects.filter(project=project, pk__in=runs.values("dataset"))
    prompts = Prompt.objects.filter(project=project, pk__in=runs.values("prompt"))
    return (
        list(datasets.order_by("name").values_list("name", flat=True)[:200]),
        list(prompts.order_by("name").values_list("name", flat=True)[:200]),
    )


def serving_of(experiments: Iterable[Experiment]) -> dict[int, Serving]:
    """Of each prompt version, by its key, where it serves now."""
    versions = {one.prompt_version_id for one in experiments if one.prompt_version_id}
    found = {pk: Serving() for pk in versions}
    labels = Label.objects.filter(version__in=versions).order_by("name")
    for version, name in labels.values_list("version_id", "name"):
        found[version].labels.append(name)
    running = Rollout.objects.filter(candidate__in=versions, status__in=Rollout.RUNNING)
    for rollout in running.order_by("pk"):
        found[rollout.candidate_id].rollouts.append(rollout)
    return found


def gate_runs_of(base: Experiment, others: Sequence[Experiment]) -> dict[int, GateRun]:
    """The newest answer of the gate on each of `others` against `base`, by experiment's key."""
    runs = GateRun.objects.filter(
        candidate_experiment__in=others, baseline_experiment=base
    ).select_related("request", "gate")
    return {run.candidate_experiment_id or 0: run for run in runs.order_by("created_at", "pk")}
