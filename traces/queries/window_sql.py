"""Statements that sum what many scopes hold in many windows, reading each trace once.

The traces of all windows are read, cut where any window begins or ends (`cut`), and grouped by what
the conditions read (`did`). Each condition is asked of each group once; sums of groups add up.
"""

# ruff: noqa: S608  (every value is composed by the driver, every name stands here)
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from traces.ingest.record import TRACE_FACTS, Kind, Level
from traces.queries.window_scopes import (
    SCORE_COLUMNS,
    Condition,
    columns_of,
    composed,
    holding,
)
from traces.rollups.histogram import BUCKET_SQL
from traces.values.measures import THUMBS, Bar, Measure, Window

_PRICED = (
    "call_count > unpriced_count"
    " and not (unpriced_count > 0 and evaluator_nano > 0 and cost_nano = 0)"
)
_FAILED = "error_count > 0 and root_ok is not true"
_ENDED = "open_count < span_count"
SUMS = (
    "count", "ended", "failed", "cost_nano", "priced", "tokens", "metered", "calls", "unpriced",
    "missed", "total",
)  # fmt: skip
_TRACE_SUMS = f"""count(*) as count, count(*) filter (where {_ENDED}) as ended,
  count(*) filter (where {_FAILED}) as failed,
  coalesce(sum(cost_nano) filter (where {_PRICED}), 0) as cost_nano,
  count(*) filter (where {_PRICED}) as priced,
  coalesce(sum(tokens_in + tokens_out) filter (where metered_count > 0), 0) as tokens,
  count(*) filter (where metered_count > 0) as metered,
  sum(call_count) as calls, sum(unpriced_count) as unpriced, 0 as missed, 0::numeric as total"""
_DURATION = f"case when {_ENDED} then {BUCKET_SQL.format('duration_us')} end"
_TYPES = {"total": "numeric"}
_NONE = "0 as cost_nano, 0 as priced, 0 as tokens, 0 as metered, 0 as calls, 0 as unpriced"


def statement(
    project_id: int,
    conditions: Sequence[Condition],
    measures: Sequence[Measure],
    bounds: Sequence[datetime],
    ranges: Sequence[Window],
    rolled: Sequence[Window] = (),
    timed: Sequence[int] = (),
) -> str:
    """SQL that gives k, q, cut, bucket and SUMS: of condition k and measure q in cut.

    The measures are of one kind. `rolled` are whole hours that are read from the figures by hour
    instead, which only light measures of traces and conditions that these know allow. `timed` are
    the conditions whose latencies are wanted: only these have rows with a bucket.
    """
    columns, span_columns = columns_of(conditions)
    key = [*columns, "gids"] if span_columns is not None else columns
    listed = "".join(f", {name}" for name in key)
    did = f"hash_record_extended(row({listed[2:]}), 0)" if key else "0::int8"
    traces = _traces(project_id, columns, bounds, ranges)
    if span_columns is None:
        parts = [f"u as materialized (select *, {did} as did from ({traces}) t)"]
    else:
        parts = [f"t as materialized ({traces})", *_kinds_of_spans(project_id, span_columns)]
        parts.append(
            f"u as materialized (select *, {did} as did from (select t.*, "
            "coalesce(s.gids, '{}') as gids from t left join (select trace_id, "
            "array_agg(gid) as gids from (select distinct trace_id, gid from sp order by 1, 2) o "
            "group by 1) s using (trace_id)) t)"
        )
    if any(one.asks_scores for one in conditions):
        named = "".join(f", s.{name}" for name in SCORE_COLUMNS)
        parts.append(
            f"sc as materialized (select s.trace_id{named} from u join score s "
            f"on s.project_id = {project_id:d} and s.trace_id = u.trace_id)"
        )
    groups = f"select did{listed} from u group by did{listed}"
    if rolled:
        parts.append(f"h as materialized ({_hours(project_id, columns, did, bounds, rolled)})")
        groups += f" union select did{listed} from h"
    parts.append(
        f'm as materialized (select "trace".did, k.k from ({groups}) as "trace" '
        f"cross join lateral {holding(conditions)} where k.holds)"
    )
    parts.append(f"a as materialized ({_sums(project_id, measures, ranges, bool(rolled))})")
    return f"with {', '.join(parts)} {_answers(timed)}"


