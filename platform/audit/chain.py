"""The hash chain: how an entry is hashed, and how a chain is walked. Pure, but for the walk.

Source of the canonical form: RFC 8785 for our types (text, whole numbers, null, objects):
https://www.rfc-editor.org/rfc/rfc8785, read 2026-11-20.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from audit.models import AuditEntry, ChainHead

_FIELDS = (
    "organization_id",
    "sequence",
    "action",
    "actor_kind",
    "actor_id",
    "actor_label",
    "project_id",
    "subject_type",
    "subject_id",
    "subject_label",
    "reason",
    "details",
    "ip",
    "request_id",
    "previous_hash",
)


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no blanks, the same bytes for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 (hex) over every column of `entry` but its own hash."""
    at: datetime = entry.at
    document = {name: getattr(entry, name) for name in _FIELDS}
    document["at"] = at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(canonical(document)).hexdigest()


@dataclass(frozen=True)
class Verdict:
    """What a walk found. `broken_at` is the sequence of the first entry that does not hold."""

    organization_id: int | None
    entries: int
    broken_at: int | None = None
    why: str = ""


def verify(organization_id: int | None) -> Verdict:
    """Walk the chain of one organization from its first entry to its head."""
    previous, expected = "", 1
    for entry in _walk(organization_id):
        if entry.sequence != expected:
            return Verdict(organization_id, expected - 1, expected, "this entry is missing")
        if entry.previous_hash != previous:
            return Verdict(
                organization_id, expected - 1, expected, "it does not follow the entry before it"
            )
        if entry.hash != entry_hash(entry):
            return Verdict(organization_id, expected - 1, expected, "its content was changed")
        previous, expected = entry.hash, expected + 1
    head = ChainHead.objects.filter(**chain_of(organization_id)).first()
    if head is not None and (head.sequence != expected - 1 or head.hash != previous):
        return Verdict(
            organization_id, expected - 1, expected, f"entries up to {head.sequence} are missing"
        )
    return Verdict(organization_id, expected - 1)


def chain_of(organization_id: int | None) -> dict[str, Any]:
    """The filter for one chain; that of the installation itself has no organization."""
    if organization_id is None:
        return {"organization__isnull": True}
    return {"organization_id": organization_id}


def _walk(organization_id: int | None) -> Iterator[AuditEntry]:
    entries = AuditEntry.objects.filter(**chain_of(organization_id)).order_by("sequence")
    return entries.iterator(chunk_size=2000)
