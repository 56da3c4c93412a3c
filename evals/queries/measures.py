"""What the scores of experiments mean: bar, direction and evaluator of each name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from accounts.models import Project
from evals.models import Calibration, EvaluatorKind, Experiment, ExperimentEvaluator
from traces.models import BarDirection, DataType, ScoreDefinition

_NAMES = """
    with recursive named(run, name) as (
        select run, (select min(name) from evals_judgement where experiment_id = run)
        from unnest(%(runs)s::bigint[]) run
        union all
        select run, (
            select min(j.name) from evals_judgement j
            where j.experiment_id = named.run and j.name > named.name
        ) from named where name is not null
    )
    select distinct name from named where name is not null
"""


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
    is_pairwise: bool = False
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


def _names_in(experiments: Sequence[Experiment]) -> set[str]:
    """Names of scores, each found by one step in the index, however many judgements there are."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, {"runs": [one.pk for one in experiments]})
        return {name for (name,) in cursor.fetchall()}


def _by_evaluator(used: ExperimentEvaluator) -> Measure:
    version = used.version
    calibration: Calibration | None = getattr(version, "calibration", None)
    is_binary = version.data_type == DataType.BOOLEAN
    is_pairwise = version.evaluator.kind == EvaluatorKind.PAIRWISE
    return Measure(
        name=version.evaluator.name,
        bar=1.0 if is_binary and version.bar is None else version.bar,
        is_higher_better=version.bar_direction == BarDirection.AT_LEAST,
        low=0.0 if is_binary or is_pairwise else version.minimum,
        high=1.0 if is_binary or is_pairwise else version.maximum,
        is_binary=is_binary,
        data_type=version.data_type,
        evaluator=version.evaluator.name,
        version=version.number,
        is_judge=version.evaluator.is_model,
        is_pairwise=is_pairwise,
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
