"""The SQL of the write path, built once from the columns."""

from __future__ import annotations

from typing import Any

from traces.ingest.lookups import FROM_MICROS, TO_MICROS, bounded
from traces.ingest.rows import CODEC_PLAIN_ZSTD, COLUMNS, Written
from traces.ingest.totals import (
    MOST_BIGINT,
    MOST_FACETS,
    MOST_INT,
    RANKED,
    SEPARATOR,
    TraceDelta,
)

PG_EPOCH_US = 946_684_800_000_000  # 2000-01-01 in microseconds since 1970

_TYPES = {
    "start_time": "timestamptz",
    "duration_us": "int8",
    "project_id": "int8",
    "cost_nano": "int8",
    "ttft_us": "int8",
    "kind": "int2",
    "level": "int2",
    "cost_source": "int2",
    "counts": "bool",
    "evaluates": "bool",
    "api_key_id": "int8",
}
SPAN_TYPES = tuple(
    _TYPES.get(name)
    or ("int4" if name.startswith(("in_", "out_")) and "preview" not in name else "text")
    for name in COLUMNS
)
# In binary COPY a timestamp is its microseconds since 2000: sent as int8, without a datetime.
SPAN_COPY_TYPES = tuple("int8" if kind == "timestamptz" else kind for kind in SPAN_TYPES)
COPY_SPAN = f"copy span ({', '.join(COLUMNS)}) from stdin (format binary)"

CONTENT_COPY_TYPES = ("int8", "int8", "int4", "int2", "text", "text", "bytea")
COPY_CONTENT = (
    "copy span_content (start_time, project_id, size, codec, trace_id, span_id, body) "
    "from stdin (format binary)"
)

_CHANGING = [
    name for name in COLUMNS if name not in {"start_time", "project_id", "trace_id", "span_id"}
]
_KEYS = ["start_time", "project_id", "trace_id", "span_id"]
UPDATE_COLUMNS = (*_KEYS, *_CHANGING)


def _array(name: str) -> str:
    kind = SPAN_TYPES[COLUMNS.index(name)]
    return "%s::int8[]" if kind == "timestamptz" else f"%s::{kind}[]"


UPDATE_SPANS = f"""
update span s set {", ".join(f"{name} = n.{name}" for name in _CHANGING)}
from unnest({", ".join(_array(name) for name in UPDATE_COLUMNS)})
  as n ({", ".join(UPDATE_COLUMNS)})
where s.project_id = n.project_id and s.trace_id = n.trace_id and s.span_id = n.span_id
  and s.start_time = {FROM_MICROS.format("n.start_time")} and {bounded("s")}
"""

UPDATE_CONTENTS = f"""
update span_content c set size = n.size, codec = n.codec, body = n.body
from unnest(%s::int8[], %s::int8[], %s::text[], %s::text[], %s::int4[], %s::int2[], %s::bytea[])
  as n (start_time, project_id, trace_id, span_id, size, codec, body)
where c.project_id = n.project_id and c.trace_id = n.trace_id and c.span_id = n.span_id
  and c.start_time = {FROM_MICROS.format("n.start_time")} and {bounded("c")}
"""

_DELETE = f"""
delete from {{}} d using unnest(%s::int8[], %s::text[], %s::text[], %s::int8[])
  as n (project_id, trace_id, span_id, start_time)
where d.project_id = n.project_id and d.trace_id = n.trace_id and d.span_id = n.span_id
  and d.start_time = {FROM_MICROS.format("n.start_time")} and {bounded("d")}
"""
DELETE_SPANS = _DELETE.format("span")
DELETE_CONTENTS = _DELETE.format("span_content")


def content_arrays(spans: list[Written]) -> list[list[Any]]:
    """The first parameters of UPDATE_CONTENTS, an array a column; then come its bounds."""
    keys = [span.key for span in spans]
    return [
        [span.row[0] for span in spans],
        [key[0] for key in keys],
        [key[1] for key in keys],
        [key[2] for key in keys],
        [len(span.content) for span in spans],
        [CODEC_PLAIN_ZSTD] * len(spans),
        [span.body for span in spans],
    ]


# --- traces ---------------------------------------------------------------------------------
_SUMS = (
    "cost_nano",
    "evaluator_nano",
    "tokens_in",
    "tokens_out",
    "span_count",
    "error_count",
    "call_count",
    "metered_count",
    "unpriced_count",
    "open_count",
)
_TRACE_ARRAYS = (
    ("project_id", "int8"),
    ("trace_id", "text"),
    ("start_us", "int8"),
    ("end_us", "int8"),
    *((name, "int8") for name in _SUMS),
    ("root_ok", "bool"),
    ("facets", "text"),
    *((f"r_{name}", "int8") for name in RANKED),
    *((f"v_{name}", "text") for name in RANKED),
)

