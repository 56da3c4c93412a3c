"""Versions of evaluators: written, proposed, and brought into use by another person."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.services.trail import Actor, record, responsible
from evals.evaluating.comparing import weakenings
from evals.evaluating.settings import Terms
from evals.models import Evaluator, EvaluatorVersion, Proposal
from evals.queries.evaluator_proposals import deciders_of, fault_of_decision
from evals.queries.evaluators import terms_of
from evals.services.errors import NeedsPerson, NothingToDo
from evals.services.evaluator_errors import (
    BadEvaluator,
    EvaluatorMoved,
    NotForYou,
    ProposalClosed,
)
from evals.services.evaluator_news import tell_of_version
from evals.services.evaluators import add_version, checked, hash_of, lock, told
from evals.services.score_terms import align_definition
from prompts.services.locking import label_of

LONGEST_REASON = 5_000
State = EvaluatorVersion.State


@transaction.atomic
def draft_version(
    evaluator: Evaluator, terms: Terms, *, actor: Actor, message: str = ""
) -> EvaluatorVersion:
    """The next version, which is in use only when it is approved; the same again is none.

    Raises: BadEvaluator, NothingToDo (the newest version says so already).
    """
    evaluator = lock(evaluator)
    if evaluator.archived_at is not None:
        raise NothingToDo(f"{evaluator.name} is archived: restore it first.")
    terms = checked(evaluator.kind, terms)
    newest = evaluator.versions.order_by("-number").first()
    if newest is not None and newest.content_hash == hash_of(terms):
        raise NothingToDo(f"{newest} says so already.")
    sealed = newest.secret_sealed if newest is not None else ""
    version = add_version(evaluator, terms, actor=actor, message=message, secret_sealed=sealed)
    record(
        "evaluator.version_created",
        actor=actor,
        project=evaluator.project,
        subject=evaluator,
        name=evaluator.name,
        number=version.number,
        message=version.message,
    )
    return version


@transaction.atomic
def propose_version(version: EvaluatorVersion, *, actor: Actor, reason: str = "") -> Proposal:
    """Ask for `version` to be used; the one in use stays until another person approves.

    An approved version of before may be proposed again. What it weakens is told with it.
    Raises: NothingToDo (it is in use), ProposalClosed (another proposal waits).
    """
    evaluator = lock(version.evaluator)
    version = evaluator.versions.get(pk=version.pk)
    if evaluator.archived_at is not None:
        raise NothingToDo(f"{evaluator.name} is archived: restore it first.")
    if evaluator.current_id == version.pk:
        raise NothingToDo(f"{evaluator.name} v{version.number} is in use already.")
    if waiting := open_proposal(evaluator):
        raise ProposalClosed(
            f"A proposal of v{waiting.version.number if waiting.version else '?'} waits for a "
            "decision: decide or withdraw it first."
        )
    current = evaluator.current
    before = terms_of(current) if current is not None else None
    after = terms_of(version)
    made = Proposal.objects.create(
        project=evaluator.project,
        kind=Proposal.Kind.EVALUATOR,
        version=version,
        before={"number": current.number, **told(before)} if current and before else None,
        after={"number": version.number, **told(after)},
        weakens=weakenings(evaluator.kind, before, after) if before else [],
        reason=reason.replace("\0", "").strip()[:LONGEST_REASON],
        author=responsible(actor),
        made_with=actor if isinstance(actor, ApiKey) else None,
        author_label=label_of(actor),
    )
    made.version, made.project = version, evaluator.project
    _record("evaluator.proposed", made, evaluator, actor, reason=made.reason)
    tell_of_version("evaluator.proposed", made, evaluator, actor=actor)
    return made


@transaction.atomic
def approve_version(proposal: Proposal, *, actor: Actor, note: str = "") -> EvaluatorVersion:
    """Let the proposed version be the one in use; the score's definition follows it.

    Raises: NeedsPerson, ProposalClosed, NotForYou (an author, where anybody else could),
    EvaluatorMoved (another version came into use meanwhile), BadEvaluator.
    """
    proposal, evaluator, version, person = _decided_by(proposal, actor)
    held = evaluator.current.number if evaluator.current else None
    if held != (proposal.before or {}).get("number"):
        raise EvaluatorMoved(
            f"v{held} came into use since this was proposed: withdraw it and propose anew."
        )
    version.state, version.approved_by, version.approved_at = State.APPROVED, person, _now()
    version.save(update_fields=["state", "approved_by", "approved_at"])
    evaluator.current = version
    evaluator.save(update_fields=["current"])
    terms = terms_of(version)
    align_definition(
        evaluator.project, evaluator.name, evaluator.kind, terms, evaluator.description, actor=actor
    )
    _close(proposal, Proposal.State.APPROVED, person, note)
    _record("evaluator.approved", proposal, evaluator, actor, reason=proposal.note)
    tell_of_version("evaluator.approved", proposal, evaluator, actor=actor)
    return version


@transaction.atomic
def reject_version(proposal: Proposal, *, actor: Actor, note: str) -> Proposal:
    """Say no, and why. Raises: as `approve_version`, BadEvaluator (no reason)."""
    proposal, evaluator, version, person = _decided_by(proposal, actor)
    if not note.strip():
        raise BadEvaluator([("note", "Say why, so that the next proposal is better.")])
    if version.state == State.DRAFT:
        version.state = State.REJECTED
        version.save(update_fields=["state"])
    _close(proposal, Proposal.State.REJECTED, person, note)
    _record("evaluator.rejected", proposal, evaluator, actor, reason=proposal.note)
    tell_of_version("evaluator.rejected", proposal, evaluator, actor=actor)
    return proposal


@transaction.atomic
def withdraw_version(proposal: Proposal, *, actor: Actor) -> Proposal:
    """Take a proposal back. Raises: ProposalClosed, NotForYou (somebody else wrote it)."""
    proposal, evaluator, _ = _reread(proposal)
    if actor is not None and responsible(actor) != proposal.author:
        raise NotForYou(f"{proposal.author_label} wrote this proposal and takes it back.")
    _close(proposal, Proposal.State.WITHDRAWN, responsible(actor), "")
    _record("evaluator.withdrawn", proposal, evaluator, actor)
    return proposal


def open_proposal(evaluator: Evaluator) -> Proposal | None:
    """The proposal that waits for a decision, or None."""
    return (
        Proposal.objects.filter(version__evaluator=evaluator, state=Proposal.State.OPEN)
        .select_related("version", "author")
        .first()
    )


def _reread(proposal: Proposal) -> tuple[Proposal, Evaluator, EvaluatorVersion]:
    """The proposal under its evaluator's lock, so that no two decisions cross."""
    known = Proposal.objects.select_related("version__evaluator").get(pk=proposal.pk)
    if known.version is None:
        raise ProposalClosed("The version of this proposal is gone.")
    evaluator = lock(known.version.evaluator)
    fresh = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("author", "version")
        .get(pk=proposal.pk)
    )
    if fresh.state != Proposal.State.OPEN:
        raise ProposalClosed(f"This is {fresh.get_state_display().lower()} already.")
    version = evaluator.versions.get(pk=known.version.pk)
    version.evaluator = evaluator
    fresh.version = version
    return fresh, evaluator, version


