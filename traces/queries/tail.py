"""What just arrived and matches: the live tail's question, asked of the queue of fresh traces.

A long request arrives when it ends, with a start far above whose line of the list it stands; so
news are told by when a trace was first written, and not by when it started. Intake queues each
write, in the same transaction, and the row stays until the trace is settled, three seconds later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from traces.queries.criteria import Criteria, matching, plan_of
from traces.queries.patience import Clock, TimeUp
from traces.queries.summaries import COLUMNS, TraceSummary, summary
from traces.queries.verifying import Candidate, answered, matches

# A row is queued this long before its transaction is seen, at most; later ones are passed over.
BEHIND = timedelta(milliseconds=400)
LONGEST = timedelta(seconds=30)  # looked back; what is older was settled and is no news
MOST_LOOKED_AT = 1000
SOFT_SECONDS, HARD_SECONDS = 0.5, 1.0
_FRESH = """
select q.trace_id from digest_queue q
where q.queued_at > %(since)s and q.queued_at <= %(upto)s and q.project_id = %(project)s
group by q.trace_id
having not exists (select from digest_queue o
    where o.project_id = %(project)s and o.trace_id = q.trace_id and o.queued_at <= %(since)s)
  and not exists (select from trace_counted c
    where c.project_id = %(project)s and c.trace_id = q.trace_id)
order by min(q.queued_at) desc limit %(most)s
"""


@dataclass(frozen=True)
class Arrived:
    """The newest `rows` of `matched` traces that arrived until `upto`, where the next look begins.

    `is_more`: there were more than could be looked at in time.
    """

    rows: list[TraceSummary]
    matched: int
    upto: datetime
    is_more: bool = False


def arrived(
    project_id: int, criteria: Criteria, since: datetime | None, *, most: int = 5
) -> Arrived:
    """Traces first written after `since` that match; without it only the place to begin."""
    upto = timezone.now() - BEHIND
    if since is None or since >= upto:
        return Arrived([], 0, upto if since is None else since)
    clock = Clock(soft=SOFT_SECONDS, hard=HARD_SECONDS)
    asked: dict[str, Any] = {
        "since": max(since, upto - LONGEST),
        "upto": upto,
        "project": project_id,
        "most": MOST_LOOKED_AT,
    }
    plan = plan_of(project_id, criteria)
    try:
        with clock.statement() as cursor:
            cursor.execute(_FRESH, asked)
            fresh = [row[0] for row in cursor.fetchall()]
        if not fresh:
            return Arrived([], 0, upto)
        rows, names = answered(matching(project_id, criteria), plan)
        rows = rows.filter(trace_id__in=fresh).order_by("-start_time", "-trace_id")
        width = len(COLUMNS)
        with clock.statement():
            found = [
                Candidate(summary(row[:width]), None, tuple(row[width:]))
                for row in rows.values_list(*COLUMNS, *names)
            ]
        hits = matches(plan, found, clock)
    except TimeUp:
        return Arrived([], 0, upto, is_more=True)
    hit = [one.row for one, is_hit in zip(found, hits, strict=True) if is_hit]
    return Arrived(hit[:most], len(hit), upto, len(fresh) == MOST_LOOKED_AT)
