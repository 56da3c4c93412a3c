"""Stored spans follow the mapping rules of their project: their features are derived again."""

from __future__ import annotations

import logging
import time
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import django.db
import psycopg
from django.utils import timezone

from features.models import MappingState
from features.queries.rules import due_states
from features.services.rules import finish_following, note_progress
from kit.connections import own_connection
from kit.jobs import alone
from traces.services.remap import How, batches, ranges

log = logging.getLogger(__name__)

# By then every process maps what comes by the new rules (a second), and what was mapped by the old
# ones is stored (four seconds) or refused, so that the walk meets it.
BEGIN_AFTER = timedelta(seconds=8)
NOTED_EVERY_SECONDS = 2.0


def follow_rules(*, seconds: float = 20.0) -> int:
    """Go on with what is due until it is done or the time is over; how many spans were looked at.

    Goes on where a run that was killed had noted it came to, and may run twice.
    """
    with alone("traces.follow_rules") as is_mine:
        if not is_mine:
            return 0
        until, seen = time.monotonic() + seconds, 0
        for state in due_states(before=timezone.now() - BEGIN_AFTER):
            seen += _follow(state, until)
            if time.monotonic() > until:
                break
        return seen


def _follow(state: MappingState, until: float) -> int:
    """One turn of a project; how many spans were looked at."""
    began = state.seen
    try:
        with closing(own_connection()) as link:
            is_done = _walk(link, state, until)
    except (psycopg.OperationalError, django.db.OperationalError):
        raise  # the database is away: the next sweep goes on
    except Exception as error:
        log.exception("stored spans cannot follow the rules", extra={"project": state.project_id})
        finish_following(state.project_id, state.due_number, error=f"It failed: {error}")
    else:
        if is_done:
            finish_following(state.project_id, state.due_number)
    return state.seen - began


def _walk(link: psycopg.Connection[Any], state: MappingState, until: float) -> bool:
    """Batch after batch, the newest first; True where all of it is done."""
    assert state.due_since is not None  # noqa: S101  (such are asked for)
    how, noted_at = How(by_rules=True), time.monotonic()
    for low, high in ranges(link, state.due_since, state.reached):
        for found, reached in batches(link, state.project_id, low, high, how):
            state.seen += found.seen
            state.changed += found.changed
            now = time.monotonic()
            if now > until or now > noted_at + NOTED_EVERY_SECONDS:
                noted_at = now
                if not _note(state, reached) or now > until:
                    return False
    return _note(state, state.due_since)


def _note(state: MappingState, reached: datetime) -> bool:
    return note_progress(
        state.project_id,
        state.due_number,
        reached=reached,
        seen=state.seen,
        changed=state.changed,
    )
