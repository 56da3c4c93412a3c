"""Sessions: the newest, found by walking newest traces in growing steps; the totals of some."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from kit.paging import encode_cursor
from traces.queries.criteria import ANY_ENVIRONMENT, HIDDEN_ENVIRONMENT
from traces.queries.lists import STATEMENT_TIMEOUT_MS, Key, cursor_key

PAGE_SIZE = 50
FIRST_STEP, LONGEST_STEP = 500, 16_000  # traces looked at by one statement
BUDGET_SECONDS = 1.0

# A trace stands for its session where it is the newest of it that matches; so each session comes
# once, in the order of its last turn, and a page goes on where the one before ended.
_WALK = """
with step as materialized (
  select session_id, start_time, trace_id, environment from trace t
  where project_id = %(project)s {bounds} {user} {below}
  order by start_time desc, trace_id desc limit %(step)s)
select session_id, start_time, trace_id, null::bigint from step s
where session_id <> '' {environment} {text} and trace_id = (
  select n.trace_id from trace n
  where n.project_id = %(project)s and n.session_id = s.session_id {newer}
  order by n.start_time desc, n.trace_id desc limit 1)
union all
select null, start_time, trace_id, (select count(*) from step) from (
  select start_time, trace_id from step order by start_time, trace_id limit 1) last
"""
_TOTALS = """
select k.session_id, f.*, o.input_preview, o.name, o.user_id, o.environment
from unnest(%(ids)s::text[]) as k (session_id)
cross join lateral (
  select count(*) as turns, min(start_time), max(start_time), max(end_time),
    sum(duration_us)::int8, count(*) filter (where error_count > 0 and root_ok is not true),
    sum(cost_nano)::int8,
    sum(tokens_in)::int8, sum(tokens_out)::int8, sum(call_count)::int8,
    sum(metered_count)::int8, sum(unpriced_count)::int8,
    count(*) filter (where open_count > 0), count(distinct user_id)
  from trace t where t.project_id = %(project)s and t.session_id = k.session_id) f
left join lateral (
  select input_preview, name, user_id, environment from trace t
  where t.project_id = %(project)s and t.session_id = k.session_id
  order by start_time, trace_id limit 1) o on true
where f.turns > 0
"""
# What users said: yes or no; where senders write numbers, 1 is up, 0 and -1 are down.
_SAID = """
select k.session_id, count(*) filter (where f.num = 1), count(*) filter (where f.num in (0, -1))
from unnest(%(ids)s::text[]) as k (session_id)
cross join lateral (
  select s.num from score s where s.project_id = %(project)s and s.session_id = k.session_id
    and s.trace_id = '' and s.source = 'user'
  union all
  select s.num from trace t join score s
    on s.project_id = t.project_id and s.trace_id = t.trace_id
  where t.project_id = %(project)s and t.session_id = k.session_id and s.source = 'user') f
