"""The picker of saved views: which one is open, and whether the list differs from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from accounts.models import Role, User
from traces.models import SavedView
from traces.values.score_parameters import PREFIX

# What a view is: how the list is narrowed, ordered and laid out. Not where one stands in it.
PARAMETERS = (
    "q", "env", "t", "sort", "cols", "chart", "density", "status", "name", "feature", "model",
    "prompt", "tag", "release", "user", "session", "min_duration", "max_duration", "min_cost",
    "max_cost", "min_tokens", "max_tokens", "outcome",
)  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """A view in the picker."""

    view: SavedView
    href: str
    is_open: bool
    may_change: bool
    may_delete: bool


@dataclass(frozen=True)
class Picker:
    """`changed`: the list differs from the open view. `query` is the list as it would be saved."""

    mine: list[Choice] = field(default_factory=list)
    team: list[Choice] = field(default_factory=list)
    open: Choice | None = None
    changed: bool = False
    query: str = ""
    may_share: bool = False
    may_default: bool = False


def cleaned(parameters: Iterable[tuple[str, str]]) -> str:
    """The parameters of a view as one text, always in the same order."""
    kept = {
        name: value
        for name, value in parameters
        if value.strip() and (name in PARAMETERS or name.startswith(PREFIX))
    }
    return urlencode(sorted(kept.items()))


def picker(views: Iterable[SavedView], given: Mapping[str, str], user: User, role: Role) -> Picker:
    """What the picker shows at the address with the parameters `given`."""
    now = cleaned(given.items())
    chosen = given.get("view", "")
    mine: list[Choice] = []
    team: list[Choice] = []
    for view in views:
        choice = Choice(
            view,
            f"?{view.query}&view={view.pk}" if view.query else f"?view={view.pk}",
            is_open=str(view.pk) == chosen,
            may_change=may_change(view, user, role),
            may_delete=may_delete(view, user, role),
        )
        (team if view.is_shared else mine).append(choice)
    shown = next((choice for choice in (*mine, *team) if choice.is_open), None)
    return Picker(
        mine=mine,
        team=team,
        open=shown,
        changed=shown is not None and cleaned(parse_qsl(shown.view.query)) != now,
        query=now,
        may_share=role.rank >= Role.ENGINEER.rank,
        may_default=role.rank >= Role.ADMIN.rank,
    )


def may_change(view: SavedView, user: User, role: Role) -> bool:
    """One's own always; the team's from engineers on; the project's default only admins."""
    if not view.is_shared:
        return view.owner_id == user.pk
    least = Role.ADMIN if view.is_default else Role.ENGINEER
    return role.rank >= least.rank


def may_delete(view: SavedView, user: User, role: Role) -> bool:
    """One's own; of the team's whoever made it, and admins; the default only admins."""
    if not view.is_shared:
        return view.owner_id == user.pk
    if role.rank >= Role.ADMIN.rank:
        return True
    is_author = view.owner_id == user.pk and role.rank >= Role.ENGINEER.rank
    return is_author and not view.is_default