def _decided_by(
    proposal: Proposal, actor: Actor
) -> tuple[Proposal, Evaluator, EvaluatorVersion, User]:
    if not isinstance(actor, User):
        raise NeedsPerson("A person decides about an evaluator; a key cannot.")
    fresh, evaluator, version = _reread(proposal)
    if fault := fault_of_decision(fresh, actor, deciders_of(fresh)):
        raise NotForYou(fault)
    return fresh, evaluator, version, actor


def _close(proposal: Proposal, state: Proposal.State, by: User | None, note: str) -> None:
    proposal.state, proposal.decided_by, proposal.decided_at = state, by, _now()
    proposal.note = note.replace("\0", "").strip()[:LONGEST_REASON]
    proposal.save()


def _record(
    action: str, proposal: Proposal, evaluator: Evaluator, actor: Actor, **details: Any
) -> None:
    before, after = proposal.before or {}, proposal.after or {}
    changed = [key for key in after if before.get(key) != after[key]]
    record(
        action,
        actor=actor,
        project=evaluator.project,
        subject=evaluator,
        name=evaluator.name,
        proposal=proposal.pk,
        weakens=list(proposal.weakens),
        before={key: before.get(key) for key in changed if before},
        after={key: after[key] for key in changed},
        **details,
    )


_now = timezone.now