group by 1
"""


@dataclass(frozen=True, kw_only=True)
class SessionCriteria:
    """Sessions with a turn that meets all of these; `until` is exclusive. '' does not narrow."""

    since: datetime | None = None
    until: datetime | None = None
    environment: str = ""  # as in lists of traces
    user_id: str = ""
    q: str = ""  # a part of the id, any case

    @property
    def is_narrowed(self) -> bool:
        """Whether more than the time is asked for."""
        return bool(self.environment or self.user_id or self.q)


@dataclass(frozen=True)
class SessionSummary:
    """A session with the sums over all of its traces, whatever it was found by."""

    session_id: str
    turns: int
    first_start: datetime
    last_start: datetime
    end: datetime
    busy_us: int
    errors: int  # traces with an error
    cost_nano: int
    tokens_in: int
    tokens_out: int
    calls: int
    metered: int
    unpriced: int
    running: int
    users: int
    first_words: str | None
    first_name: str | None
    user_id: str | None
    environment: str | None
    thumbs_up: int = 0
    thumbs_down: int = 0

    @property
    def cost(self) -> int | None:
        """Nano-dollars; None where nothing could be priced."""
        return self.cost_nano if self.calls > self.unpriced else None

    @property
    def is_unpriced(self) -> bool:
        """Calls were made and none could be priced."""
        return self.calls > 0 and self.cost is None

    @property
    def is_partly_priced(self) -> bool:
        """The cost leaves calls out."""
        return self.cost is not None and self.unpriced > 0

    @property
    def tokens(self) -> int | None:
        """Input and output together; None where no call said."""
        return self.tokens_in + self.tokens_out if self.metered else None


@dataclass(frozen=True)
class SessionPage:
    """Rows of the list; `searched_back_to` is set where time ran out before the range did."""

    rows: list[SessionSummary]
    next_cursor: str | None
    searched_back_to: datetime | None = None


def list_sessions(
    project_id: int,
    criteria: SessionCriteria,
    *,
    after: str = "",
    limit: int = PAGE_SIZE,
    budget: float = BUDGET_SECONDS,
) -> SessionPage:
    """The sessions whose last matching turn is the newest, after the cursor of the page before.

    Raises: BadCursor.
    """
    key = cursor_key(after) if after else None
    found: list[tuple[str, Key]] = []
    stopped: Key | None = None
    step, began = FIRST_STEP, time.monotonic()
    with _limited() as cursor:
        while len(found) <= limit:
            hits, last, seen = _walk(cursor, project_id, criteria, key, step)
            found += hits
            if last is None or seen < step:
                break
            key = last
            if len(found) <= limit and time.monotonic() - began > budget:
                stopped = key
                break
            step = min(step * 2, LONGEST_STEP)
        rows = _summed(cursor, project_id, [session_id for session_id, _ in found[:limit]])
    if stopped is not None:
        return SessionPage(rows, _cursor(stopped), stopped[0])
    return SessionPage(rows, _cursor(found[limit - 1][1]) if len(found) > limit else None)


def get_session(project_id: int, session_id: str) -> SessionSummary | None:
    """The totals of a session, or None where no trace names it."""
    if not session_id or "\0" in session_id:
        return None
    return next(iter(sessions_of(project_id, [session_id])), None)


def sessions_of(project_id: int, session_ids: Sequence[str]) -> list[SessionSummary]:
    """The totals of these sessions in this order, unknown ones left out. Two statements."""
    with _limited() as cursor:
        return _summed(cursor, project_id, session_ids)


def _summed(cursor: Any, project_id: int, session_ids: Sequence[str]) -> list[SessionSummary]:
    if not session_ids:
        return []
    values = {"project": project_id, "ids": list(session_ids)}
    cursor.execute(_TOTALS, values)
    totals = {row[0]: row for row in cursor.fetchall()}
    cursor.execute(_SAID, values)
    said = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
    return [
        SessionSummary(*(*totals[session_id], *said.get(session_id, (0, 0))))
        for session_id in session_ids
        if session_id in totals
    ]


def _walk(
    cursor: Any, project_id: int, criteria: SessionCriteria, key: Key | None, step: int
) -> tuple[list[tuple[str, Key]], Key | None, int]:
    """Sessions among the next `step` traces, the last trace looked at, how many there were."""
    values: dict[str, Any] = {"project": project_id, "step": step}
    bounds = "and {0}start_time >= %(since)s " if criteria.since else ""
    bounds += "and {0}start_time < %(until)s " if criteria.until else ""
    environment = ""
    if not criteria.environment:
        environment = "and {0}environment is distinct from %(environment)s "
        values["environment"] = HIDDEN_ENVIRONMENT
    elif criteria.environment != ANY_ENVIRONMENT:
        environment = "and {0}environment = %(environment)s "
        values["environment"] = criteria.environment
    user = "and {0}user_id = %(user)s " if criteria.user_id else ""
    text = "and strpos(lower(session_id), %(text)s) > 0" if criteria.q else ""
    below = "and (start_time, trace_id) < (%(start)s, %(trace)s)" if key else ""
    values |= {"since": criteria.since, "until": criteria.until, "user": criteria.user_id}
    values |= {"text": criteria.q.lower()}
    if key is not None:
        values |= {"start": key[0], "trace": key[1]}
    statement = _WALK.format(
        bounds=bounds.format("t."),
        user=user.format("t."),
        below=below,
        environment=environment.format("s."),
        text=text,
        # Written so that the index on sessions answers, not the one on users.
        newer=(
            bounds + environment + user.replace("{0}user_id", "coalesce({0}user_id, '')")
        ).format("n."),
    )
    hits: list[tuple[str, Key]] = []
    last, seen = None, 0
    cursor.execute(statement, values)
    for session_id, start, trace_id, count in cursor.fetchall():
        if count is None:
            hits.append((session_id, (start, trace_id)))
        else:
            last, seen = (start, trace_id), count
    hits.sort(key=lambda hit: hit[1], reverse=True)
    return hits, last, seen


@contextmanager
def _limited() -> Iterator[Any]:
    """A cursor whose statements end after the time of lists."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select set_config('statement_timeout', %s, true)", [str(STATEMENT_TIMEOUT_MS)]
        )
        yield cursor


def _cursor(key: Key) -> str:
    return encode_cursor(key[0].isoformat(), key[1])
