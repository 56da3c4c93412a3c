"""Upkeep of the figures by hour: folded every minute, compared with the spans every hour."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.utils import timezone

from kit.connections import own_connection
from traces.rollups import compaction, repair, scores, user_bound, users

log = logging.getLogger(__name__)
COMPARED_FOR_SECONDS = 60.0


def fold_figures() -> int:
    """Fold what intake appended, and count noted scores; returns the rows that were folded."""
    with own_connection() as link:
        scores.count_noted(link)
        return compaction.fold(link) + users.fold_users(link) + scores.fold_scores(link)


def compare_figures(*, seconds: float = COMPARED_FOR_SECONDS) -> list[repair.Compared]:
    """Compare the figures with the spans, for about `seconds`, and put right what differs."""
    until = time.monotonic() + seconds
    kept = timedelta(days=settings.RETENTION_DAYS) if settings.RETENTION_DAYS else None
    done = []
    with own_connection() as link:
        user_bound.bound_users(link, timezone.now().date())
        for low, high in repair.due(link, timezone.now(), kept):
            found = repair.compare(link, low, high)
            _compare_days(link, low, high, found)
            repair.keep(link, found)
            done.append(found)
            if found.wrong or found.missed:
                log.error(
                    "figures by hour were wrong and are repaired",
                    extra={"hours": found.wrong, "missed": found.missed, "since": str(low)},
                )
            # One older day at least, lest a busy site never looks further back than a day.
            if time.monotonic() > until and len(done) > 1:
                break
    return done


def _compare_days(
    link: psycopg.Connection[Any], low: datetime, high: datetime, found: repair.Compared
) -> None:
    """The same for the days of users and scores; what differs counts as one hour for each sum."""
    day, last = low.date(), (high - timedelta(microseconds=1)).date()
    while day <= last:
        for compared in (users.compare_users, scores.compare_scores):
            wrong, missed = compared(link, day)
            found.wrong += wrong
            found.missed += missed
        day += timedelta(days=1)
