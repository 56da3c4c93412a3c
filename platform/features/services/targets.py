"""Targets written, proposed, approved, declined and withdrawn."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.services.trail import Actor, record, responsible
from features.models import Feature, Target
from features.queries.approving import fault_of_approval, may_decide
from features.services.acting import label_of, lock
from features.services.errors import BadTarget, NeedsPerson, NotOpen, NotYours, SelfApproval
from features.services.news import tell_of_target
from features.signals import target_approved
from features.terms import NAMES, Terms, checked, terms_of

LONGEST_NOTE = 10_000


@transaction.atomic
def draft_target(feature: Feature, terms: Terms, *, actor: Actor) -> Target:
    """Write the feature's draft, which is made where there is none.

    Raises: BadTarget, NotOpen (a proposal is open: it is withdrawn first).
    """
    feature = lock(feature.pk)
    return _drafted(feature, terms, actor)


@transaction.atomic
def propose_target(
    feature: Feature, terms: Terms, *, actor: Actor, at: datetime | None = None
) -> Target:
    """Write the feature's draft and ask for approval of it, now; `at` is for the demo's story.

    Raises: as `draft_target`.
    """
    feature = lock(feature.pk)
    target = _drafted(feature, terms, actor)
    target.created_at = at or target.created_at
    return _proposed(target, actor, at)


@transaction.atomic
def propose_draft(target: Target, *, actor: Actor) -> Target:
    """Ask for approval of what stands as a draft. Raises: NotOpen."""
    target = _reread(target)
    if target.state != Target.State.DRAFT:
        raise NotOpen(_stands(target))
    return _proposed(target, actor)


@transaction.atomic
def approve_target(
    target: Target, *, actor: Actor, note: str = "", at: datetime | None = None
) -> Target:
    """Let `target` hold from now on (`at` is for the demo's story), in place of the one that held.

    Raises: NeedsPerson (keys never approve), NotOpen, NotYours, SelfApproval.
    """
    target = _reread(target)
    person = _decider(target, actor)
    now = at or timezone.now()
    held = target.feature.targets.filter(state=Target.State.APPROVED).first()
    if held is not None:
        held.state = Target.State.REPLACED
        held.replaced_at = now
        held.save(update_fields=["state", "replaced_at"])
    _decide(target, Target.State.APPROVED, person, note, now)
    before, after = _differing(held, target)
    record(
        "feature_target.approved",
        actor=actor,
        project=target.feature.project,
        subject=target,
        reason=target.note,
        feature=target.feature.name,
        number=target.number,
        replaces=held.number if held else None,
        by_its_author=person.pk in target.writers,
        before=before,
        after=after,
    )
    tell_of_target("feature.target_approved", target, actor=actor)
    told: dict[str, Any] = {
        "project_id": target.feature.project_id,
        "feature": target.feature.name,
        "number": target.number,
    }
    transaction.on_commit(lambda: target_approved.send(Target, **told))
    return target


@transaction.atomic
def decline_target(target: Target, *, actor: Actor, note: str) -> Target:
    """Say no to what is proposed, and why. Raises: as `approve_target`, BadTarget (no reason)."""
    target = _reread(target)
    person = _decider(target, actor)
    if not note.strip():
        raise BadTarget({"note": "Say why, so that the next one is better."})
    _decide(target, Target.State.DECLINED, person, note)
    _record("feature_target.declined", target, actor)
    tell_of_target("feature.target_declined", target, actor=actor)
    return target


@transaction.atomic
def withdraw_target(target: Target, *, actor: Actor, note: str = "") -> Target:
    """Take back a draft or a proposal; what holds goes on holding. Raises: NotOpen."""
    target = _reread(target)
    if not target.is_open:
        raise NotOpen(_stands(target))
    _decide(target, Target.State.WITHDRAWN, None, note)
    _record("feature_target.withdrawn", target, actor)
    return target


def _drafted(feature: Feature, terms: Terms, actor: Actor) -> Target:
    """The draft with these terms; the feature is locked."""
    said, faults = checked(terms)
    if faults:
        raise BadTarget(faults)
    opened = feature.targets.filter(state__in=Target.OPEN).first()
    if opened is not None and opened.state == Target.State.PROPOSED:
        raise NotOpen(
            f"Target {opened.number} waits for approval. Withdraw it to propose another one."
        )
    who = responsible(actor)
    target = opened or _numbered(feature, actor)
    if opened is not None and all(getattr(opened, name) == getattr(said, name) for name in NAMES):
        return opened
    for name in NAMES:
        setattr(target, name, getattr(said, name))
    if who is not None and who.pk not in target.writers:
        target.writers = [*target.writers, who.pk]
    target.feature = feature
    target.save()
    action = "feature_target.changed" if opened else "feature_target.drafted"
    _record(action, target, actor)
    return target


def _numbered(feature: Feature, actor: Actor) -> Target:
    feature.last_number += 1
    feature.save(update_fields=["last_number"])
    held = feature.targets.filter(state=Target.State.APPROVED).first()
    return Target(
        feature=feature,
        number=feature.last_number,
        base=held.number if held else None,
        author=responsible(actor),
        made_with=actor if isinstance(actor, ApiKey) else None,
        author_label=label_of(actor),
    )


def _proposed(target: Target, actor: Actor, at: datetime | None = None) -> Target:
    target.state = Target.State.PROPOSED
    target.proposed_at = at or timezone.now()
    target.save(update_fields=["state", "proposed_at", "created_at"])
    _record("feature_target.proposed", target, actor)
    tell_of_target("feature.target_proposed", target, actor=actor, to=may_decide(target))
    return target


def _decider(target: Target, actor: Actor) -> User:
    """The person who may decide. Raises: NeedsPerson, NotOpen, NotYours, SelfApproval."""
    if not isinstance(actor, User):
        raise NeedsPerson("A target is approved by a person, never by a key.")
    if target.state != Target.State.PROPOSED:
        raise NotOpen(_stands(target))
    if fault := fault_of_approval(target, actor):
        raise (SelfApproval if actor.pk in target.writers else NotYours)(fault)
    return actor


def _decide(
    target: Target, state: str, person: User | None, note: str, at: datetime | None = None
) -> None:
    target.state = state
    target.decided_at = at or timezone.now()
    target.note = note.replace("\0", "").encode("utf-8", "replace").decode().strip()[:LONGEST_NOTE]
    if person is not None:
        target.approver = person
        target.approver_label = label_of(person)
    target.save(update_fields=["state", "decided_at", "note", "approver", "approver_label"])


def _reread(target: Target) -> Target:
    """The target as it stands, its feature locked."""
    feature = lock(target.feature_id)
    found = feature.targets.select_related("author", "approver").get(pk=target.pk)
    found.feature = feature
    return found


def _stands(target: Target) -> str:
    return f"Target {target.number} is {target.get_state_display().lower()}."


def _record(action: str, target: Target, actor: Actor) -> None:
    held = target.feature.targets.filter(number=target.base).first() if target.base else None
    before, after = _differing(held, target)
    record(
        action,
        actor=actor,
        project=target.feature.project,
        subject=target,
        reason=target.note or target.reason,
        feature=target.feature.name,
        number=target.number,
        before=before,
        after=after,
    )


def _differing(held: Target | None, target: Target) -> tuple[dict[str, Any], dict[str, Any]]:
    """What differs from the target that holds, for the audit trail."""
    now = terms_of(target)
    was = terms_of(held) if held is not None else None
    names = [name for name in NAMES if was is None or getattr(was, name) != getattr(now, name)]
    before = {name: getattr(was, name) for name in names} if was is not None else {}
    return before, {name: getattr(now, name) for name in names}
