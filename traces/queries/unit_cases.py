"""Cases of a range, some of them: a session, or a trace without one, with what it cost.

Slices of time, spread evenly over the range, are read whole; so every trace has the same chance.
A session is taken where its last trace in the range falls into a slice, so each has one chance too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection

from traces.ingest.record import COSTLESS_KINDS
from traces.queries.arms import NOT_TRAFFIC

MOST_TRACES = 1_500  # looked at where not all of a range are
SLICES = 150
MOST_IN_SLICE = 100  # of a burst; more would make one page slow
MOST_TURNS = 50  # of one session

_TURNS = """
with picked as materialized (
  select t.trace_id, t.session_id, t.start_time
  from unnest(%(lows)s::timestamptz[], %(highs)s::timestamptz[]) as s (low, high)
  cross join lateral (
    select trace_id, session_id, start_time from trace t
    where t.project_id = %(project)s and t.start_time >= s.low and t.start_time < s.high
      and coalesce(t.environment, '') <> all(%(not_traffic)s)
    order by t.start_time limit %(in_slice)s) t),
ends as materialized (
  select * from picked p where coalesce(p.session_id, '') = '' or not exists (
    select from trace n where n.project_id = %(project)s and n.session_id = p.session_id
      and n.start_time < %(until)s
      and (n.start_time, n.trace_id) > (p.start_time, p.trace_id)))
select e.trace_id, coalesce(e.session_id, ''), t.trace_id, t.start_time, t.end_time,
  coalesce(t.feature, ''), t.cost_nano, t.call_count
from ends e cross join lateral (
  select * from trace t where t.project_id = %(project)s and t.trace_id = e.trace_id
    and coalesce(e.session_id, '') = ''
  union all
  select * from (
    select * from trace t where t.project_id = %(project)s and t.session_id = e.session_id
      and e.session_id <> '' and t.start_time >= %(since)s and t.start_time < %(until)s
    order by t.start_time desc, t.trace_id limit %(turns)s) several) t
"""
_KEYS = {
    "model": "coalesce(nullif(s.model, ''), s.model_requested, ''), ''",
    "prompt": "coalesce(s.prompt_name, ''), coalesce(s.prompt_version, '')",
}
# Grouped within each trace, so that only the partitions of its own time are looked into.
_SPANS = """
select k.trace_id, f.* from unnest(%(ids)s::text[], %(lows)s::timestamptz[],
  %(highs)s::timestamptz[]) as k (trace_id, low, high)
cross join lateral (
  select {keys}, coalesce(sum(s.cost_nano) filter (where s.evaluates is not true), 0)::int8,
    count(*) filter (where s.counts)
  from span s where s.project_id = %(project)s and s.trace_id = k.trace_id
    and s.start_time between k.low and k.high
    and (s.counts or (s.cost_nano <> 0 and s.kind <> all(%(costless)s)))
  group by 1, 2) f
"""
Key = tuple[str, ...]


@dataclass
class Case:
    """A session, or a trace without one: nano-dollars and calls by the key that is asked for."""

    session_id: str  # '' of a lone trace
    traces: list[str] = field(default_factory=list)
    cost: int = 0
    calls: int = 0
    # By key: cost, calls, and how many of its traces have the key.
    by_key: dict[Key, tuple[int, int, int]] = field(default_factory=dict)

    def add(self, key: Key, cost: int, calls: int) -> None:
        """Count in what one of its traces has of the key."""
        known = self.by_key.get(key, (0, 0, 0))
        self.by_key[key] = (known[0] + cost, known[1] + calls, known[2] + 1)


@dataclass(frozen=True)
class Cases:
    """What was looked at, and of how many traces: `is_all` where nothing was left out."""

    cases: Sequence[Case]
    looked_at: int
    traces: int
    is_all: bool

    @property
    def scale(self) -> float:
        """How many cases there are for each that was looked at."""
        return max(self.traces / self.looked_at, 1.0) if self.looked_at else 1.0


def read_cases(
    project_id: int, since: datetime, until: datetime, *, by: str, traces: int, feature: str = ""
) -> Cases:
    """Cases that ended in the range, by `feature`, `model` or `prompt`; of one feature's traces.

    `traces` is how many traces the figures have in the range. The same range gives the same cases.
    """
    given: dict[str, Any] = {
        "project": project_id, "since": since, "until": until, "turns": MOST_TURNS,
        "not_traffic": list(NOT_TRAFFIC),
        "in_slice": MOST_IN_SLICE if traces > MOST_TRACES else 2 * MOST_TRACES,
    }  # fmt: skip
    slices = _slices(since, until, traces, f"{project_id} {since:%Y%m%d}")
    given |= {"lows": [low for low, _ in slices], "highs": [high for _, high in slices]}
    rows = _fetched(_TURNS, given)
    cases: dict[str, Case] = {}
    of_trace: dict[str, tuple[Case, datetime, datetime]] = {}
    looked_at = 0
    for end, session_id, trace_id, low, high, name, cost, calls in rows:
        looked_at += 1
        if feature and name != feature:
            continue
        # A feature's figures are the trace's own; models and prompts are told by its spans.
        case = cases.setdefault(end, Case(session_id))
        case.traces.append(trace_id)
        case.cost += cost
        case.calls += calls
        if by == "feature":
            case.add((name,), cost, calls)
        else:
            of_trace[trace_id] = (case, low, high)
    if of_trace:
        _add_spans(project_id, by, of_trace)
    is_all = traces <= MOST_TRACES
    return Cases(list(cases.values()), looked_at, max(traces, looked_at), is_all)


def _slices(
    since: datetime, until: datetime, traces: int, seed: str
) -> list[tuple[datetime, datetime]]:
    if traces <= MOST_TRACES:
        return [(since, until)]
    step = (until - since) / SLICES
    width = step * (MOST_TRACES / traces)
    room = (step - width) / timedelta(microseconds=1)
    # Each at its own place within its step: nothing that repeats by the hour lines up with them.
    chance = Random(seed)  # noqa: S311  (no secret)
    lows = [
        since + place * step + timedelta(microseconds=chance.random() * room)
        for place in range(SLICES)
    ]
    return [(low, low + width) for low in lows]


def _add_spans(
    project_id: int, by: str, of_trace: dict[str, tuple[Case, datetime, datetime]]
) -> None:
    given = {
        "project": project_id,
        "ids": list(of_trace),
        "lows": [low for _, low, _ in of_trace.values()],
        "highs": [high for _, _, high in of_trace.values()],
        "costless": [int(kind) for kind in COSTLESS_KINDS],
    }
    for trace_id, name, version, cost, calls in _fetched(_SPANS.format(keys=_KEYS[by]), given):
        key = (name,) if by == "model" else (name, version)
        of_trace[trace_id][0].add(key, cost, calls)


def _fetched(sql: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())
