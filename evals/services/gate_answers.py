"""A gate answers: its experiments are begun or found, and when they are over it is reckoned."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from evals.deciding.inputs import CannotDecide
from evals.deciding.settings import Settings, settings_from
from evals.models import Experiment, GateRun
from evals.queries.gate_cases import case_of, judge_words, reusable_experiment, splits_of
from evals.queries.gates import standing_of, versions_by_name
from evals.services.experiments import start_experiment
from evals.services.gate_checks import post
from evals.services.gate_runs import TASK, changed, locked_run, read_run, record_run
from evals.values.plans import Plan
from kit.errors import DomainError
from kit.jobs import nudge
from prompts.models import PromptVersion
from prompts.services.locking import lock

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=3)
AGAIN_AFTER = timedelta(seconds=60)  # something of ours broke
GIVE_UP_AFTER = timedelta(hours=1)
CHANGED = "What the gate asks changed while it ran, so this answer would no longer count."

State = GateRun.State


def advance(pk: int) -> None:
    """Take one run as far as it goes now. Whatever breaks is tried again, and at last told."""
    try:
        _advance(read_run(pk))
    except DomainError as refused:
        _close(pk, State.ERROR, error=str(refused))
    except Exception as broken:
        log.exception("gate run broke", extra={"run": pk})
        run = read_run(pk)
        if timezone.now() - run.created_at > GIVE_UP_AFTER:
            why = f"It broke on our side: {type(broken).__name__}. The log says more."
            _close(pk, State.ERROR, error=why)
        else:
            GateRun.objects.filter(pk=pk).update(due_at=timezone.now() + AGAIN_AFTER)


def _advance(run: GateRun) -> None:
    if run.state != State.RUNNING:
        return
    if not _still_holds(run):
        _close(run.pk, State.CANCELLED, error=CHANGED)
        return
    if run.candidate_experiment is None:
        _begin(run.pk)
        return
    waiting = [one for one in (run.candidate_experiment, run.baseline_experiment) if one]
    if any(one.is_open for one in waiting):
        GateRun.objects.filter(pk=run.pk).update(due_at=timezone.now() + LOOK_EVERY)
        return
    if broken := next((one for one in waiting if one.state != Experiment.State.DONE), None):
        why = broken.error or broken.get_state_display()
        _close(run.pk, State.ERROR, error=f"Experiment #{broken.number}: {why}")
        return
    verdict = _reckoned(run, run.candidate_experiment)
    _close(run.pk, State(verdict["state"]), summary=verdict["summary"], verdict=verdict)


def _still_holds(run: GateRun) -> bool:
    """False where the gate, or its target, asks something else by now."""
    standing = standing_of(run.gate)
    asked = (run.gate.revision, standing.target_number)
    return run.gate.is_enabled and (run.revision, run.target_number) == asked


def _reckoned(run: GateRun, candidate: Experiment) -> dict[str, Any]:
    """The verdict; an error of which nothing can be decided is one as well."""
    from evals.deciding.verdict import reckon  # numpy, which web processes do without

    settings = asked_of_run(run)
    try:
        verdict = reckon(case_of(run.gate.project, settings, candidate, run.baseline_experiment))
    except CannotDecide as cannot:
        return {"state": State.ERROR, "summary": str(cannot)}
    verdict["judges"] = judge_words(run.gate.project, settings)
    return verdict


@transaction.atomic
def _begin(pk: int) -> None:
    """Begin or find both experiments. Raises: BadPlan, TooMany, NoProvider."""
    run = locked_run(pk)
    if run.state != State.RUNNING or run.candidate_experiment is not None:
        return
    settings = asked_of_run(run)
    run.candidate_experiment = _experiment(run, settings, run.candidate, model=run.model)
    if run.baseline is not None:
        run.baseline_experiment = _experiment(run, settings, run.baseline)
    run.due_at = timezone.now()  # all may be there already
    run.save()
    nudge(TASK)
    changed(run.gate.project_id)


def _experiment(
    run: GateRun, settings: Settings, version: PromptVersion, *, model: str = ""
) -> Experiment:
    gate = run.gate
    # The gate's provider offers the gate's model; of another model its own is asked.
    provider = "" if model else settings.provider
    model = model or settings.model
    is_fresh = run.settings.get("is_fresh") and version == run.candidate
    if not is_fresh:
        found = reusable_experiment(gate, settings, version, provider=provider, model=model)
        if found is not None:
            return found
    versions = versions_by_name(gate.project, settings.evaluators)
    first = [settings.primary, *(one for one in settings.evaluators if one.role != "primary")]
    cap = settings.cost_cap_nano
    plan = Plan(
        dataset=gate.dataset,
        prompt_version=version,
        dataset_version=settings.dataset_version,
        evaluators=[versions[one.name] for one in first if one.name in versions],
        name=f"Gate of {gate.prompt.name} in {gate.environment}: v{version.number}",
        provider=provider,
        model=model,
        feature=settings.feature,
        splits=splits_of(settings),
        repeats=settings.repeats,
        # Both run side by side, so that each has its half.
        cost_cap_nano=cap if cap is None or run.baseline is None else cap // 2,
        purpose=Experiment.Purpose.GATE,
        metadata={"gate": {"id": gate.pk, "provider": provider, "model": model}},
    )
    return start_experiment(gate.project, plan, actor=None)


def asked_of_run(run: GateRun) -> Settings:
    """The settings that the run was begun with."""
    return settings_from({key: one for key, one in run.settings.items() if key != "is_fresh"})


@transaction.atomic
def _close(
    pk: int,
    state: GateRun.State,
    *,
    summary: str = "",
    error: str = "",
    verdict: dict[str, Any] | None = None,
) -> None:
    """Keep the answer and tell it to the change request, if it still is one to what is asked."""
    prompt_id = GateRun.objects.values_list("gate__prompt_id", flat=True).get(pk=pk)
    lock(prompt_id)  # before the audit chain, as everybody does
    run = locked_run(pk)
    if run.state != State.RUNNING:
        return
    if not _still_holds(run):
        state, error = State.CANCELLED, CHANGED
    if state == State.ERROR:
        error = error or summary
    run.state, run.finished_at, run.is_posted = state, timezone.now(), True
    run.summary, run.error = (error or summary)[:500], error[:1000]
    if verdict is not None and state not in (State.CANCELLED, State.ERROR):
        run.verdict = verdict
    run.save()
    record_run("gate.run_finished", run, None)
    post(run)
    changed(run.gate.project_id)
    if state == State.CANCELLED:
        nudge(TASK)  # whoever waits for an answer gets one to what is asked now
