"""Telling of an event: deliveries for the endpoints, notices for the persons that want it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Project, User
from accounts.queries import memberships_of
from accounts.services.trail import Actor
from kit import live
from kit.figures import instant
from kit.jobs import nudge
from notices import events
from notices.events import EVERY, Event, Wish
from notices.models import (
    MailState,
    MutedProject,
    NoticeWish,
    PersonalNotice,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
)

DELIVER = "notices.deliver"
MAIL = "notices.mail"


def tell(
    project: Project,
    event: str,
    *,
    data: Mapping[str, Any],
    title: str,
    link: str = "",
    persons: Iterable[User] | Mapping[User, str] = (),
    actor: Actor = None,
    because: str = "",
    to_webhooks: bool = True,
) -> None:
    """Tell of an event that this transaction makes true; nothing leaves before it commits.

    `data` has exactly the fields that the event declares, as JSON takes them (dates become text in
    UTC, decimals text). `title` is a line for people without content of prompts or traces, `link` a
    path of ours. `persons` are told unless they are the actor, may not enter the project, or want
    none; as a mapping it says why, person by person, else `because` does, else the event, in words
    that end the sentence "You get this because …". Not `to_webhooks`: these were told before.

    Raises: UnknownEvent, ValueError where data or link are not as declared, RuntimeError outside of
    a transaction.
    """
    declared = events.get(event)
    if not connection.in_atomic_block:
        raise RuntimeError("Tell of an event in the transaction in which it happens.")
    if set(data) != set(declared.data):
        raise ValueError(f"{event} has the fields {sorted(declared.data)}, not {sorted(data)}.")
    if link and not link.startswith("/"):
        raise ValueError("The link of a notice is a path of the product.")
    if to_webhooks:
        make_deliveries(project, event, data, _endpoints_that_want(project, event))
    reasons = persons if isinstance(persons, Mapping) else dict.fromkeys(persons, because)
    if reasons and declared.default is not None:
        _tell_persons(project, declared, reasons, title=title, link=link, actor=actor)


def make_deliveries(
    project: Project,
    event: str,
    data: Mapping[str, Any],
    endpoint_ids: list[int],
    *,
    is_test: bool = False,
) -> list[WebhookDelivery]:
    """The message with its text, and one delivery to each endpoint; none without endpoints."""
    if not endpoint_ids:
        return []
    now = timezone.now()
    uid = f"msg_{secrets.token_hex(16)}"
    envelope = {
        "id": uid,
        "type": event,
        "created_at": instant(now),
        "project": project.slug,
        "data": dict(data),
    }
    body = orjson.dumps(envelope, default=str, option=orjson.OPT_UTC_Z).decode()
    message = WebhookMessage.objects.create(
        uid=uid, project=project, type=event, body=body, created_at=now
    )
    made = WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            message=message, endpoint_id=pk, is_test=is_test, created_at=now, due_at=now
        )
        for pk in endpoint_ids
    )
    nudge(DELIVER)
    return made


def person_group(user_id: int) -> str:
    """The group of the live layer that hears what changes for one person."""
    return f"person.{user_id}"


def announce_to(user_ids: Iterable[int]) -> None:
    """Let the open pages of these persons look at their notices again, once this commits."""
    for user_id in user_ids:
        live.announce(person_group(user_id), {"type": "person.changed", "changed": ["notices"]})


def _endpoints_that_want(project: Project, event: str) -> list[int]:
    wanting = WebhookEndpoint.objects.filter(
        project=project, deleted_at=None, is_enabled=True, events__overlap=[event, EVERY]
    )
    return list(wanting.order_by("pk").values_list("pk", flat=True))


def _tell_persons(
    project: Project,
    event: Event,
    reasons: Mapping[User, str],
    *,
    title: str,
    link: str,
    actor: Actor,
) -> None:
    now = timezone.now()
    wanted = wishes_for(project, event, [user.pk for user in reasons if user != actor])
    notices = [
        PersonalNotice(
            user=user,
            project=project,
            event=event.name,
            title=_line(title, 200),
            link=link,
            because=_line(reason or event.because, 300),
            actor_label=_line(getattr(actor, "display_name", str(actor or "")), 120),
            created_at=now,
            mail_state=MailState.DUE if by_mail else MailState.NONE,
            mail_due_at=now if by_mail else None,
        )
        for user, reason in reasons.items()
        if (wish := wanted.get(user.pk, Wish.OFF)) is not Wish.OFF
        for by_mail in [wish is Wish.MAIL and settings.MAIL_IS_CONFIGURED]
    ]
    if not notices:
        return
    PersonalNotice.objects.bulk_create(notices)
    announce_to(notice.user_id for notice in notices)
    if any(notice.mail_state == MailState.DUE for notice in notices):
        nudge(MAIL)


def wishes_for(project: Project, event: Event, user_ids: list[int]) -> dict[int, Wish]:
    """How those of these persons want the event who may be told of it: members, not muted."""
    members = memberships_of(project).filter(user_id__in=user_ids, user__is_active=True)
    muted = MutedProject.objects.filter(project=project, user_id__in=user_ids)
    told = set(members.values_list("user_id", flat=True)) - set(
        muted.values_list("user_id", flat=True)
    )
    chosen = NoticeWish.objects.filter(event=event.name, user_id__in=told)
    wishes = dict.fromkeys(told, event.default or Wish.OFF)
    wishes |= {row.user_id: Wish(row.wish) for row in chosen}
    if not event.by_mail:
        wishes = {pk: Wish.PRODUCT if w is Wish.MAIL else w for pk, w in wishes.items()}
    return wishes


def _line(text: str, length: int) -> str:
    """`text` on one line, as it stands in a list and in the subject of a mail."""
    return " ".join(text.replace("\x00", "").split())[:length]