def _answers(timed: Sequence[int]) -> str:
    """Sums of groups added up to those of conditions: of all, and by bucket where that is asked."""
    groups = ", ".join(f"sum({name})::{_TYPES.get(name, 'int8')} as {name}" for name in SUMS)
    summed = ", ".join(f"sum(b.{name}) as {name}" for name in SUMS)
    sql = (
        f"select m.k, b.q, b.cut, null::int as b, {summed} from (select did, q, cut, {groups} "
        "from a group by 1, 2, 3) b join m using (did) group by 1, 2, 3"
    )
    if timed:
        nothing = ", ".join("sum(a.ended)" if name == "ended" else "0" for name in SUMS)
        sql += (
            f" union all select m.k, a.q, a.cut, a.b, {nothing} from a join m using (did) "
            f"where a.b is not null and m.k in ({', '.join(map(str, timed))}) group by 1, 2, 3, 4"
        )
    return sql


def _traces(
    project_id: int, columns: Sequence[str], bounds: Sequence[datetime], ranges: Sequence[Window]
) -> str:
    fixed = (
        "trace_id", "start_time", "end_time", "duration_us", "span_count", "open_count",
        "error_count", "root_ok", "cost_nano", "evaluator_nano", "tokens_in", "tokens_out",
        "metered_count", "call_count", "unpriced_count",
    )  # fmt: skip
    listed = ", ".join(dict.fromkeys((*fixed, *columns)))
    return (
        f"select {listed}, {_cut('start_time', bounds)} as cut from trace "
        f"where project_id = {project_id:d} and ({within('start_time', ranges)})"
    )


def _kinds_of_spans(project_id: int, columns: Sequence[str]) -> list[str]:
    """The kinds of spans that each trace has, told apart by what the conditions read."""
    row = ", ".join(f"s.{name}" for name in columns)
    gid = f"hash_record_extended(row({row}), 0)" if columns else "0::int8"
    listed = "".join(f", s.{name}" for name in columns if name != "trace_id")
    return [
        f"sp as materialized (select s.trace_id, {gid} as gid{listed} from t "
        f"join span s on {_of_trace(project_id, 't')} group by 1, 2{listed})",
        "g as materialized (select distinct on (gid) * from sp)",
    ]


def _sums(
    project_id: int, measures: Sequence[Measure], ranges: Sequence[Window], has_hours: bool
) -> str:
    kind = measures[0].kind
    if kind == "calls":
        bucket = f"case when s.ttft_us is not null then {BUCKET_SQL.format('s.ttft_us')} end"
        return (
            f"select u.did, 0 as q, u.cut, {bucket} as b, count(*) as count, "
            f"count(s.ttft_us) as ended, "
            f"count(*) filter (where s.level = {Level.ERROR:d}) as failed, {_NONE}, "
            "0 as missed, 0::numeric as total from u "
            f"join span s on {_of_trace(project_id, 'u')} "
            f"where s.kind = {Kind.GENERATION:d} and s.counts group by 1, 2, 3, 4"
        )
    if kind in ("score", "pair"):
        return _scores(project_id, measures, ranges)
    own = f"select did, 0 as q, cut, {_DURATION} as b, {_TRACE_SUMS} from u group by 1, 2, 3, 4"
    if not has_hours:
        return own
    zero = ", ".join(f"0 as {name}" for name in SUMS[3:-1])
    return (
        f"{own} union all select did, 0, cut, null, sum(traces), 0, sum(errors), "
        f"{zero}, 0::numeric from h group by did, cut union all "
        f"select h.did, 0, h.cut, l.b, 0, sum(l.n), 0, {zero}, 0::numeric "
        "from h cross join lateral unnest(h.lat_b, h.lat_n) as l (b, n) group by h.did, h.cut, l.b"
    )


