"""Judges: the list with what their calibrations say, and where each of them decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import Project
from evals.models import (
    Calibration,
    Evaluator,
    EvaluatorKind,
    EvaluatorVersion,
    Experiment,
    Gate,
    Judgement,
    OnlineRule,
)
from evals.queries.calibration import Verdict, verdict_on

MODELS = (EvaluatorKind.JUDGE, EvaluatorKind.PAIRWISE, EvaluatorKind.RAG)


@dataclass(frozen=True, slots=True)
class Row:
    """A judge in the list; `version` is the one in use, else its newest, None without any."""

    evaluator: Evaluator
    version: EvaluatorVersion | None
    calibration: Calibration | None
    verdict: Verdict | None
    gates: int
    rules: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a judge decides or informs: a gate, or live traces."""

    kind: str  # gate or live
    name: str
    does: str  # blocks, informs, "1,020 a day"
    pk: int = 0  # of the gate or the rule


def list_judges(project: Project) -> list[Row]:
    """Every evaluator by whom a model scores, by name. Six statements, whatever their number."""
    found = list(
        Evaluator.objects.filter(project=project, kind__in=MODELS, archived_at=None)
        .select_related("current__calibration")
        .order_by("name")
    )
    newest = newest_of([one.pk for one in found if one.current is None])
    rules = dict(
        OnlineRule.objects.filter(project=project, is_enabled=True)
        .order_by()
        .values_list("evaluator")
        .annotate(number=Count("pk"))
    )
    gates = _gates_by_version(project)
    owners = dict(EvaluatorVersion.objects.filter(pk__in=gates).values_list("pk", "evaluator_id"))
    by_evaluator: dict[int, int] = {}
    for pk, number in gates.items():
        if pk in owners:
            by_evaluator[owners[pk]] = by_evaluator.get(owners[pk], 0) + number
    rows = []
    for one in found:
        version = one.current or newest.get(one.pk)
        calibration = getattr(version, "calibration", None) if version else None
        told = calibration or (Calibration(version=version) if version else None)
        verdict = verdict_on(told) if told else None
        counted = by_evaluator.get(one.pk, 0), rules.get(one.pk, 0)
        rows.append(Row(one, version, calibration, verdict, *counted))
    return rows


def newest_of(evaluators: Sequence[int]) -> dict[int, EvaluatorVersion]:
    """The newest version of each of these evaluators."""
    rows = (
        EvaluatorVersion.objects.filter(evaluator__in=evaluators)
        .select_related("calibration")
        .order_by("evaluator", "-number")
        .distinct("evaluator")
    )
    return {one.evaluator_id: one for one in rows}


def judge_named(project: Project, name: str) -> Evaluator | None:
    """The judge of that name, also one that is archived; None where there is none."""
    if "\0" in name:
        return None
    found = Evaluator.objects.filter(project=project, name=name, kind__in=MODELS)
    return found.select_related("current", "project", "owner").first()


def judging_versions(experiment: Experiment) -> list[EvaluatorVersion]:
    """The versions by whom a model scored an experiment, the deciding one first."""
    rows = experiment.evaluators.filter(version__evaluator__kind__in=MODELS)
    rows = rows.select_related("version__evaluator").order_by("place", "pk")
    return [row.version for row in rows]


def versions_of(evaluator: Evaluator) -> list[EvaluatorVersion]:
    """Its versions, the newest first, with their calibrations."""
    rows = evaluator.versions.select_related("calibration", "author", "evaluator")
    return list(rows.order_by("-number")[:50])


def places_of(evaluator: Evaluator, versions: Iterable[EvaluatorVersion]) -> list[Place]:
    """The gates that ask it, and the live traffic that it looks at."""
    pks = {one.pk for one in versions}
    found = []
    gates = Gate.objects.filter(project_id=evaluator.project_id, is_enabled=True)
    for gate in gates.filter(_asks(pks)).select_related("prompt").order_by("prompt__name"):
        roles = {one.get("role") for one in gate.evaluators if one.get("evaluator") in pks}
        blocks = bool(roles & {"primary", "guard"})
        does = "blocks" if blocks else "informs"
        found.append(Place("gate", f"{gate.prompt.name} in {gate.environment}", does, gate.pk))
    day = timezone.now() - timedelta(days=1)
    rules = evaluator.online_rules.filter(is_enabled=True).annotate(
        day=Count(
            "judgements",
            filter=Q(judgements__at__gte=day, judgements__state=Judgement.State.DONE),
        )
    )
    for rule in rules.order_by("name"):
        share = float(rule.share) * 100
        found.append(Place("live", f"Live traces, {share:.3g}%", f"{rule.day:,} a day", rule.pk))
    return found


def _asks(versions: Iterable[int]) -> Q:
    asked = Q(pk__in=[])
    for pk in versions:
        asked |= Q(evaluators__contains=[{"evaluator": pk}])
    return asked


def _gates_by_version(project: Project) -> dict[int, int]:
    found: dict[int, int] = {}
    gates = Gate.objects.filter(project=project, is_enabled=True)
    for asked in gates.values_list("evaluators", flat=True):
        for pk in {one.get("evaluator") for one in asked if isinstance(one, dict)}:
            if isinstance(pk, int):
                found[pk] = found.get(pk, 0) + 1
    return found
