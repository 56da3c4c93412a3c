"""Writing to the audit chain: the one function every service calls."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from audit.chain import chain_of, entry_hash
from audit.models import AuditEntry, ChainHead
from kit.requests import client_ip, request_id


def _plain(value: Any) -> Any:
    """`value` as JSON that reads back equal: no floats that round, no dates as objects."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part) for part in (sorted(value) if isinstance(value, set) else value)]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, Decimal | float | UUID | models.Model):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot stand in an audit entry")


def _text(value: Any, limit: int) -> str:
    return str(value).replace("\x00", "")[:limit]


@transaction.atomic
def record(
    action: str,
    *,
    organization: models.Model | None,
    actor: models.Model | None = None,
    actor_kind: str = "",
    actor_label: str = "",
    project: models.Model | None = None,
    subject: models.Model | None = None,
    reason: str = "",
    ip: str = "",
    **details: Any,
) -> AuditEntry:
    """Add one entry to the chain of `organization`, in the caller's transaction.

    `action` is a noun and a past participle (`api_key.created`). Without an actor it was the
    system. Writers of one organization queue behind the head's row lock until they commit, so
    keep what follows a record short.
    """
    organization_id = organization.pk if organization is not None else None
    ChainHead.objects.bulk_create(
        [ChainHead(organization_id=organization_id)], ignore_conflicts=True
    )
    head = ChainHead.objects.select_for_update(no_key=True).get(**chain_of(organization_id))
    entry = AuditEntry(
        organization_id=organization_id,
        sequence=head.sequence + 1,
        at=timezone.now(),
        action=action,
        actor_kind=actor_kind or ("person" if actor is not None else "system"),
        actor_id=str(actor.pk) if actor is not None else "",
        actor_label=_text(actor_label or actor or "", 320),
        project_id=project.pk if project is not None else None,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=_text(subject.pk, 200) if subject is not None else "",
        subject_label=_text(subject, 320) if subject is not None else "",
        reason=_text(reason, 10_000),
        details=_plain(details),
        ip=_text(ip or client_ip.get(), 64),
        request_id=request_id.get() or "",
        previous_hash=head.hash,
    )
    entry.hash = entry_hash(entry)
    entry.save(force_insert=True)
    head.sequence, head.hash = entry.sequence, entry.hash
    head.save(update_fields=["sequence", "hash"])
    return entry
