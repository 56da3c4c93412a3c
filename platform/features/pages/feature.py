"""The page of a feature: who answers for it, what good means, what is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from accounts.access import Door
from accounts.models import Role, User
from accounts.queries import list_members
from features.models import BlastRadius, Feature, Target
from features.pages.words import bar_words, differences
from features.queries.approving import approvers_of, fault_of_approval, may_decide
from features.queries.registry import list_targets, questions_about
from features.queries.rules import list_rules

_BLAST = {choice.value: choice.label for choice in BlastRadius}
_LOUD = (BlastRadius.MOVES_MONEY, BlastRadius.SENDS_MESSAGES, BlastRadius.REGULATED_DATA)


@dataclass(frozen=True)
class Past:
    """A target in the history, with what it changed."""

    target: Target
    bar: str
    changed: list[str]


@dataclass(frozen=True)
class Reach:
    """One word of the blast radius, and whether it asks for care."""

    label: str
    is_loud: bool


def page_of(door: Door, feature: Feature) -> dict[str, Any]:
    """Everything the page shows without asking for traffic."""
    targets = list(list_targets(feature))
    held = next((one for one in targets if one.state == Target.State.APPROVED), None)
    opened = next((one for one in targets if one.is_open), None)
    members = {row.user.pk for row in list_members(door.project) if row.user.is_active}
    return {
        "feature": feature,
        "held": held,
        "bar": bar_words(held) if held else "",
        "reaches": reaches_of(held) if held else [],
        "opened": opened,
        "history": history_of(targets),
        "questions": questions_about(feature, held, opened, members=members),
        "rules": [row for row in list_rules(door.project) if row.feature_id == feature.pk],
        "traces_query": urlencode({"q": f"feature:{quoted(feature.name)}"}),
        "may_write": door.may(Role.ENGINEER),
    }


def history_of(targets: list[Target]) -> list[Past]:
    """The newest first; each against the one that held when it was written."""
    by_number = {target.number: target for target in targets}
    return [
        Past(
            target,
            bar_words(target),
            [one.label for one in differences(by_number.get(target.base or 0), target)]
            if target.base
            else [],
        )
        for target in targets
    ]


def reaches_of(target: Target) -> list[Reach]:
    """Its blast radius in words."""
    return [Reach(_BLAST.get(word, word), word in _LOUD) for word in target.blast_radius]


def decision_of(target: Target, person: User) -> dict[str, Any]:
    """Who may decide about a target, whether `person` may, and if not why."""
    if target.state != Target.State.PROPOSED:
        return {"deciders": [], "fault": "", "may_decide": False}
    approvers = approvers_of(target.feature)
    fault = fault_of_approval(target, person)
    return {
        "deciders": may_decide(target, approvers),
        "fault": fault,
        "may_decide": not fault,
        "is_own": person.pk in target.writers and not fault,
    }


def quoted(name: str) -> str:
    """A name as the query language of traces takes it."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
