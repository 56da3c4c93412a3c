"""The mapping rules of a project set as a whole, and stored spans that are to follow them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor, record, responsible
from features.mapper import MAPPER
from features.mapping import MOST_RULES, Condition, condition_of, fault_of
from features.models import Feature, MappingRule, MappingState
from features.services.errors import BadRule, NothingToDo

MOST_ERROR = 500


@dataclass(frozen=True)
class NewRule:
    """A rule as somebody writes it; the feature is a registered one."""

    feature: str
    conditions: Sequence[Condition]


@transaction.atomic
def set_rules(
    project: Project, rules: Sequence[NewRule], *, actor: Actor, since: datetime | None = None
) -> list[MappingRule]:
    """Let exactly these rules hold, in this order, for spans that come from now on.

    Spans stored already that started at or after `since` follow them soon; None: they stay as they
    are. The same rules again with a `since` only have stored spans follow. Raises: BadRule.
    """
    state = _alone(project)
    features = {one.name: one for one in Feature.objects.filter(project=project)}
    checked = _checked(rules, features)
    stored = MappingRule.objects.filter(project=project).order_by("place")
    before = [_said(row.feature.name, row.conditions) for row in stored.select_related("feature")]
    after = [_said(rule.feature, [one.plain() for one in rule.conditions]) for rule in checked]
    if before != after:
        MappingRule.objects.filter(project=project).delete()
        MappingRule.objects.bulk_create(
            MappingRule(
                project=project,
                place=place,
                feature=features[rule.feature],
                conditions=[one.plain() for one in rule.conditions],
            )
            for place, rule in enumerate(checked, start=1)
        )
        state.revision += 1
        state.changed_at, state.changed_by = timezone.now(), responsible(actor)
    if since is not None:
        _make_due(state, since)
    state.save()
    if before != after or since is not None:
        record(
            "mapping_rules.set",
            actor=actor,
            project=project,
            subject=state,
            before=before,
            after=after,
            stored_since=since,
        )
    project_id = project.pk
    transaction.on_commit(lambda: MAPPER.forget(project_id))
    return list(MappingRule.objects.filter(project=project).order_by("place"))


@transaction.atomic
def add_rule(
    project: Project, rule: NewRule, *, actor: Actor, since: datetime | None = None
) -> list[MappingRule]:
    """One more rule, after those that hold, whoever else changes them. Raises: BadRule."""
    _alone(project)
    rows = MappingRule.objects.filter(project=project).order_by("place").select_related("feature")
    standing = [
        NewRule(row.feature.name, [condition_of(one) for one in row.conditions]) for row in rows
    ]
    return set_rules(project, [*standing, rule], actor=actor, since=since)


@transaction.atomic
def stop_following(project: Project, *, actor: Actor) -> None:
    """Leave the stored spans that have not followed yet as they are. Raises: NothingToDo."""
    state = _alone(project)
    if state.due_since is None:
        raise NothingToDo("No stored spans are being mapped again.")
    record("mapping_rules.stopped", actor=actor, project=project, subject=state)
    state.due_since = None
    state.finished_at = timezone.now()
    state.error = "Stopped by a person."
    state.save()


def note_progress(
    project_id: int, due_number: int, *, reached: datetime, seen: int, changed: int
) -> bool:
    """Keep how far it came; False where it is no longer due, or from the start again."""
    states = MappingState.objects.filter(
        project_id=project_id, due_number=due_number, due_since__isnull=False
    )
    now = timezone.now()
    return bool(states.update(reached=reached, seen=seen, changed=changed, touched_at=now))


@transaction.atomic
def finish_following(project_id: int, due_number: int, *, error: str = "") -> None:
    """Everything that was due is done, or cannot be; no more where other work is due by now."""
    state = (
        MappingState.objects.select_for_update(no_key=True, of=("self",))
        .select_related("project__organization")
        .filter(project_id=project_id, due_number=due_number, due_since__isnull=False)
        .first()
    )
    if state is None:
        return
    since, state.due_since = state.due_since, None
    state.finished_at, state.error = timezone.now(), error[:MOST_ERROR]
    state.save()
    record(
        "mapping_rules.followed",
        actor=None,
        project=state.project,
        subject=state,
        since=since,
        seen=state.seen,
        changed=state.changed,
        error=state.error,
    )


def _alone(project: Project) -> MappingState:
    """The project's row of state, locked. One change of its rules at a time."""
    MappingState.objects.bulk_create([MappingState(project=project)], ignore_conflicts=True)
    return MappingState.objects.select_for_update(no_key=True).get(project=project)


def _make_due(state: MappingState, since: datetime) -> None:
    """From the start, also where earlier rules were being followed."""
    if state.due_since is not None:
        since = min(since, state.due_since)
    state.due_since, state.due_at = since, timezone.now()
    state.due_number += 1
    state.reached = state.touched_at = state.finished_at = None
    state.seen = state.changed = 0
    state.error = ""


def _checked(rules: Sequence[NewRule], features: dict[str, Feature]) -> list[NewRule]:
    if len(rules) > MOST_RULES:
        raise BadRule(f"A project has at most {MOST_RULES} mapping rules.")
    found = []
    for place, rule in enumerate(rules, start=1):
        if rule.feature not in features:
            raise BadRule(f"There is no feature {rule.feature!r}; register it first.", place)
        conditions = [_plain(one) for one in rule.conditions]
        if fault := fault_of(conditions):
            raise BadRule(fault, place)
        found.append(NewRule(rule.feature, conditions))
    return found


def _plain(one: Condition) -> Condition:
    """As the database takes it. Spaces at the ends of a value may be meant."""
    said = {name: _text(value) for name, value in one.plain().items()}
    return condition_of(said | {"key": _text(one.key)})


def _text(given: str) -> str:
    return given.replace("\0", "").encode("utf-8", "replace").decode()


def _said(feature: str, conditions: list[dict[str, Any]]) -> dict[str, Any]:
    return {"feature": feature, "when": conditions}
