"""Files that nothing shows any more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg


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
    return link.execute(
        "delete from media m where m.created_at < %s and not exists (select from media_use u "
        "where u.project_id = m.project_id and u.media_id = m.id)",
        [edge],
    ).rowcount
