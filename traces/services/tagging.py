"""Tags on many traces at once, the same as those of `traces.services.annotations`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from traces.ingest import lookups
from traces.services.annotations import MOST_TAGS

_NEW = """
insert into trace_tag (project_id, trace_id, tag, author, at)
select t.project_id, t.trace_id, w.tag, %(author)s, now()
from trace t cross join unnest(%(tags)s::text[]) as w (tag)
where t.project_id = %(project)s and t.trace_id = any(%(ids)s) and not 't:' || w.tag = any(t.facets)
  and (select count(*) from trace_tag o
    where o.project_id = t.project_id and o.trace_id = t.trace_id) + %(new)s <= %(most)s
on conflict (project_id, trace_id, tag) do nothing returning trace_id
"""
_GONE = """
delete from trace_tag where project_id = %(project)s and trace_id = any(%(ids)s)
  and tag = any(%(tags)s) returning trace_id, tag
"""
# In the order in which the writer keeps them.
_ADD = """
update trace t set facets = array(select distinct f collate "C" as f from unnest(
    t.facets || array(select 't:' || o.tag from trace_tag o
      where o.project_id = t.project_id and o.trace_id = t.trace_id)) f order by f)
where t.project_id = %(project)s and t.trace_id = any(%(ids)s)
"""
_TAKE = """
update trace t set facets = array(select f from unnest(t.facets) f
    where not f = any(g.facets) order by f collate "C")
from (select trace_id, array_agg('t:' || tag) as facets
  from unnest(%(gone)s::text[], %(said)s::text[]) as n (trace_id, tag) group by trace_id) g
where t.project_id = %(project)s and t.trace_id = g.trace_id
"""


@transaction.atomic
def tag_traces(project_id: int, ids: Sequence[str], tags: Sequence[str], *, author: str) -> int:
    """Give `tags` (clean ones) to traces; returns how many had not all of them.

    They stay when a trace is written again. One that has as many as it may have is left as it is.
    The audit entry is the caller's.
    """
    with connection.cursor() as cursor:
        cursor.execute(lookups.LOCK_TRACES, [[project_id] * len(ids), sorted(ids)])
        given: dict[str, Any] = {
            "project": project_id,
            "ids": list(ids),
            "tags": list(tags),
            "author": author,
            "new": len(tags),
            "most": MOST_TAGS,
        }
        cursor.execute(_NEW, given)
        changed = sorted({row[0] for row in cursor.fetchall()})
        if changed:
            cursor.execute(_ADD, {"project": project_id, "ids": changed})
    return len(changed)


@transaction.atomic
def untag_traces(project_id: int, ids: Sequence[str], tags: Sequence[str]) -> int:
    """Take back tags that people gave; returns how many traces had one. What was sent stays."""
    with connection.cursor() as cursor:
        cursor.execute(lookups.LOCK_TRACES, [[project_id] * len(ids), sorted(ids)])
        cursor.execute(_GONE, {"project": project_id, "ids": list(ids), "tags": list(tags)})
        gone = cursor.fetchall()
        if gone:
            traces, said = ([row[place] for row in gone] for place in (0, 1))
            cursor.execute(_TAKE, {"project": project_id, "gone": traces, "said": said})
    return len({row[0] for row in gone})