_NEW = f"""
from unnest({", ".join(f"%s::{kind}[]" for _, kind in _TRACE_ARRAYS)})
  as n ({", ".join(name for name, _ in _TRACE_ARRAYS)})
"""
_NEW_RANKS = f"array[{', '.join(f'n.r_{name}' for name in RANKED)}]"
_NEW_FACETS = f"string_to_array(n.facets, E'{chr(92)}x1f')"
_NEW_START = FROM_MICROS.format("n.start_us")
_NEW_END = FROM_MICROS.format("n.end_us")
_CAPPED = {
    "span_count",
    "error_count",
    "call_count",
    "metered_count",
    "unpriced_count",
    "open_count",
}


def _sum_of(name: str) -> str:
    if name in _CAPPED:
        return f"least(t.{name}::int8 + excluded.{name}, {MOST_INT})"
    # Whoever sends nonsense must not make the trace unwritable.
    if name in ("cost_nano", "evaluator_nano"):
        return f"least(t.{name}::numeric + excluded.{name}, {MOST_BIGINT})"
    return f"t.{name} + excluded.{name}"


def _wins(place: int, name: str) -> str:
    """SQL that is true where the arriving value ranks before the stored one."""
    return (
        f"(excluded.ranks[{place}], coalesce(excluded.{name}, '')) "
        f"< (t.ranks[{place}], coalesce(t.{name}, ''))"
    )


_ROOT = (RANKED.index("root_span_id") + 1, "root_span_id")
_UNITED = f"""array(select distinct f collate "C" as f from unnest(t.facets || excluded.facets) f
  order by f limit {MOST_FACETS})"""
_INSERTED = (
    "project_id",
    "trace_id",
    "start_time",
    "end_time",
    "duration_us",
    *_SUMS,
    "root_ok",
    "facets",
    "ranks",
    *RANKED,
)

UPSERT_TRACES = f"""
insert into trace as t ({", ".join(_INSERTED)})
select n.project_id, n.trace_id, {_NEW_START}, {_NEW_END}, n.end_us - n.start_us,
  {", ".join(f"n.{name}" for name in _SUMS)}, n.root_ok, {_NEW_FACETS}, {_NEW_RANKS},
  {", ".join(f"n.v_{name}" for name in RANKED)}
{_NEW}
on conflict (project_id, trace_id) do update set
  start_time = least(t.start_time, excluded.start_time),
  end_time = greatest(t.end_time, excluded.end_time),
  duration_us = {TO_MICROS.format("(greatest(t.end_time, excluded.end_time))")}
    - {TO_MICROS.format("(least(t.start_time, excluded.start_time))")},
  {", ".join(f"{name} = {_sum_of(name)}" for name in _SUMS)},
  root_ok = case when {_wins(*_ROOT)} then excluded.root_ok else t.root_ok end,
  facets = case when excluded.facets <@ t.facets then t.facets else {_UNITED} end,
  ranks = array[{
    ", ".join(f"least(t.ranks[{i}], excluded.ranks[{i}])" for i in range(1, len(RANKED) + 1))
}],
  {
    ", ".join(
        f"{name} = case when {_wins(i, name)} then excluded.{name} else t.{name} end"
        for i, name in enumerate(RANKED, 1)
    )
}
returning project_id, trace_id, span_count,
  {TO_MICROS.format("start_time")}, {TO_MICROS.format("end_time")}
"""

# Absolute values, for traces whose spans changed: their rows are locked before.
REPLACE_TRACES = f"""
update trace t set start_time = {_NEW_START}, end_time = {_NEW_END},
  duration_us = n.end_us - n.start_us,
  {", ".join(f"{name} = n.{name}" for name in _SUMS)}, root_ok = n.root_ok,
  facets = array(select distinct f collate "C" as f from unnest({_NEW_FACETS} ||
    array(select o from unnest(t.facets) o where o like 't:%%')) f order by f limit {MOST_FACETS}),
  ranks = {_NEW_RANKS}, {", ".join(f"{name} = n.v_{name}" for name in RANKED)}
{_NEW}
where t.project_id = n.project_id and t.trace_id = n.trace_id
"""


def trace_arrays(deltas: list[TraceDelta]) -> list[list[Any]]:
    """The parameters of UPSERT_TRACES and REPLACE_TRACES, an array a column."""
    arrays: list[list[Any]] = [
        [d.project_id for d in deltas],
        [d.trace_id for d in deltas],
        [d.start_us for d in deltas],
        [d.end_us for d in deltas],
    ]
    arrays += [[getattr(d, name) for d in deltas] for name in _SUMS]
    arrays.append([d.root_ok for d in deltas])
    arrays.append([SEPARATOR.join(d.kept_facets) for d in deltas])
    arrays += [[d.ranks[i] for d in deltas] for i in range(len(RANKED))]
    arrays += [[d.values[i] for d in deltas] for i in range(len(RANKED))]
    return arrays


COPY_QUEUE = (
    "copy digest_queue (project_id, trace_id, first_start, last_start) from stdin (format binary)"
)
QUEUE_COPY_TYPES = ("int8", "text", "int8", "int8")
