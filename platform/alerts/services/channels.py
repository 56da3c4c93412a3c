"""Channels: made, changed, switched, tested, deleted; and the project's wishes of its alerts."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor, person, record
from alerts.messages import message_for_test
from alerts.models import AlertSettings, Channel, ChannelKind, Delivery, Severity
from alerts.queries.wishes import settings_of
from alerts.services.errors import BadChannel, ChannelIsGone
from alerts.services.timeline import DELIVER, announce
from alerts.values import clean
from kit import crypto
from kit.jobs import nudge
from kit.outbound import BadAddress, check_url
from notices.signing import new_secret

PURPOSE = "alert channel"
PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue"
MOST_CHANNELS = 20  # of a project; every step is written once for each
MOST_ADDRESSES = 20


@dataclass(frozen=True)
class Made:
    """A channel with the secret that signs its messages; '' where it has none of ours."""

    channel: Channel
    secret: str


@transaction.atomic
def create_channel(
    project: Project,
    *,
    kind: str,
    name: str,
    addresses: Sequence[str] = (),
    url: str = "",
    key: str = "",
    least_severity: str = Severity.TICKET,
    actor: Actor,
) -> Made:
    """A new channel, switched on.

    Email takes `addresses`; Slack the address of an incoming webhook as `url`; PagerDuty the
    integration's routing key as `key`; a webhook its `url`, and is given a secret of its own.
    Raises: BadChannel.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if Channel.objects.filter(project=project, deleted_at=None).count() >= MOST_CHANNELS:
        raise BadChannel(f"A project may have {MOST_CHANNELS} channels; delete one first.")
    if kind not in ChannelKind.values:
        raise BadChannel(f"There is no kind of channel {kind!r}.", "kind")
    channel = Channel(project=project, kind=kind, created_by=person(actor))
    secret = new_secret() if kind == ChannelKind.WEBHOOK else ""
    if secret:
        channel.secret = crypto.seal(secret, purpose=PURPOSE)
    _describe(channel, name, addresses, url, key, least_severity)
    channel.save()
    _record("alert_channel.created", channel, actor, kind=kind, target=channel.target)
    return Made(channel, secret)


@transaction.atomic
def change_channel(
    channel: Channel,
    *,
    name: str | None = None,
    addresses: Sequence[str] | None = None,
    url: str | None = None,
    key: str | None = None,
    least_severity: str | None = None,
    is_enabled: bool | None = None,
    actor: Actor,
) -> Channel:
    """Change what is given; an empty `key`, or address of Slack, leaves the stored one.

    Raises: BadChannel, ChannelIsGone.
    """
    channel = locked(channel.pk)
    before = (channel.secret, channel.url, channel.addresses, channel.is_enabled)
    _describe(
        channel,
        channel.name if name is None else name,
        channel.addresses if addresses is None else addresses,
        url or ("" if channel.kind == ChannelKind.SLACK else channel.url),
        key or "",
        least_severity or channel.least_severity,
    )
    if is_enabled is not None:
        channel.is_enabled = is_enabled
    if before != (channel.secret, channel.url, channel.addresses, channel.is_enabled):
        channel.failing_since, channel.failures = None, 0  # what failed before says nothing of now
    channel.save()
    if not channel.is_enabled:
        _end_waiting(channel)
    _record(
        "alert_channel.changed",
        channel,
        actor,
        target=channel.target,
        least_severity=channel.least_severity,
        is_enabled=channel.is_enabled,
    )
    return channel


@transaction.atomic
def delete_channel(channel: Channel, *, actor: Actor) -> None:
    """Nothing is sent to it any more, and its secret is gone. Raises: ChannelIsGone."""
    channel = locked(channel.pk)
    channel.deleted_at, channel.is_enabled, channel.secret = timezone.now(), False, ""
    channel.save(update_fields=["deleted_at", "is_enabled", "secret"])
    _end_waiting(channel)
    _record("alert_channel.deleted", channel, actor, target=channel.target)


@transaction.atomic
def send_test(channel: Channel, *, actor: Actor) -> Delivery:
    """A test, due at once, sent as every other but not tried again. Raises: ChannelIsGone."""
    channel = locked(channel.pk)
    uid = f"alert_{secrets.token_hex(16)}"
    said = message_for_test(channel.kind, channel.project, channel.pk, uid)
    delivery = Delivery.objects.create(channel=channel, uid=uid, body=orjson.dumps(said).decode())
    _record("alert_channel.tested", channel, actor)
    nudge(DELIVER)
    return delivery


