"""What intake has to tell a sender, kept for a week."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from governance.redaction import redact_text
from kit.live import announce
from traces.live import group_of
from traces.models import IntakeNotice

NOTICES_KEPT_DAYS = 7
SAME_NOTICE = timedelta(minutes=1)


@dataclass(frozen=True)
class Notice:
    """One thing intake has to tell: see `IntakeNotice`."""

    kind: str
    status: int
    method: str
    path: str
    reason: str
    where: str = ""
    spans: int = 0
    project_id: int | None = None
    public_key: str = ""
    client: str = ""


@transaction.atomic
def note_intake(notice: Notice, times: int = 1) -> None:
    """Keep `notice`, seen `times` times; count it where the same stood within the last minute.

    Reasons and places may quote what was sent, so they are redacted like the spans themselves.
    """
    now = timezone.now()
    notice = replace(
        notice,
        path=redact_text(notice.path),
        reason=redact_text(notice.reason),
        where=redact_text(notice.where),
        client=redact_text(notice.client),
    )
    same = {
        "project_id": notice.project_id,
        "kind": notice.kind,
        "status": notice.status,
        "path": notice.path[:200].replace("\x00", ""),
        "reason": notice.reason[:500].replace("\x00", ""),
        "public_key": notice.public_key[:80],
    }
    with connection.cursor() as cursor:  # two processes must not both find nothing
        cursor.execute(
            "select pg_advisory_xact_lock(hashtext('intake notice'), %s)",
            [(notice.project_id or 0) % 2**31],
        )
    last = (
        IntakeNotice.objects.filter(**same, last_at__gte=now - SAME_NOTICE)
        .order_by("-last_at")
        .first()
    )
    if last is None:
        IntakeNotice.objects.create(
            **same,
            first_at=now,
            last_at=now,
            times=times,
            method=notice.method[:10],
            where=notice.where[:300].replace("\x00", ""),
            spans=notice.spans,
            client=notice.client[:200].replace("\x00", ""),
        )
    else:
        last.last_at = now
        last.times += times
        last.spans += notice.spans
        last.save(update_fields=["last_at", "times", "spans"])
    if notice.project_id is not None:
        announce(group_of(notice.project_id), {"type": "project.changed", "changed": ["intake"]})


def forget_old_notices() -> int:
    """Delete notices older than a week; returns how many."""
    edge = timezone.now() - timedelta(days=NOTICES_KEPT_DAYS)
    return IntakeNotice.objects.filter(last_at__lt=edge).delete()[0]
