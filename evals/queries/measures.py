"""What the scores of experiments mean: bar, direction and evaluator of each name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F

from accounts.models import Project
from evals.models import Calibration, Experiment, ExperimentEvaluator, Judgement
from traces.models import BarDirection, DataType, ScoreDefinition


@dataclass(frozen=True, slots=True)
class Measure:
    """One score by its name. `version` None: no evaluator of ours gave it; `bar` None: no bar.

    A bar is that of the number; for a yes or no without one it is 1. `kappa` and `labels` are of
    the judge's calibration; None where it has none.
    """

    name: str
    bar: float | None = None
    is_higher_better: bool = True
    low: float | None = None
    high: float | None = None
    is_binary: bool = False
    data_type: str = DataType.NUMBER.value
    evaluator: str = ""
    version: int | None = None
    is_judge: bool = False
    kappa: float | None = None
    labels: int | None = None
    description: str = ""


def measures_of(project: Project, experiments: Sequence[Experiment]) -> list[Measure]:
    """Every score that one of the experiments has, what decides first.

    The first experiment's evaluators come first, in their order; then what else was pushed, by
    name. Where experiments use different versions of an evaluator, the first one's bar holds.
    """
    found: dict[str, Measure] = {}
    rank = {one.pk: place for place, one in enumerate(experiments)}
    used = ExperimentEvaluator.objects.filter(experiment__in=experiments).select_related(
        "version__evaluator", "version__calibration"
    )
    for one in sorted(used, key=lambda one: (rank[one.experiment_id], one.place, one.pk)):
        found.setdefault(one.version.evaluator.name, _by_evaluator(one))
    names = _names_in(experiments) - set(found)
    defined = ScoreDefinition.objects.filter(project=project, name__in=names)
    for definition in sorted(defined, key=lambda one: one.name):
        found[definition.name] = _by_definition(definition)
    for name in sorted(names - set(found)):
        found[name] = Measure(name)
    return list(found.values())


def versions_of(experiments: Iterable[Experiment]) -> dict[tuple[int, str], int]:
    """(experiment's key, score's name): the number of the evaluator's version that gave it."""
    used = ExperimentEvaluator.objects.filter(experiment__in=list(experiments))
    rows = used.values_list("experiment_id", "version__evaluator__name", "version__number")
    return {(experiment, name): number for experiment, name, number in rows}


def _names_in(experiments: Sequence[Experiment]) -> set[str]:
    given = Judgement.objects.filter(experiment__in=experiments)
    return set(given.order_by().values_list(F("name"), flat=True).distinct())


def _by_evaluator(used: ExperimentEvaluator) -> Measure:
    version = used.version
    calibration: Calibration | None = getattr(version, "calibration", None)
    is_binary = version.data_type == DataType.BOOLEAN
    return Measure(
        name=version.evaluator.name,
        bar=1.0 if is_binary and version.bar is None else version.bar,
        is_higher_better=version.bar_direction == BarDirection.AT_LEAST,
        low=0.0 if is_binary else version.minimum,
        high=1.0 if is_binary else version.maximum,
        is_binary=is_binary,
        data_type=version.data_type,
        evaluator=version.evaluator.name,
        version=version.number,
        is_judge=version.evaluator.is_model,
        kappa=calibration.kappa if calibration else None,
        labels=calibration.labels if calibration else None,
        description=version.evaluator.description,
    )


def _by_definition(definition: ScoreDefinition) -> Measure:
    is_binary = definition.data_type == DataType.BOOLEAN
    return Measure(
        name=definition.name,
        bar=1.0 if is_binary and definition.bar is None else definition.bar,
        is_higher_better=definition.bar_direction == BarDirection.AT_LEAST,
        low=0.0 if is_binary else definition.minimum,
        high=1.0 if is_binary else definition.maximum,
        is_binary=is_binary,
        data_type=definition.data_type,
        description=definition.description,
    )
