"""How often something was tried lately, counted in the database and so shared by all processes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import RateWindow

WINDOW = timedelta(minutes=15)
# Counted in steps of a minute, so that the window slides: with one count for each quarter of an
# hour, twice the limit would fit around its border.
STEP = timedelta(minutes=1)
SUBJECT_LENGTH = 200


def take(subjects: Sequence[str], limit: int) -> bool:
    """Count one attempt for each of `subjects`; False, counting nothing, once one is at `limit`.

    Counted before the attempt is looked at, so that many at once cannot slip through.
    """
    subjects = sorted({subject[:SUBJECT_LENGTH] for subject in subjects})
    now = timezone.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            for subject in subjects:
                cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [subject])
        if any(count(subject, now) >= limit for subject in subjects):
            return False
        for subject in subjects:
            _add(subject, now)
    return True


def count(subject: str, now: datetime | None = None) -> int:
    """Attempts within the last 15 minutes."""
    since = (now or timezone.now()) - WINDOW
    rows = RateWindow.objects.filter(subject=subject[:SUBJECT_LENGTH], starts_at__gt=since)
    return rows.aggregate(total=Sum("count"))["total"] or 0


def give_back(subject: str) -> None:
    """Take one attempt off again, the latest: it did not fail."""
    subject = subject[:SUBJECT_LENGTH]
    with connection.cursor() as cursor:
        cursor.execute(
            "update accounts_ratewindow set count = count - 1 where id = (select id from "
            "accounts_ratewindow where subject = %s and count > 0 order by starts_at desc limit 1)",
            [subject],
        )


def clear(subject: str) -> None:
    """Forget the attempts of `subject`."""
    RateWindow.objects.filter(subject=subject[:SUBJECT_LENGTH]).delete()


def _add(subject: str, now: datetime) -> None:
    starts_at = now.replace(second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into accounts_ratewindow (subject, starts_at, count) values (%s, %s, 1) "
            "on conflict (subject, starts_at) do update set count = accounts_ratewindow.count + 1",
            [subject, starts_at],
        )
    # Windows that can no longer count go when somebody comes back, so none of his lie about.
    RateWindow.objects.filter(starts_at__lt=now - 2 * WINDOW).delete()
