"""Gates as they stand: what they ask together with their target, their runs, what they can see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.models import Project
from evals.deciding.inputs import Direction
from evals.deciding.settings import Asked, Chosen, GuardSetting, Settings, bound
from evals.models import EvaluatorVersion, Gate, GateRun, Proposal
from features.models import Target
from features.queries import target_of, targets_by_feature
from prompts.models import ChangeRequest, Prompt

CHECK = "evals / gate"  # the check's name on a change request
FRESH = timedelta(days=7)  # a baseline that was run longer ago is run again


def gates_of(project: Project) -> QuerySet[Gate]:
    """The gates of a project by prompt and environment, with all that their settings name."""
    return (
        Gate.objects.filter(project=project)
        .select_related("prompt", "dataset", "project__organization")
        .order_by("prompt__name", "environment")
    )


def get_gate(project: Project, pk: int) -> Gate | None:
    """The gate of that number."""
    return gates_of(project).filter(pk=pk).first() if pk < 2**63 else None


def gate_for(prompt: Prompt, environment: str) -> Gate | None:
    """The gate of a prompt in an environment, switched on or off."""
    found = Gate.objects.filter(prompt=prompt, environment=environment.replace("\0", ""))
    return found.select_related("prompt", "dataset", "project__organization").first()


def settings_of(gate: Gate) -> Settings:
    """What the gate itself asks, as its row says it."""
    return Settings(
        dataset=gate.dataset.name,
        dataset_version=gate.dataset_version,
        evaluators=tuple(
            Chosen(
                name=one["name"], version=one["version"], role=one["role"],
                margin=one.get("margin"), bar=one.get("bar"),
                direction=one.get("direction", "at_least"),
            )
            for one in gate.evaluators
        ),
        guards=tuple(GuardSetting(**one) for one in gate.guards),
        feature=gate.feature,
        margin=gate.margin,
        bar=gate.bar,
        repeats=gate.repeats,
        smallest_sample=gate.smallest_sample,
        slices=tuple(gate.slices),
        with_held_out=gate.with_held_out,
        provider=gate.provider,
        model=gate.model,
        cost_cap_nano=gate.cost_cap_nano,
        is_enabled=gate.is_enabled,
    )  # fmt: skip


def asked_by_target(project: Project, feature: str) -> Asked | None:
    """What the approved target of a feature asks of gates; None where there is none."""
    target = target_of(project, feature) if feature else None
    return asked_of(target) if target is not None else None


def asked_of(target: Target) -> Asked:
    """What a target asks of gates."""
    direction: Direction = "at_least" if target.bar_direction == "at_least" else "at_most"
    return Asked(
        feature=target.feature.name,
        number=target.number,
        metric=target.metric,
        bar=target.bar,
        direction=direction,
        margin=target.margin,
        smallest_sample=target.smallest_sample,
        slices=tuple(target.slices),
        p95_latency_ms=target.p95_latency_ms,
        first_token_ms=target.first_token_ms,
    )


@dataclass(frozen=True)
class Standing:
    """What a gate asks now: its own settings, its target's, and both together."""

    own: Settings
    asked: Asked | None
    settings: Settings
    since: datetime  # when it began to ask this

    @property
    def target_number(self) -> int | None:
        """Of the target that binds it."""
        return self.asked.number if self.asked else None


def standing_of(gate: Gate) -> Standing:
    """What holds for runs that are reckoned now."""
    return _standing(gate, target_of(gate.project, gate.feature) if gate.feature else None)


def standings_of(project: Project, gates: Sequence[Gate]) -> dict[int, Standing]:
    """The same of many gates, by primary key: one query."""
    targets = targets_by_feature(project) if any(gate.feature for gate in gates) else {}
    return {gate.pk: _standing(gate, targets.get(gate.feature)) for gate in gates}


def _standing(gate: Gate, target: Target | None) -> Standing:
    own = settings_of(gate)
    asked = asked_of(target) if target is not None else None
    since = gate.changed_at
    if target is not None and target.decided_at is not None:
        since = max(since, target.decided_at)
    return Standing(own, asked, bound(own, asked), since)


