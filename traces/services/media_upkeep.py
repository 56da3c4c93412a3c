"""Files that nothing shows any more, and those of deleted projects."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

import psycopg

from traces.media.bodies import delete_elsewhere
from traces.media.s3 import StoreIsAway

log = logging.getLogger(__name__)

_BATCH = 500


def drop_unused_media(link: psycopg.Connection[Any], edge: datetime) -> int:
    """Delete files last announced before `edge` whose traces are all gone; returns how many.

    A file that stands on no trace, as in a dataset, has a use without one, and stays.
    """
    link.execute(
        "delete from media_use u using media m where m.project_id = u.project_id "
        "and m.id = u.media_id and m.created_at < %s and u.trace_id <> '' and not exists "
        "(select from trace t where t.project_id = u.project_id and t.trace_id = u.trace_id)",
        [edge],
    )
    return _delete(
        link,
        "m.created_at < %s and not exists (select from media_use u "
        "where u.project_id = m.project_id and u.media_id = m.id)",
        edge,
    )


def delete_media_of(link: psycopg.Connection[Any], project_id: int) -> int:
    """Delete all files of a project; returns how many."""
    return _delete(link, "m.project_id = %s", project_id)


def _delete(link: psycopg.Connection[Any], condition: str, value: datetime | int) -> int:
    """Rows and objects together: where the store is away, the rows stay for the next run."""
    removed = 0
    while True:
        try:
            with link.transaction():
                # The lock looks at a row again that was announced anew meanwhile.
                gone = link.execute(
                    "delete from media where (project_id, id) in (select project_id, id "  # noqa: S608
                    f"from media m where {condition} limit {_BATCH} for update) "
                    "returning project_id, id, is_elsewhere",
                    [value],
                ).fetchall()
                for project_id, media_id, is_elsewhere in gone:
                    if is_elsewhere:
                        delete_elsewhere(project_id, media_id)
        except StoreIsAway as away:
            log.error("media not deleted", extra={"reason": str(away)})
            return removed
        removed += len(gone)
        if len(gone) < _BATCH:
            return removed
