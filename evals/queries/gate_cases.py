"""What a gate's run is reckoned from, read from its experiments; and what a gate could see."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

from django.utils import timezone

from accounts.models import Project
from evals.deciding.inputs import Case, Measure, Metric, Role, Scores
from evals.deciding.measures import MEASURES
from evals.deciding.settings import Chosen, Settings
from evals.models import (
    EvaluatorVersion,
    Experiment,
    Gate,
    GateRun,
    Result,
    Split,
)
from evals.queries.calibration import calibration_of, may_gate
from evals.queries.datasets import dataset_named, items_of
from evals.queries.gates import FRESH, versions_by_name
from evals.queries.paired import Outcomes, measurements, outcomes
from evals.statistics import power
from prompts.models import PromptVersion

TYPICAL_DEVIATION = 0.4  # of differences of passes, where nothing was measured yet


def splits_of(settings: Settings) -> list[str]:
    """The splits that a gate asks."""
    return [Split.MAIN, Split.HELD_OUT] if settings.with_held_out else [Split.MAIN]


def case_of(
    project: Project, settings: Settings, candidate: Experiment, baseline: Experiment | None
) -> Case:
    """Scores and measurements of both experiments, by item, with what is asked of them."""
    versions = versions_by_name(project, settings.evaluators)
    metrics = {
        one.role + one.name: _metric(one, settings, versions.get(one.name), candidate, baseline)
        for one in settings.evaluators
    }
    planned = Result.objects.filter(experiment=candidate).values_list("item_key", flat=True)
    primary = settings.primary
    return Case(
        primary=metrics.pop(primary.role + primary.name),
        others=tuple(metrics.values()),
        measures=tuple(
            Measure(
                key=guard.metric,
                new=_measured(candidate, guard.metric),
                old=_measured(baseline, guard.metric) if baseline is not None else None,
                margin=guard.margin,
                kind=guard.kind,
                limit=guard.limit,
            )
            for guard in settings.guards
        ),
        planned=tuple(dict.fromkeys(planned.order_by("place"))),
        new_items=_answered(candidate),
        old_items=_answered(baseline) if baseline is not None else None,
        slices=settings.slices,
        smallest_sample=settings.smallest_sample,
        repeats=settings.repeats,
    )


def _metric(
    chosen: Chosen,
    settings: Settings,
    version: EvaluatorVersion | None,
    candidate: Experiment,
    baseline: Experiment | None,
) -> Metric:
    is_primary = chosen.role == "primary"
    allowed, why = (False, "its version is gone.") if version is None else may_gate(version)
    role: Role = chosen.role
    return Metric(
        name=chosen.name,
        new=_scores(outcomes(candidate, chosen.name)),
        old=_scores(outcomes(baseline, chosen.name)) if baseline is not None else None,
        role=role,
        margin=settings.margin if chosen.margin is None or is_primary else chosen.margin,
        bar=settings.bar if is_primary else chosen.bar,
        direction=chosen.direction,
        may_gate=allowed,
        why_not="" if allowed else why,
        new_passes=_scores(outcomes(candidate, chosen.name, passes=True)) if is_primary else None,
        old_passes=(
            _scores(outcomes(baseline, chosen.name, passes=True))
            if is_primary and baseline is not None
            else None
        ),
    )


def _scores(found: Outcomes) -> Scores:
    return Scores(found.keys, found.values, found.clusters, found.slices, found.undefined)


def _measured(experiment: Experiment, metric: str) -> Scores:
    source: Any = MEASURES[metric].source
    return _scores(measurements(experiment, source))


def _answered(experiment: Experiment) -> tuple[str, ...]:
    done = Result.objects.filter(experiment=experiment, state=Result.State.DONE)
    return tuple(dict.fromkeys(done.order_by("place").values_list("item_key", flat=True)))


def reusable_experiment(
    gate: Gate, settings: Settings, version: PromptVersion, *, provider: str, model: str
) -> Experiment | None:
    """A run of the same frozen settings whose answers are fresh and complete, or that still runs.

    So a baseline is paid once, and asking again about the same version gives no second chance.
    """
    wanted = {one.pk for one in versions_by_name(gate.project, settings.evaluators).values()}
    since = timezone.now() - FRESH
    found = Experiment.objects.filter(
        project_id=gate.project_id,
        purpose=Experiment.Purpose.GATE,
        dataset=gate.dataset,
        dataset_version=settings.dataset_version,
        prompt_version=version,
        metadata__gate__provider=provider,
        metadata__gate__model=model,
        splits=splits_of(settings),
        slices=[],
        most_items=None,
        repeats=settings.repeats,
        created_at__gte=since,
    )
    standing = [Experiment.State.DONE, *Experiment.OPEN]
    for one in found.filter(state__in=standing).order_by("-created_at"):
        scored = set(one.evaluators.values_list("version_id", flat=True))
        if scored == wanted and (one.is_open or _is_whole(one)):
            return one
    return None


def _is_whole(experiment: Experiment) -> bool:
    """Every result has an output, and every judgement a verdict."""
    return not experiment.failed and not experiment.judgements.filter(state="failed").exists()


@dataclass(frozen=True)
class Sight:
    """What a gate can see before it is asked: the least difference that it finds at 80 % power.

    `deviation` is that of differences of items: of its last run, or a typical one (`is_guess`).
    """

    items: int
    deviation: float
    is_guess: bool
    mde: float | None
    margin: float
    items_for_margin: int | None
    slices: dict[str, int]

    @property
    def margin_words(self) -> str:
        """The margin as people write it."""
        return f"{self.margin:g}"

    @property
    def is_enough(self) -> bool:
        """True where it can see a loss as large as the margin."""
        return self.mde is not None and self.mde <= self.margin


def sight_of(project: Project, settings: Settings, *, gate: Gate | None = None) -> Sight:
    """What a gate with these settings can see."""
    dataset = dataset_named(project, settings.dataset)
    slices: dict[str, int] = {}
    count = 0
    if dataset is not None:
        rows = items_of(dataset, settings.dataset_version, splits=splits_of(settings))
        for name in rows.values_list("slice", flat=True):
            count += 1
            slices[name] = slices.get(name, 0) + 1
    deviation = _deviation_of_last(gate, settings) if gate is not None else None
    used = TYPICAL_DEVIATION if deviation is None else deviation
    return Sight(
        items=count,
        deviation=used,
        is_guess=deviation is None,
        mde=power.detectable(used, count),
        margin=settings.margin,
        items_for_margin=power.items_for(used, settings.margin),
        slices={name: slices.get(name, 0) for name in settings.slices},
    )


def _deviation_of_last(gate: Gate, settings: Settings) -> float | None:
    """Of the differences of items in the newest run that had a baseline and this primary metric."""
    runs = GateRun.objects.filter(gate=gate, verdict__mode="relative").order_by("-created_at")
    told = runs.values_list("verdict", flat=True).first()
    primary = (told or {}).get("primary") or {}
    if primary.get("name") != settings.primary.name or not primary.get("error"):
        return None
    return float(primary["error"]) * sqrt(primary["n"])


def judge_words(project: Project, settings: Settings) -> list[str]:
    """`faithful v3, κ 0.74 against 120 labels by people.`, for what a model scores."""
    versions = versions_by_name(project, settings.evaluators)
    said = []
    for chosen in settings.evaluators:
        version = versions.get(chosen.name)
        if version is None or not version.evaluator.is_model:
            continue
        known = calibration_of(version)
        if known.kappa is None:
            said.append(f"{chosen}, not calibrated.")
        else:
            said.append(f"{chosen}, κ {known.kappa:.2f} against {known.labels:,} labels by people.")
    return said


def lost_items(project: Project, before: Settings, after: Settings) -> int:
    """How many items of the former settings are no longer asked by the new ones."""
    if before.dataset != after.dataset:
        return 0
    dataset = dataset_named(project, before.dataset)
    if dataset is None:
        return 0
    old, new = (
        set(
            items_of(dataset, one.dataset_version, splits=splits_of(before)).values_list(
                "item_id", flat=True
            )
        )
        for one in (before, after)
    )
    return len(old - new)
