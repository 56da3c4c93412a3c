"""What an experiment may be made of, and what a run of so many items can see."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from accounts.models import Project
from evals.models import Dataset, Evaluator, EvaluatorVersion, Experiment
from evals.queries.datasets import revisions_at
from evals.queries.paired import outcomes, paired
from evals.statistics.arrays import deviation, differences
from evals.statistics.power import detectable, items_for
from prompts.models import Prompt, PromptVersion

MOST = 300
TYPICAL = 0.4  # standard deviation of differences of items, in parts of the scale; engines' default


def datasets_of(project: Project) -> list[Dataset]:
    """Datasets with a version, by name."""
    found = Dataset.objects.filter(project=project, archived_at=None, last_number__gt=0)
    return list(found.order_by("name")[:MOST])


def prompts_of(project: Project) -> list[Prompt]:
    """Prompts with a version, by name."""
    found = Prompt.objects.filter(project=project, archived_at=None, last_number__gt=0)
    return list(found.order_by("name")[:MOST])


def prompt_versions(prompt: Prompt) -> list[PromptVersion]:
    """Those that are not archived, newest first."""
    return list(prompt.versions.filter(archived_at=None).order_by("-number")[:100])


def evaluators_in_use(project: Project) -> list[EvaluatorVersion]:
    """The version in use of each evaluator, by name."""
    current = Evaluator.objects.filter(project=project, archived_at=None, current__isnull=False)
    found = EvaluatorVersion.objects.filter(pk__in=current.values("current"))
    found = found.select_related("evaluator", "calibration")
    return list(found.order_by("evaluator__name")[:100])


def baselines_of(dataset: Dataset) -> list[Experiment]:
    """Runs over `dataset` that are over and have answers, newest first: 50 at most."""
    found = Experiment.objects.filter(dataset=dataset, done__gt=0).exclude(
        state__in=Experiment.OPEN
    )
    return list(found.order_by("-number")[:50])


def slices_of(dataset: Dataset, version: int) -> list[tuple[str, str, int]]:
    """(slice, split, items) of a version, drafts and archived ones left out."""
    rows = revisions_at(dataset, version).filter(is_draft=False, is_archived=False)
    grouped = rows.order_by().values_list("slice", "split").annotate(items=Count("pk"))
    return sorted((slice_, split, items) for slice_, split, items in grouped)


@dataclass(frozen=True, slots=True)
class Sight:
    """What a run can see: `smallest` is the least true difference that it finds four times of five.

    `seen_in` are the runs whose items the spread comes from; () is the usual spread.
    """

    items: int
    smallest: float | None
    spread: float
    seen_in: tuple[int, ...]
    needed: tuple[tuple[float, int], ...]  # a difference, and how many items find it


def sight_of(dataset: Dataset, measure: EvaluatorVersion | None, items: int) -> Sight:
    """From the last two runs over the dataset that have the score, else from the usual spread."""
    width = 1.0
    if measure is not None and measure.minimum is not None and measure.maximum is not None:
        width = (measure.maximum - measure.minimum) or 1.0
    spread = TYPICAL * width
    seen_in: tuple[int, ...] = ()
    found = _spread(dataset, measure.evaluator.name) if measure is not None else None
    if found is not None:
        spread, seen_in = found
    needed = tuple(
        (step * width, count)
        for step in (0.05, 0.03, 0.02)
        if (count := items_for(spread, step * width)) is not None
    )
    return Sight(items, detectable(spread, items), spread, seen_in, needed)


def _spread(dataset: Dataset, name: str) -> tuple[float, tuple[int, ...]] | None:
    runs = Experiment.objects.filter(
        dataset=dataset, state=Experiment.State.DONE,
        evaluators__version__evaluator__name=name,
    ).order_by("-number")[:2]  # fmt: skip
    last = list(runs)
    if len(last) < 2:
        return None
    pairs = paired(outcomes(last[0], name), outcomes(last[1], name))
    if len(pairs.keys) < 10:
        return None
    spread = deviation(differences(pairs.baseline.means, pairs.candidate.means))
    return (spread, (last[1].number, last[0].number)) if spread else None
