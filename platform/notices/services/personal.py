"""What a person does with their own notices: reads them, and chooses how to get them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils import timezone

from accounts.access import projects_of
from accounts.models import User
from accounts.services.people import organization_of
from accounts.services.trail import record
from notices.events import Wish, personal_events
from notices.models import MutedProject, NoticeWish, PersonalNotice
from notices.services.telling import announce_to


@transaction.atomic
def mark_read(user: User, pks: Collection[int] | None = None) -> int:
    """The person has read these notices of theirs, or all; how many were new."""
    unread = PersonalNotice.objects.filter(user=user, read_at=None)
    if pks is not None:
        unread = unread.filter(pk__in=pks)
    count = unread.update(read_at=timezone.now())
    if count:
        announce_to([user.pk])
    return count


@transaction.atomic
def set_wishes(user: User, wishes: Mapping[str, Wish], *, muted: Collection[int]) -> None:
    """From now on the person gets each event as they wish, and nothing of the muted projects.

    `muted` are ids of projects; those that the person cannot enter are passed over.
    """
    defaults = {event.name: event.default for event in personal_events()}
    changed = {name: wish for name, wish in wishes.items() if name in defaults}
    NoticeWish.objects.filter(user=user, event__in=changed).delete()
    NoticeWish.objects.bulk_create(
        NoticeWish(user=user, event=name, wish=wish)
        for name, wish in changed.items()
        if wish != defaults[name]
    )
    MutedProject.objects.filter(user=user).delete()
    kept = list(projects_of(user).filter(pk__in=muted))
    MutedProject.objects.bulk_create(MutedProject(user=user, project=one) for one in kept)
    record(
        "user.notices_changed",
        actor=user,
        organization=organization_of(user),
        subject=user,
        wishes={name: wish.value for name, wish in changed.items()},
        muted=[one.slug for one in kept],
    )
