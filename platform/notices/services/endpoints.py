"""Webhook endpoints: made, changed, given new secrets, switched off, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor, person, record
from kit import crypto, live
from kit.errors import DomainError
from kit.outbound import BadAddress, check_url
from notices import events as registry
from notices.events import EVERY
from notices.models import OffReason, WebhookDelivery, WebhookEndpoint
from notices.signing import new_secret

PURPOSE = "webhook"
ROTATION_OVERLAP = timedelta(hours=24)  # time to bring the new secret to the receiver
MOST_ENDPOINTS = 50  # of a project; every event is written once for each


class BadEndpoint(DomainError):
    """The address or the choice of events cannot be."""


class TooManyEndpoints(DomainError):
    """The project has as many as it may."""


class EndpointIsGone(DomainError):
    """The endpoint was deleted meanwhile."""


@dataclass(frozen=True)
class Made:
    """An endpoint with its secret, which nobody can show again."""

    endpoint: WebhookEndpoint
    secret: str


@transaction.atomic
def create_endpoint(
    project: Project, *, url: str, events: Sequence[str], description: str = "", actor: Actor
) -> Made:
    """A new endpoint, enabled, with a secret of its own. Raises: BadEndpoint, TooManyEndpoints."""
    # The row lock of the project makes two at once count one after the other.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if WebhookEndpoint.objects.filter(project=project, deleted_at=None).count() >= MOST_ENDPOINTS:
        raise TooManyEndpoints(f"A project may have {MOST_ENDPOINTS} webhooks; delete one first.")
    secret = new_secret()
    endpoint = WebhookEndpoint.objects.create(
        project=project,
        url=_good_url(url),
        description=description.strip(),
        events=good_events(events),
        secret=crypto.seal(secret, purpose=PURPOSE),
        created_by=person(actor),
    )
    _record("webhook.created", endpoint, actor, host=endpoint.host, events=endpoint.events)
    return Made(endpoint, secret)


@transaction.atomic
def change_endpoint(
    endpoint: WebhookEndpoint,
    *,
    url: str | None = None,
    events: Sequence[str] | None = None,
    description: str | None = None,
    is_enabled: bool | None = None,
    actor: Actor,
) -> WebhookEndpoint:
    """Change what is given. Switched off, what waits ends as failed and can be replayed later.

    Raises: BadEndpoint, EndpointIsGone.
    """
    endpoint = locked(endpoint.pk)
    wanted: dict[str, object] = {
        "url": None if url is None else _good_url(url),
        "events": None if events is None else good_events(events),
        "description": None if description is None else description.strip(),
        "is_enabled": is_enabled,
    }
    changed = [
        name
        for name, value in wanted.items()
        if value is not None and value != getattr(endpoint, name)
    ]
    if not changed:
        return endpoint
    before = {name: getattr(endpoint, name) for name in changed if name != "url"}
    for name in changed:
        setattr(endpoint, name, wanted[name])
    if {"url", "is_enabled"} & set(changed):  # what failed elsewhere or before says nothing of now
        endpoint.failing_since, endpoint.failures = None, 0
    if "is_enabled" in changed:
        endpoint.off_reason = "" if endpoint.is_enabled else OffReason.HAND
    endpoint.save()
    if not endpoint.is_enabled:
        end_waiting(endpoint)
    after = {name: getattr(endpoint, name) for name in before}
    _record("webhook.changed", endpoint, actor, fields=changed, before=before, after=after)
    return endpoint


@transaction.atomic
def rotate_secret(endpoint: WebhookEndpoint, *, actor: Actor) -> Made:
    """A new secret; for 24 hours more everything is signed with the former one too.

    Raises: EndpointIsGone.
    """
    endpoint = locked(endpoint.pk)
    secret = new_secret()
    endpoint.former_secret = endpoint.secret
    endpoint.former_until = timezone.now() + ROTATION_OVERLAP
    endpoint.secret = crypto.seal(secret, purpose=PURPOSE)
    endpoint.save(update_fields=["secret", "former_secret", "former_until"])
    _record("webhook.rotated", endpoint, actor, former_until=endpoint.former_until)
    return Made(endpoint, secret)


@transaction.atomic
def delete_endpoint(endpoint: WebhookEndpoint, *, actor: Actor) -> None:
    """Nothing is sent to it any more, and its log is gone. Raises: EndpointIsGone."""
    endpoint = locked(endpoint.pk)
    endpoint.deleted_at = timezone.now()
    endpoint.is_enabled = False
    endpoint.save(update_fields=["deleted_at", "is_enabled"])
    end_waiting(endpoint)
    _record("webhook.deleted", endpoint, actor, host=endpoint.host)


def locked(pk: int) -> WebhookEndpoint:
    """The endpoint under its row lock, which is taken before that of any of its deliveries.

    Raises: EndpointIsGone.
    """
    rows = WebhookEndpoint.objects.select_for_update(no_key=True, of=["self"])
    found = rows.select_related("project__organization").filter(pk=pk, deleted_at=None).first()
    if found is None:
        raise EndpointIsGone("This webhook was deleted.")
    return found


def end_waiting(endpoint: WebhookEndpoint) -> int:
    """Everything that waits for the endpoint has failed; how many. What is on its way arrives."""
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state=WebhookDelivery.State.DUE)
    return waiting.update(
        state=WebhookDelivery.State.FAILED,
        due_at=None,
        claim="",
        last_error="The webhook was switched off before it could be sent.",
    )


def valid_secrets(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """The secrets that sign now, the newest first. Raises: kit.crypto.Unreadable."""
    secrets = [crypto.unseal(endpoint.secret, purpose=PURPOSE)]
    if endpoint.former_secret and endpoint.former_until and now < endpoint.former_until:
        secrets.append(crypto.unseal(endpoint.former_secret, purpose=PURPOSE))
    return secrets


def good_events(chosen: Sequence[str]) -> list[str]:
    """The chosen events, each once, or EVERY alone. Raises: BadEndpoint."""
    if EVERY in chosen:
        return [EVERY]
    known = {event.name for event in registry.all_events()}
    if unknown := sorted(set(chosen) - known):
        raise BadEndpoint(f"There is no event {unknown[0]!r}.")
    if not chosen:
        raise BadEndpoint("Choose at least one event.")
    return sorted(set(chosen))


def announce(endpoint: WebhookEndpoint) -> None:
    """Let open pages of the webhooks look again."""
    live.announce(
        f"project.{endpoint.project_id}", {"type": "project.changed", "changed": ["webhooks"]}
    )


def _good_url(url: str) -> str:
    try:
        return check_url(url)
    except BadAddress as bad:
        raise BadEndpoint(str(bad)) from None


def _record(action: str, endpoint: WebhookEndpoint, actor: Actor, **details: Any) -> None:
    record(action, actor=actor, project=endpoint.project, subject=endpoint, **details)
    announce(endpoint)
