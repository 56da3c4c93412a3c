"""Links that show a trace's shape to whoever holds them: made, opened, revoked, all audited."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import Project, User
from accounts.services.trail import record
from kit.errors import DomainError
from traces.models import TraceShare
from traces.queries.snapshots import snapshot
from traces.queries.summaries import TraceSummary

LONGEST_DAYS = 90
MOST_OPEN = 50  # links of one trace that are neither over nor revoked
TOLD_EVERY = timedelta(hours=1)  # views of a link are told together


class BadShare(DomainError):
    """The link cannot be made; the message says why."""


@transaction.atomic
def share_trace(
    project: Project, trace: TraceSummary, *, days: int, actor: User
) -> tuple[TraceShare, str]:
    """Make a link for `days` days; returns it and its token, which is kept nowhere.

    What it shows is written down now: a later change of the trace shows nothing more.
    Raises: BadShare.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise BadShare(f"A link lasts from 1 to {LONGEST_DAYS} days.")
    now = timezone.now()
    if _open(now).filter(project_id=project.pk, trace_id=trace.trace_id).count() >= MOST_OPEN:
        raise BadShare(f"This trace has {MOST_OPEN} links already. Revoke one first.")
    token = secrets.token_urlsafe(32)
    share = TraceShare.objects.create(
        project_id=project.pk,
        trace_id=trace.trace_id,
        token_hash=_hash(token),
        document=snapshot(project.pk, trace),
        created_by=actor.email,
        expires_at=now + timedelta(days=days),
    )
    record(
        "trace.shared",
        actor=actor,
        project=project,
        trace_id=trace.trace_id,
        share=share.pk,
        expires_at=share.expires_at.isoformat(),
    )
    return share, token


@transaction.atomic
def revoke_share(project: Project, pk: int, *, actor: User, any_author: bool) -> bool:
    """End a link at once: one's own, or with `any_author` anybody's; False where there is none."""
    found = _open(timezone.now()).select_for_update().filter(project_id=project.pk, pk=pk)
    if not any_author:
        found = found.filter(created_by=actor.email)
    share = found.first()
    if share is None:
        return False
    share.revoked_at, share.revoked_by = timezone.now(), actor.email
    share.document = {}
    share.save(update_fields=["revoked_at", "revoked_by", "document"])
    record(
        "trace.share_revoked",
        actor=actor,
        project=project,
        trace_id=share.trace_id,
        share=share.pk,
        views=share.views,
    )
    return True


@transaction.atomic
def open_share(token: str) -> TraceShare | None:
    """The link of a token that is neither over nor revoked, its view counted; None otherwise.

    The first view is told in the audit log at once, later ones together, at most once an hour.
    """
    now = timezone.now()
    share = _open(now).select_for_update().filter(token_hash=_hash(token)).first()
    if share is None:
        return None
    project = Project.objects.filter(pk=share.project_id, deleted_at=None).first()
    if project is None:
        return None
    share.views += 1
    share.viewed_at = now
    if share.told_at is None or now - share.told_at >= TOLD_EVERY:
        record(
            "trace.share_viewed",
            actor=None,
            project=project,
            trace_id=share.trace_id,
            share=share.pk,
            views=share.views - share.views_told,
        )
        share.told_at, share.views_told = now, share.views
    share.save(update_fields=["views", "viewed_at", "told_at", "views_told"])
    return share


def tell_views() -> int:
    """Tell the views that no entry speaks of yet, for links nobody opened since; returns links."""
    edge = timezone.now() - TOLD_EVERY
    late = TraceShare.objects.filter(views__gt=F("views_told"), told_at__lt=edge)
    told = 0
    for pk in late.values_list("pk", flat=True)[:1000]:
        with transaction.atomic():
            share = TraceShare.objects.select_for_update().get(pk=pk)
            project = Project.objects.filter(pk=share.project_id).first()
            if project is not None and share.views > share.views_told:
                record(
                    "trace.share_viewed",
                    actor=None,
                    project=project,
                    trace_id=share.trace_id,
                    share=share.pk,
                    views=share.views - share.views_told,
                )
            share.told_at, share.views_told = timezone.now(), share.views
            share.save(update_fields=["told_at", "views_told"])
            told += 1
    return told


def empty_ended() -> int:
    """Forget what links showed that are over; returns how many."""
    over = TraceShare.objects.filter(expires_at__lte=timezone.now()).exclude(document={})
    return over.update(document={})


def _open(now: datetime) -> QuerySet[TraceShare]:
    return TraceShare.objects.filter(Q(revoked_at=None), expires_at__gt=now)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
