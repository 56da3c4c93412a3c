"""Saved views: saved, renamed, changed, shared, deleted, made the project's default."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Project, User
from accounts.services.trail import record
from kit.errors import DomainError
from traces.models import SavedView

LONGEST_NAME = 80
LONGEST_QUERY = 6000
MOST_VIEWS = 200  # of a person, and of a team


class NotSaved(DomainError):
    """The view cannot be saved like this; the text is for the person."""


@transaction.atomic
def save_view(
    project: Project, name: str, query: str, *, actor: User, is_shared: bool = False
) -> SavedView:
    """A new view with `query` (as `pages.view_picker.cleaned` writes it). Raises: NotSaved."""
    same = SavedView.objects.filter(project=project, is_shared=is_shared)
    if not is_shared:
        same = same.filter(owner=actor)
    if same.count() >= MOST_VIEWS:
        raise NotSaved(f"There are {MOST_VIEWS} views already. Delete one first.")
    view = SavedView(project=project, owner=actor, name=_name(name), is_shared=is_shared)
    view.query = _query(query)
    _store(view)
    _tell(view, "saved", actor)
    return view


@transaction.atomic
def change_view(
    view: SavedView, *, actor: User, name: str | None = None, query: str | None = None
) -> SavedView:
    """Rename a view, or let it be another list. Raises: NotSaved."""
    before = {"name": view.name, "query": view.query}
    view.name = view.name if name is None else _name(name)
    view.query = view.query if query is None else _query(query)
    if before != {"name": view.name, "query": view.query}:
        _store(view)
        _tell(view, "changed", actor, before=before)
    return view


@transaction.atomic
def set_default(view: SavedView, *, actor: User, is_default: bool = True) -> SavedView:
    """Let the project's list open with this view of the team, or no longer. Raises: NotSaved."""
    if is_default and not view.is_shared:
        raise NotSaved("Only a view of the team can be the project's default.")
    others = SavedView.objects.select_for_update().filter(project=view.project, is_default=True)
    others.exclude(pk=view.pk).update(is_default=False)
    view.is_default = is_default
    view.save(update_fields=["is_default", "updated_at"])
    _tell(view, "made_default" if is_default else "no_default", actor)
    return view


@transaction.atomic
def delete_view(view: SavedView, *, actor: User) -> None:
    """Delete a view; nobody's list changes."""
    _tell(view, "deleted", actor)
    view.delete()


def _store(view: SavedView) -> None:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise NotSaved(f"There is a view named {view.name} already.") from None


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise NotSaved(f"Give it a name of 1 to {LONGEST_NAME} characters.")
    return name


def _query(text: str) -> str:
    if len(text) > LONGEST_QUERY or "\0" in text or "%00" in text:
        raise NotSaved("The list's address is too long to be saved.")
    return text


def _tell(view: SavedView, what: str, actor: User, **details: Any) -> None:
    """What concerns the team stands in the audit log; one's own views concern nobody."""
    if view.is_shared:
        said = {"name": view.name, "query": view.query, **details}
        record(f"view.{what}", actor=actor, project=view.project, subject=view, **said)
