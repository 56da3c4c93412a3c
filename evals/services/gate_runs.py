"""A gate is asked about a version: by a person, a program, or because the version is proposed."""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import ApiKey
from accounts.services.trail import Actor, record, responsible
from evals.models import Experiment, Gate, GateRun
from evals.queries.gates import Standing, standing_of
from evals.services.errors import NothingToDo
from evals.services.experiments import cancel_experiment
from evals.services.gate_checks import post
from evals.services.gate_errors import NoGate, NotOpen
from kit import live
from kit.errors import DomainError
from kit.jobs import nudge
from prompts.models import ChangeRequest, PromptVersion
from prompts.queries.resolving import get_version
from prompts.services.locking import lock
from traces.live import group_of

log = logging.getLogger(__name__)

TASK = "evals.run_gates"
State = GateRun.State


@transaction.atomic
def start_run(
    gate: Gate,
    candidate: PromptVersion,
    *,
    trigger: GateRun.Trigger,
    actor: Actor,
    baseline: PromptVersion | None,
    request: ChangeRequest | None = None,
    model: str = "",
    is_fresh: bool = False,
) -> GateRun:
    """Ask the gate about a version beside `baseline`; None: nothing serves, the bar decides.

    `model` is another one than the gate's for the candidate alone. Answers that are there already
    are not paid again; with `is_fresh` those of the candidate are. A run that is on and asks the
    very same is that one.

    Raises: NoGate (switched off), NothingToDo (the version serves already).
    """
    lock(gate.prompt_id)
    gate = Gate.objects.select_for_update(of=("self",)).select_related(
        "prompt", "dataset", "project__organization"
    ).get(pk=gate.pk)  # fmt: skip
    if not gate.is_enabled:
        raise NoGate(f"The gate of {gate.prompt.name} in {gate.environment} is switched off.")
    if candidate == baseline and not model:
        raise NothingToDo(f"v{candidate.number} serves already: there is nothing to compare.")
    standing = standing_of(gate)
    request = request or _request_of(gate, candidate, baseline, model)
    same = gate.runs.filter(
        state=State.RUNNING, candidate=candidate, baseline=baseline, model=model,
        revision=gate.revision, target_number=standing.target_number, request=request,
    ).first()  # fmt: skip
    if same is not None and not is_fresh:
        return same
    run = GateRun.objects.create(
        gate=gate,
        revision=gate.revision,
        settings=standing.settings.told() | {"is_fresh": is_fresh},
        target_number=standing.target_number,
        candidate=candidate,
        baseline=baseline,
        model=model,
        request=request,
        trigger=trigger,
        created_by=responsible(actor),
        made_with=actor if isinstance(actor, ApiKey) else None,
    )
    record_run("gate.run_started", run, actor)
    post(run)
    changed(gate.project_id)
    nudge(TASK)
    return run


def _request_of(
    gate: Gate, candidate: PromptVersion, baseline: PromptVersion | None, model: str
) -> ChangeRequest | None:
    """The open change request that asks the very same, where one does."""
    if model:
        return None
    return ChangeRequest.objects.filter(
        prompt=gate.prompt, label=gate.environment, version=candidate, from_version=baseline,
        status__in=ChangeRequest.STANDING,
    ).exclude(status=ChangeRequest.Status.DRAFT).first()  # fmt: skip


@transaction.atomic
def cancel_run(run: GateRun, *, actor: Actor) -> GateRun:
    """Stop asking; experiments that no other run waits for are stopped as well. Raises: NotOpen."""
    run = locked_run(run.pk)
    if run.state != State.RUNNING:
        raise NotOpen("This run is over already.")
    run.state, run.finished_at, run.is_posted = State.CANCELLED, timezone.now(), True
    run.summary = run.error = "Cancelled."
    run.save()
    for experiment in (run.candidate_experiment, run.baseline_experiment):
        if experiment is not None and experiment.is_open and not _is_awaited(experiment):
            cancel_experiment(experiment, actor=actor)
    record_run("gate.run_cancelled", run, actor)
    return run


def _is_awaited(experiment: Experiment) -> bool:
    waiting = GateRun.objects.filter(state=State.RUNNING)
    return (
        waiting.filter(candidate_experiment=experiment).exists()
        or waiting.filter(baseline_experiment=experiment).exists()
    )


def start_due_runs() -> int:
    """Ask about every version that is proposed where a gate stands and nobody has asked; how many.

    The signal of a proposal is a hint; this is what makes sure.
    """
    started = 0
    gates = Gate.objects.filter(is_enabled=True, project__deleted_at=None)
    for gate in gates.select_related("prompt", "dataset", "project__organization"):
        standing: Standing | None = None
        for request in _proposed(gate):
            standing = standing or standing_of(gate)
            if _was_asked(gate, standing, request):
                continue
            try:
                start_run(
                    gate, request.version, trigger=GateRun.Trigger.PROPOSED, actor=None,
                    baseline=request.from_version, request=request,
                )  # fmt: skip
                started += 1
            except DomainError as refused:
                log.info("gate not asked", extra={"gate": gate.pk, "reason": str(refused)})
    return started


def _proposed(gate: Gate) -> list[ChangeRequest]:
    found = ChangeRequest.objects.filter(
        prompt=gate.prompt, label=gate.environment, status__in=ChangeRequest.STANDING
    )
    found = found.exclude(status=ChangeRequest.Status.DRAFT)
    return list(found.select_related("version", "from_version", "prompt", "project"))


def _was_asked(gate: Gate, standing: Standing, request: ChangeRequest) -> bool:
    return gate.runs.filter(
        request=request, candidate=request.version, baseline=request.from_version, model="",
        revision=gate.revision, target_number=standing.target_number,
    ).exists()  # fmt: skip


def read_run(pk: int) -> GateRun:
    """The run with all that its next step looks at."""
    return _prepared(_with_all().get(pk=pk))


def locked_run(pk: int) -> GateRun:
    """The same, alone for the rest of the transaction."""
    return _prepared(_with_all().select_for_update(of=("self",)).get(pk=pk))


def _with_all() -> QuerySet[GateRun]:
    return GateRun.objects.select_related(
        "gate__prompt", "gate__dataset", "gate__project__organization", "candidate__prompt",
        "baseline__prompt", "candidate_experiment", "baseline_experiment", "request",
    )  # fmt: skip


def _prepared(run: GateRun) -> GateRun:
    run.gate.prompt.project = run.gate.project
    for version in (run.candidate, run.baseline):
        if version is not None:
            version.prompt.project = run.gate.project
    return run


def serving_version(gate: Gate) -> PromptVersion | None:
    """What the gate's environment serves now; None: nothing."""
    return get_version(gate.prompt, label=gate.environment)


def record_run(action: str, run: GateRun, actor: Actor) -> None:
    record(
        action,
        actor=actor,
        project=run.gate.project,
        subject=run,
        prompt=run.gate.prompt.name,
        environment=run.gate.environment,
        candidate=run.candidate.number,
        baseline=run.baseline.number if run.baseline else None,
        model=run.model,
        state=str(run.state),
        summary=run.summary,
    )


def changed(project_id: int) -> None:
    """Let open pages of gates fetch their pieces again, after the commit."""
    live.announce(group_of(project_id), {"type": "project.changed", "changed": ["gates"]})