def _scores(project_id: int, measures: Sequence[Measure], ranges: Sequence[Window]) -> str:
    """Scores of each name on a trace are one, their mean; `q` says which measure counts them."""
    bars = [bar for one in measures for bar in (one.one, one.other) if bar is not None]
    names = sorted({bar.name for bar in bars if bar.name != THUMBS})
    since = min(since for since, _ in ranges)
    given = composed(
        "select s.trace_id, s.name, avg(s.num::numeric) as num from score s "
        "where s.project_id = %s and s.name = any(%s::text[]) and s.num is not null "
        "and s.num not in ('NaN', 'Infinity', '-Infinity') and s.trace_id <> '' and s.at >= %s "
        "group by 1, 2",
        [project_id, names, since],
    )
    if any(bar.name == THUMBS for bar in bars):
        given += composed(
            " union all select s.trace_id, '', max((s.num <= 0)::int)::numeric from score s "
            "where s.project_id = %s and s.source = 'user' and s.trace_id <> '' and s.at >= %s "
            "and s.data_type in ('boolean', 'number') and s.num in (1, 0, -1) group by 1",
            [project_id, since],
        )
    ones = [(place, *_listed(one.one), *_listed(one.other)) for place, one in enumerate(measures)]
    asked = ", ".join(
        composed("(%s::int, %s::text, %s::numeric, %s::bool, %s::text, %s::numeric, %s::bool)", row)
        for row in ones
    )
    is_pair = measures[0].kind == "pair"
    misses = "({0}.num <> q.{1}bar and ({0}.num > q.{1}bar) = q.{1}most)"
    missed = misses.format("x", "")
    join = ""
    if is_pair:
        join = "join given y on y.trace_id = u.trace_id and y.name = q.name2 "
        missed = f"not {missed} and {misses.format('y', 'o')}"
    return (
        f"with given as materialized ({given}) "
        f"select u.did, q.q, u.cut, null::int as b, count(*) as count, 0 as ended, 0 as failed, "
        f"{_NONE}, count(*) filter (where {missed}) as missed, sum(x.num) as total "
        "from u join given x on x.trace_id = u.trace_id "
        f"join (values {asked}) as q (q, name, bar, most, name2, obar, omost) on q.name = x.name "
        f"{join}group by 1, 2, 3"
    )


def _listed(bar: Bar | None) -> tuple[str | None, float | None, bool | None]:
    return (None, None, None) if bar is None else (bar.name, bar.bar, bar.is_most)


def _hours(
    project_id: int, columns: Sequence[str], did: str, bounds: Sequence[datetime],
    ranges: Sequence[Window],
) -> str:  # fmt: skip
    named = "".join(f", nullif({name}, '') as {name}" for name in columns)
    return (
        f"select *, {did} as did from (select {_cut('hour', bounds)} as cut, traces, errors, "
        f"lat_b, lat_n{named} from trace_hour "
        f"where project_id = {project_id:d} and ({within('hour', ranges)})) t"
    )


def _of_trace(project_id: int, trace: str) -> str:
    """Which spans are those of a trace, as `traces.query.scope` says it."""
    return (
        f"s.project_id = {project_id:d} and s.trace_id = {trace}.trace_id "
        f"and s.start_time >= {trace}.start_time and s.start_time <= {trace}.end_time "
        f"and s.start_time >= (select min(start_time) from {trace}) "
        f"and s.start_time <= (select max(end_time) from {trace}) "
        + composed("and s.span_id <> %s", [TRACE_FACTS])
    )


def within(column: str, ranges: Sequence[Window]) -> str:
    """SQL: the column lies in one of the ranges."""
    if not ranges:
        return "false"
    return " or ".join(
        composed(f"({column} >= %s and {column} < %s)", [since, until]) for since, until in ranges
    )


def _cut(column: str, bounds: Sequence[datetime]) -> str:
    return composed(f"width_bucket({column}, %s::timestamptz[])", [list(bounds)])