@transaction.atomic
def change_settings(
    project: Project,
    *,
    content_leaves: bool,
    escalate_minutes: int,
    fold_minutes: int,
    actor: Actor,
) -> AlertSettings:
    """What the project wishes: whether excerpts go along, when pages escalate, when storms fold."""
    wishes = settings_of(project)
    before = _wishes(wishes)
    wishes.content_leaves = content_leaves
    wishes.escalate_minutes = escalate_minutes
    wishes.fold_minutes = fold_minutes
    wishes.save()
    after = _wishes(wishes)
    if before != after:
        record(
            "alert_settings.changed",
            actor=actor,
            project=project,
            subject=wishes,
            before=before,
            after=after,
        )
    return wishes


def locked(pk: int) -> Channel:
    """The channel under its row lock. Raises: ChannelIsGone."""
    rows = Channel.objects.select_for_update(no_key=True, of=["self"])
    found = rows.select_related("project__organization").filter(pk=pk, deleted_at=None).first()
    if found is None:
        raise ChannelIsGone("This channel was deleted.")
    return found


def opened_secret(channel: Channel) -> str:
    """The secret of the channel; '' where it has none. Raises: kit.crypto.Unreadable."""
    return crypto.unseal(channel.secret, purpose=PURPOSE) if channel.secret else ""


def _describe(
    channel: Channel, name: str, addresses: Sequence[str], url: str, key: str, least: str
) -> None:
    """Write down what was said. Raises: BadChannel."""
    channel.name = clean(name, 100)
    if not channel.name:
        raise BadChannel("Give the channel a name.", "name")
    if least not in Severity.values:
        raise BadChannel(f"There is no severity {least!r}.", "least_severity")
    channel.least_severity = least
    match channel.kind:
        case ChannelKind.EMAIL:
            channel.addresses = _good_addresses(addresses)
        case ChannelKind.SLACK:
            if url:
                channel.secret = crypto.seal(_good_url(url), purpose=PURPOSE)
                channel.url = _host_alone(url)
            elif not channel.secret:
                raise BadChannel("Give the address of the incoming webhook.", "url")
        case ChannelKind.PAGERDUTY:
            channel.url = _good_url(url or PAGERDUTY_URL)
            if key:
                channel.secret = crypto.seal(_good_key(key), purpose=PURPOSE)
            elif not channel.secret:
                raise BadChannel("Give the routing key of the integration.", "key")
        case ChannelKind.WEBHOOK:
            if not url:
                raise BadChannel("Give the address of your server.", "url")
            channel.url = _good_url(url)


def _good_addresses(addresses: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(one.strip() for one in addresses if one.strip()))
    if not found:
        raise BadChannel("Give at least one address.", "addresses")
    if len(found) > MOST_ADDRESSES:
        raise BadChannel(f"A channel has at most {MOST_ADDRESSES} addresses.", "addresses")
    for one in found:
        try:
            validate_email(one)
        except ValidationError:
            raise BadChannel(f"{one[:100]} is no e-mail address.", "addresses") from None
    return found


def _good_url(url: str) -> str:
    try:
        return check_url(url)
    except BadAddress as bad:
        raise BadChannel(str(bad), "url") from None


def _host_alone(url: str) -> str:
    scheme, _, rest = url.strip().partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def _good_key(key: str) -> str:
    key = key.strip()
    if not (key.isascii() and key.isalnum() and 20 <= len(key) <= 64):
        raise BadChannel("This is no routing key: it has 32 letters and digits.", "key")
    return key


def _end_waiting(channel: Channel) -> None:
    Delivery.objects.filter(channel=channel, state=Delivery.State.DUE, claim="").update(
        state=Delivery.State.FAILED,
        due_at=None,
        last_error="The channel was switched off before it could be sent.",
    )


def _wishes(wishes: AlertSettings) -> dict[str, Any]:
    return {
        "content_leaves": wishes.content_leaves,
        "escalate_minutes": wishes.escalate_minutes,
        "fold_minutes": wishes.fold_minutes,
    }


def _record(action: str, channel: Channel, actor: Actor, **details: Any) -> None:
    record(action, actor=actor, project=channel.project, subject=channel, **details)
    announce(channel.project_id)
