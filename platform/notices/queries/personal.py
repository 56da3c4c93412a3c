"""A person's notices, and how they want them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.access import projects_of
from accounts.models import Project, User
from notices.events import Event, Wish, personal_events
from notices.models import MutedProject, NoticeWish, PersonalNotice

MOST_COUNTED = 99


@dataclass(frozen=True)
class EventWish:
    """An event with how the person wants it."""

    event: Event
    wish: Wish
    is_default: bool


@dataclass(frozen=True)
class Wishes:
    """All that a person has chosen: event by event, and projects of which they want nothing."""

    events: list[EventWish]
    projects: list[Project]
    muted: set[int]


def list_notices(user: User, *, before: int | None = None) -> QuerySet[PersonalNotice]:
    """The person's notices of projects they may still enter, newest first.

    Only those before the id `before`, where it is given.
    """
    rows = PersonalNotice.objects.filter(user=user, project__in=projects_of(user))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return rows.select_related("project").order_by("-pk")


def get_notice(user: User, pk: int) -> PersonalNotice | None:
    """The person's notice of this id."""
    return list_notices(user).filter(pk=pk).first()


def count_unread(user: User) -> int:
    """How many notices are new to the person, counted up to 100."""
    return list_notices(user).filter(read_at=None)[: MOST_COUNTED + 1].count()


def wishes_of(user: User) -> Wishes:
    """What the person gets, event by event and project by project."""
    chosen = {row.event: Wish(row.wish) for row in NoticeWish.objects.filter(user=user)}
    muted = MutedProject.objects.filter(user=user).values_list("project_id", flat=True)
    return Wishes(
        [
            EventWish(event, chosen.get(event.name, event.default), event.name not in chosen)
            for event in personal_events()
            if event.default is not None
        ],
        list(projects_of(user)),
        set(muted),
    )
