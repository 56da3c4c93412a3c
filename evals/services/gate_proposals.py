"""Gates change by proposals that another person approves; what they weaken is told and kept."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import ApiKey, Project, User
from accounts.services.trail import Actor, record, responsible
from evals.deciding.settings import BadSettings, Settings, below, checked, settings_from
from evals.deciding.weakening import weakenings
from evals.models import EvaluatorVersion, Gate, Proposal
from evals.queries.datasets import dataset_named
from evals.queries.gate_cases import lost_items
from evals.queries.gates import asked_by_target, gate_for, settings_of, versions_by_name
from evals.queries.planning import NO_PAIRS_IN_GATES, is_pairwise
from evals.services.errors import NeedsPerson, NothingToDo
from evals.services.gate_errors import BadGate, GateMoved, NotOpen, NotYours, WeakerThanTarget
from kit.jobs import nudge
from prompts.models import Prompt
from prompts.queries.environments import people_who_review
from prompts.rules.names import fault_of_label
from prompts.services.locking import label_of, pages_changed

TASK = "evals.run_gates"
State = Proposal.State


@transaction.atomic
def propose_gate(
    prompt: Prompt, environment: str, settings: Settings, *, actor: Actor, reason: str = ""
) -> Proposal:
    """Ask for a gate to be so; it is as before until another person approves.

    Raises: BadGate, WeakerThanTarget, NothingToDo.
    """
    project = prompt.project
    if fault := fault_of_label(environment):
        raise BadGate(fault, "environment")
    Prompt.objects.select_for_update(no_key=True).get(pk=prompt.pk)
    gate = gate_for(prompt, environment)
    before = settings_of(gate) if gate else None
    _refuse_bad(project, settings, before)
    if before == settings:
        raise NothingToDo("The gate is so already.")
    waiting = Proposal.objects.filter(
        project=project, kind=Proposal.Kind.GATE, prompt=prompt, environment=environment,
        state=State.OPEN,
    )  # fmt: skip
    if other := waiting.first():
        raise NothingToDo(f"Proposal {other.pk} waits for a decision: decide or withdraw it first.")
    made = Proposal.objects.create(
        project=project,
        kind=Proposal.Kind.GATE,
        gate=gate,
        prompt=prompt,
        environment=environment,
        before=before.told() if before else None,
        after=settings.told(),
        weakens=_weakens(project, before, settings),
        reason=reason.replace("\0", "")[:5000],
        author=responsible(actor),
        made_with=actor if isinstance(actor, ApiKey) else None,
        author_label=label_of(actor),
    )
    _record("gate.proposed", made, actor, reason=made.reason)
    return made


@transaction.atomic
def approve_gate(proposal: Proposal, *, actor: Actor, note: str = "") -> Gate:
    """Let the gate be so from now on; runs of what it asked before no longer count.

    Raises: NeedsPerson, NotOpen, NotYours (the author, where anybody else could), GateMoved,
    BadGate, WeakerThanTarget.
    """
    proposal, person = _decider(proposal, actor)
    prompt, project = _prompt(proposal), proposal.project
    gate = gate_for(prompt, proposal.environment)
    before = settings_of(gate) if gate else None
    if (before.told() if before else None) != proposal.before:
        raise GateMoved("The gate changed since this was proposed: withdraw it and propose anew.")
    try:
        settings = settings_from(proposal.after or {})
    except (BadSettings, KeyError, TypeError) as wrong:
        raise BadGate(str(wrong)) from None
    _refuse_bad(project, settings, before)
    gate = gate or Gate(
        project=project, prompt=prompt, environment=proposal.environment, revision=0,
        created_by=proposal.author,
    )  # fmt: skip
    _write(gate, settings)
    proposal.gate, proposal.weakens = gate, _weakens(project, before, settings)
    _decide(proposal, State.APPROVED, person, note)
    _record("gate.approved", proposal, actor, reason=proposal.note, revision=gate.revision)
    pages_changed(project.pk)
    nudge(TASK)
    return gate


@transaction.atomic
def reject_gate(proposal: Proposal, *, actor: Actor, note: str) -> Proposal:
    """Say no, and why. Raises: NeedsPerson, NotOpen, NotYours, BadGate (no reason)."""
    proposal, person = _decider(proposal, actor)
    if not note.strip():
        raise BadGate("Say why, so that the next proposal is better.", "note")
    _decide(proposal, State.REJECTED, person, note)
    _record("gate.rejected", proposal, actor, reason=proposal.note)
    return proposal


@transaction.atomic
def withdraw_gate(proposal: Proposal, *, actor: Actor) -> Proposal:
    """Take a proposal back. Raises: NotOpen, NotYours (somebody else wrote it)."""
    proposal = _reread(proposal)
    if actor is not None and responsible(actor) != proposal.author:
        raise NotYours(f"{proposal.author_label} wrote this proposal and takes it back.")
    _decide(proposal, State.WITHDRAWN, responsible(actor), "")
    _record("gate.withdrawn", proposal, actor)
    return proposal


def approvers_of(project: Project, author: User | None) -> list[User]:
    """Who may decide: whoever reviews, but for the author, unless there is nobody else."""
    people = people_who_review(project)
    return [one for one in people if one != author] or people


def _decider(proposal: Proposal, actor: Actor) -> tuple[Proposal, User]:
    """The proposal under its lock, and the person who may decide it."""
    proposal = _reread(proposal)
    if not isinstance(actor, User):
        raise NeedsPerson("A person decides about a gate; a key cannot.")
    able = approvers_of(proposal.project, proposal.author)
    if actor not in able:
        names = " or ".join(sorted(one.display_name for one in able)) or "a reviewer"
        if actor == proposal.author:
            raise NotYours(f"You proposed this; {names} can decide it.")
        raise NotYours(f"Deciding about a gate needs the role reviewer: {names} can.")
    return proposal, actor


def _reread(proposal: Proposal) -> Proposal:
    fresh = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("project__organization", "author", "prompt", "gate")
        .get(pk=proposal.pk, kind=Proposal.Kind.GATE)
    )
    if fresh.state != State.OPEN:
        raise NotOpen(f"Proposal {fresh.pk} is {fresh.get_state_display().lower()} already.")
    return fresh


def _prompt(proposal: Proposal) -> Prompt:
    if proposal.prompt_id is None:
        raise GateMoved("The prompt of this proposal is gone.")
    prompt = Prompt.objects.select_for_update(no_key=True).get(pk=proposal.prompt_id)
    prompt.project = proposal.project
    return prompt


def _refuse_bad(project: Project, settings: Settings, before: Settings | None) -> None:
    """Raises: BadGate, WeakerThanTarget."""
    try:
        checked(settings)
    except BadSettings as wrong:
        raise BadGate(str(wrong), wrong.where) from None
    dataset = dataset_named(project, settings.dataset)
    if dataset is None or dataset.archived_at is not None:
        raise BadGate(f"There is no dataset {settings.dataset}.", "dataset")
    if not 0 < settings.dataset_version <= dataset.last_number:
        raise BadGate(
            f"{settings.dataset} has no version {settings.dataset_version}.", "dataset_version"
        )
    found = versions_by_name(project, settings.evaluators)
    for one in settings.evaluators:
        version = found.get(one.name)
        if version is None:
            raise BadGate(f"There is no evaluator {one}.", "evaluators")
        if version.state != EvaluatorVersion.State.APPROVED:
            raise BadGate(f"{one} is not approved, so no gate may use it.", "evaluators")
        if is_pairwise(version):
            raise BadGate(f"{one.name} {NO_PAIRS_IN_GATES}", "evaluators")
    _refuse_weaker(project, settings, before)


def _refuse_weaker(project: Project, settings: Settings, before: Settings | None) -> None:
    former = before.feature if before is not None else ""
    if former != settings.feature and asked_by_target(project, former) is not None:
        raise WeakerThanTarget(former, ["The gate stays bound to it."])
    asked = asked_by_target(project, settings.feature)
    if asked is not None and (faults := below(settings, asked)):
        raise WeakerThanTarget(settings.feature, faults)


def _weakens(project: Project, before: Settings | None, after: Settings) -> list[str]:
    if before is None:
        return []
    return weakenings(before, after, lost_items=lost_items(project, before, after))


def _write(gate: Gate, settings: Settings) -> None:
    project = gate.project
    dataset = dataset_named(project, settings.dataset)
    if dataset is None:
        raise BadGate(f"There is no dataset {settings.dataset}.", "dataset")
    versions = versions_by_name(project, settings.evaluators)
    told = settings.told()
    for name in (
        "dataset_version", "guards", "feature", "margin", "bar", "repeats", "smallest_sample",
        "slices", "with_held_out", "provider", "model", "cost_cap_nano", "is_enabled",
    ):  # fmt: skip
        setattr(gate, name, told[name])
    gate.dataset = dataset
    gate.evaluators = [one | {"evaluator": versions[one["name"]].pk} for one in told["evaluators"]]
    gate.revision += 1
    gate.changed_at = timezone.now()
    gate.save()


def _decide(proposal: Proposal, state: Proposal.State, by: User | None, note: str) -> None:
    proposal.state, proposal.decided_by, proposal.decided_at = state, by, timezone.now()
    proposal.note = note.replace("\0", "")[:5000]
    proposal.save()


def _record(action: str, proposal: Proposal, actor: Actor, **details: Any) -> None:
    before, after = proposal.before or {}, proposal.after or {}
    changed = [key for key in after if before.get(key) != after[key]]
    record(
        action,
        actor=actor,
        project=proposal.project,
        subject=proposal.gate or proposal,
        prompt=proposal.prompt.name if proposal.prompt else "",
        environment=proposal.environment,
        proposal=proposal.pk,
        weakens=list(proposal.weakens),
        before={key: before.get(key) for key in changed if before},
        after={key: after[key] for key in changed},
        **details,
    )
