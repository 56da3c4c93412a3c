"""Costs of stored spans are computed again after a change of prices.

A job walks from the newest span backwards in batches. Each batch is one transaction: the job's row,
then the spans in the order of their keys, then the rows of their traces are locked, as the writer
does, so that a delta is exact beside any writer; how far it came is written with it. Running it
twice changes nothing the second time.
"""

from __future__ import annotations

import logging
import random
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg import errors

from pricing.models import PriceJob
from pricing.project_table import ProjectTable, provider_fits
from pricing.queries import table_for
from pricing.recosting import Change
from pricing.services.jobs import claim_job, fail_job, finish_job, held_job, progress, release_job
from pricing.terms import micros
from traces.ingest.lookups import bounded, bounds
from traces.ingest.record import TOKEN_CLASSES
from traces.ingest.totals import MOST_BIGINT, MOST_INT
from traces.ingest.writer.changing import in_one_pass
from traces.queries.calls import ask, concerned, edges, slices
from traces.recosting.stored import CONTENT, MICROS, STORED_COLUMNS, Stored, read
from traces.rollups.spend_upkeep import COUNT_COSTS
from traces.rollups.users import count_users

log = logging.getLogger(__name__)

BATCH = 500
SLICE = timedelta(hours=12)  # of time; one without a match must not outlast the job's lease
SHARE_SECONDS = 20.0  # then others have their turn
MOST_TRIES = 5

_FROM_MICROS = "timestamptz 'epoch' + {} * interval '1 microsecond'"

_NEXT = f"""
select {MICROS}, s.trace_id, s.span_id, s.provider from span s
where {{where}} and s.start_time >= %(low)s and s.start_time < %(high)s
  and (%(at)s::int8 is null or s.start_time < {_FROM_MICROS.format("%(at)s::int8")}
    or (s.start_time = {_FROM_MICROS.format("%(at)s::int8")}
      and (s.trace_id, s.span_id) > (%(trace)s::text, %(span)s::text)))
order by s.start_time desc, s.trace_id, s.span_id limit {BATCH}
"""  # noqa: S608
_LOCKED = f"""
select {STORED_COLUMNS}
from unnest(%s::int8[], %s::text[], %s::text[]) as k (start_us, trace_id, span_id)
cross join lateral (
  select * from span s where s.project_id = %s and s.trace_id = k.trace_id
    and s.span_id = k.span_id and s.start_time = {_FROM_MICROS.format("k.start_us")} and s.counts
  offset 0 for update) s
{CONTENT}
"""  # noqa: S608
_LOCK_TRACES = """
select 1 from trace t where t.project_id = %s and t.trace_id = any(%s)
order by t.project_id, t.trace_id for update
"""
_UPDATE_SPANS = f"""
update span s set cost_nano = n.cost_nano, cost_source = n.cost_source
from unnest(%s::int8[], %s::text[], %s::text[], %s::int8[], %s::int2[])
  as n (start_us, trace_id, span_id, cost_nano, cost_source)
where s.trace_id = n.trace_id and s.span_id = n.span_id
  and s.start_time = {_FROM_MICROS.format("n.start_us")} and {bounded("s")}
"""  # noqa: S608
_UPDATE_TRACES = f"""
update trace t set
  cost_nano = greatest(0, least(t.cost_nano::numeric + n.cost, {MOST_BIGINT}))::int8,
  evaluator_nano =
    greatest(0, least(t.evaluator_nano::numeric + n.evaluators, {MOST_BIGINT}))::int8,
  unpriced_count = greatest(0, least(t.unpriced_count::int8 + n.unpriced, {MOST_INT}))::int4
from unnest(%s::text[], %s::numeric[], %s::numeric[], %s::int8[])
  as n (trace_id, cost, evaluators, unpriced)
where t.project_id = %s and t.trace_id = n.trace_id
"""  # noqa: S608

# The same into the figures by hour.
_COUNT = f"""
insert into usage_hour (project_id, hour, environment, feature, model, provider, prompt_name,
  prompt_version, kind, spans, errors, calls, unpriced, {", ".join(TOKEN_CLASSES)}, cost_nano,
  evaluator_nano, duration_us, lat_b, lat_n)
select s.project_id, date_trunc('hour', s.start_time, 'UTC'), coalesce(s.environment, ''),
  coalesce(s.feature, ''), coalesce(nullif(s.model, ''), s.model_requested, ''),
  coalesce(s.provider, ''), coalesce(s.prompt_name, ''), coalesce(s.prompt_version, ''), s.kind,
  0, 0, 0, sum(n.unpriced), {", ".join("0" for _ in TOKEN_CLASSES)},
  coalesce(sum(n.cost) filter (where s.evaluates is not true), 0),
  coalesce(sum(n.cost) filter (where s.evaluates), 0), 0, '{{}}', '{{}}'
from unnest(%s::int8[], %s::text[], %s::text[], %s::numeric[], %s::int8[])
  as n (start_us, trace_id, span_id, cost, unpriced)
cross join lateral (
  select * from span s where s.project_id = %s and s.trace_id = n.trace_id
    and s.span_id = n.span_id and s.start_time = {_FROM_MICROS.format("n.start_us")}
  offset 0) s
group by 1, 2, 3, 4, 5, 6, 7, 8, 9
"""  # noqa: S608


@dataclass(slots=True)
class _Sums:
    changed: int = 0
    newly_priced: int = 0
    newly_unpriced: int = 0
    before_nano: int = 0
    after_nano: int = 0

    def add(self, before: int | None, after: int | None) -> None:
        self.changed += 1
        self.newly_priced += before is None
        self.newly_unpriced += after is None
        self.before_nano += before or 0
        self.after_nano += after or 0