def required_since(request: ChangeRequest) -> datetime | None:
    """Since when reports of the gate count for a change request; None: there is no gate for it."""
    gate = gate_for(request.prompt, request.label)
    if gate is None or not gate.is_enabled:
        return None
    gate.project = request.project
    return standing_of(gate).since


def runs_of(gate: Gate) -> QuerySet[GateRun]:
    """The runs of a gate, the newest first."""
    return _with_versions(GateRun.objects.filter(gate=gate)).order_by("-created_at", "-pk")


def get_run(project: Project, pk: int) -> GateRun | None:
    """A run with everything that its page names."""
    if pk >= 2**63:
        return None
    return _with_versions(GateRun.objects.filter(gate__project=project, pk=pk)).first()


def _with_versions(found: QuerySet[GateRun]) -> QuerySet[GateRun]:
    return found.select_related(
        "gate__prompt", "gate__dataset", "gate__project__organization", "candidate__prompt",
        "baseline", "candidate_experiment", "baseline_experiment", "request", "created_by",
    )  # fmt: skip


def open_runs() -> list[int]:
    """Ids of runs that are due now, of all projects."""
    due = GateRun.objects.filter(
        Q(state=GateRun.State.RUNNING) | Q(is_posted=False),
        due_at__lte=timezone.now(),
        gate__project__deleted_at=None,
    )
    return list(due.order_by("due_at").values_list("pk", flat=True))


@dataclass(frozen=True)
class GateRow:
    """A gate in the list."""

    gate: Gate
    run: GateRun | None  # the newest
    proposals: int  # open ones


def list_gates(project: Project) -> list[GateRow]:
    """The project's gates, each with its newest run: three queries."""
    newest = GateRun.objects.filter(gate=OuterRef("pk")).order_by("-created_at", "-pk")
    gates = list(gates_of(project).annotate(newest=Subquery(newest.values("pk")[:1])))
    runs = GateRun.objects.select_related("candidate", "baseline").in_bulk(
        [gate.newest for gate in gates if gate.newest is not None]
    )
    waiting: dict[int, int] = {}
    for pk in open_proposals(project).values_list("gate_id", flat=True):
        if pk is not None:
            waiting[pk] = waiting.get(pk, 0) + 1
    return [GateRow(gate, runs.get(gate.newest or 0), waiting.get(gate.pk, 0)) for gate in gates]


def open_proposals(project: Project) -> QuerySet[Proposal]:
    """Changes of gates, and new ones, that wait for a decision; the newest first."""
    return proposals_of(project).filter(state=Proposal.State.OPEN)


def proposals_of(project: Project) -> QuerySet[Proposal]:
    """Every change of a gate that was proposed, the newest first."""
    found = Proposal.objects.filter(project=project, kind=Proposal.Kind.GATE)
    return found.select_related(
        "gate__prompt", "gate__dataset", "prompt", "author", "decided_by", "project__organization"
    ).order_by("-created_at", "-pk")


def get_proposal(project: Project, pk: int) -> Proposal | None:
    """The proposal of that number."""
    return proposals_of(project).filter(pk=pk).first() if pk < 2**63 else None


def weakened_by(gate: Gate) -> list[Proposal]:
    """Approved changes that asked less, the newest first: who wrote and who approved each."""
    found = proposals_of(gate.project).filter(gate=gate, state=Proposal.State.APPROVED)
    return list(found.exclude(weakens=[]))


def versions_by_name(project: Project, chosen: Sequence[Chosen]) -> dict[str, EvaluatorVersion]:
    """The versions that settings name, by the evaluators' names; those that exist."""
    wanted = {(one.name, one.version) for one in chosen}
    found = EvaluatorVersion.objects.filter(
        evaluator__project=project,
        evaluator__name__in=[name for name, _ in wanted],
        number__in=[number for _, number in wanted],
    ).select_related("evaluator__project")
    return {one.evaluator.name: one for one in found if (one.evaluator.name, one.number) in wanted}