def recost(job_id: int) -> None:
    """Work on a job until it is done or cancelled, or its share of time is over."""
    job = claim_job(job_id)
    if job is None:
        return
    try:
        _work(job)
    except Exception as error:
        log.exception("costs could not be computed again", extra={"job": job.pk})
        fail_job(job, f"{type(error).__name__}: {str(error).strip()}")


def _work(job: PriceJob) -> None:
    until = time.monotonic() + SHARE_SECONDS
    change = Change(job.project_id, job.provider, job.pattern, job.since, job.until)
    table = table_for(job.project_id)
    known = edges(job.project_id)
    if known is not None:
        first = known[0] if job.since is None else max(known[0], job.since)
        last = known[1]
        if job.until is not None:
            last = min(last, job.until - timedelta(microseconds=1))
        if job.position is not None:
            last = min(last, _instant(int(job.position[0])))
        _expect(job, change)
        for low, high in slices(first, last, SLICE):
            while True:
                found = _try_batch(job, change, table, low, high)
                if found is None:
                    return  # cancelled, or another worker has it
                is_over = found < BATCH and low <= first
                if time.monotonic() > until and not is_over:
                    release_job(job)
                    return
                if found < BATCH:
                    break
    finish_job(job)


def _expect(job: PriceJob, change: Change) -> None:
    """Count what is ahead, once, so that the page can say how far it is."""
    if job.expected is not None:
        return
    where, parameters = concerned(change)
    counted = ask(f"select count(*) from span s where {where}", parameters)  # noqa: S608
    if counted is not None:
        job.expected = counted[0][0]
        PriceJob.objects.filter(pk=job.pk).update(expected=job.expected)


def _try_batch(
    job: PriceJob, change: Change, table: ProjectTable, low: datetime, high: datetime
) -> int | None:
    """`_batch`, again where another writer was in the way."""
    for attempt in range(MOST_TRIES):
        try:
            return _batch(job, change, table, low, high)
        except OperationalError as error:
            raced = isinstance(error.__cause__, errors.DeadlockDetected | errors.LockNotAvailable)
            if not raced or attempt + 1 == MOST_TRIES:
                raise
            time.sleep(random.uniform(0.01, 0.1) * (attempt + 1))  # noqa: S311
    raise AssertionError("unreachable")


@transaction.atomic
def _batch(
    job: PriceJob, change: Change, table: ProjectTable, low: datetime, high: datetime
) -> int | None:
    """Change one batch; the spans looked at, None where the job is not ours any more."""
    held = held_job(job)
    if held is None:
        return None
    position = held.position or [None, None, None]
    where, parameters = concerned(change)
    parameters |= {"low": low, "high": high}
    parameters |= dict(zip(("at", "trace", "span"), position, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_NEXT.format(where=where), parameters)
        keys = cursor.fetchall()
        wanted = [key for key in keys if provider_fits(change.provider, key[3])]
        wanted.sort(key=lambda key: (key[1], key[2]))  # locked in the order of keys, as writers do
        columns = [[key[place] for key in wanted] for place in range(3)]
        cursor.execute(_LOCKED, [*columns, job.project_id])
        found = [read(row, table) for row in cursor.fetchall()]
        sums = change_costs(
            cursor, job.project_id, [stored for stored, differs in found if differs]
        )
    # A slice that is through counts as a step, lest a turn that finds nothing begin it anew.
    reached = list(keys[-1][:3]) if len(keys) == BATCH else [micros(low), None, None]
    progress(
        held,
        position=reached,
        seen=len(keys),
        changed=sums.changed,
        newly_priced=sums.newly_priced,
        newly_unpriced=sums.newly_unpriced,
        before_nano=sums.before_nano,
        after_nano=sums.after_nano,
    )
    return len(keys)


def change_costs(cursor: Any, project_id: int, spans: list[Stored]) -> _Sums:
    """Write the new costs of spans that are locked already, and what they add to their traces."""
    sums = _Sums()
    if not spans:
        return sums
    costs: dict[str, int] = defaultdict(int)
    evaluators: dict[str, int] = defaultdict(int)
    unpriced: dict[str, int] = defaultdict(int)
    for span in spans:
        before, after = span.cost_nano, span.now[0]
        sums.add(before, after)
        apart = evaluators if span.evaluates else costs
        apart[span.trace_id] += (after or 0) - (before or 0)
        unpriced[span.trace_id] += (after is None) - (before is None)
    traces = sorted(unpriced)
    cursor.execute(_LOCK_TRACES, [project_id, traces])
    starts, ids = [span.start_us for span in spans], [span.trace_id for span in spans]
    with in_one_pass(cursor):
        cursor.execute(
            _UPDATE_SPANS,
            [
                starts,
                ids,
                [span.span_id for span in spans],
                [span.now[0] for span in spans],
                [None if span.now[1] is None else int(span.now[1]) for span in spans],
                *bounds([project_id], ids, starts),
            ],
        )
    cursor.execute(
        _UPDATE_TRACES,
        [
            traces,
            [costs[t] for t in traces],
            [evaluators[t] for t in traces],
            [unpriced[t] for t in traces],
            project_id,
        ],
    )
    differences = [
        starts,
        ids,
        [span.span_id for span in spans],
        [(span.now[0] or 0) - (span.cost_nano or 0) for span in spans],
        [(span.now[0] is None) - (span.cost_nano is None) for span in spans],
        project_id,
    ]
    cursor.execute(_COUNT, differences)
    cursor.execute(COUNT_COSTS, differences)
    count_users(cursor, [[project_id] * len(traces), traces])
    return sums


def _instant(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
