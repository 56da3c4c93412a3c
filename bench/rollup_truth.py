"""All figures by hour and day reckoned once more from the spans, in plain Python, and as stored.

Nothing here is shared with the code that keeps the figures but the bounds of the histogram.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from traces.rollups.histogram import bucket_of

CLASSES = (
    "in_uncached", "in_cached", "in_cache_write", "in_audio", "out_text", "out_reasoning",
    "out_audio",
)  # fmt: skip
CALLING, COSTLESS = {1, 2, 3}, {1, 2, 3, 4, 7}
USAGE = ("environment", "feature", "model", "provider", "prompt_name", "prompt_version", "kind")
USAGE_DAY = ("environment", "feature", "model", "provider", "kind")
USAGE_SUMS = (
    "spans", "errors", "calls", "unpriced", *CLASSES, "cost_nano", "evaluator_nano", "duration_us",
)  # fmt: skip
TOTAL = (
    "dimension", "environment", "feature", "model", "provider", "prompt_name", "prompt_version",
)  # fmt: skip
TOLD_APART = {1: ("feature",), 2: ("model", "provider"), 3: ("prompt_name", "prompt_version")}
SPEND = ("dimension", "value", "environment", "feature", "model")
SPEND_SUMS = (
    "calls", "errors", "unpriced", "tokens_in", "tokens_out", "cost_nano", "evaluator_nano",
)  # fmt: skip
TRACE = ("environment", "feature", "name", "release", "models")
TRACE_SUMS = ("traces", "errors", "recovered", "duration_us")
USER = ("environment", "user_id")
USER_SUMS = (
    "traces", "errors", "calls", "metered", "unpriced", "tokens_in", "tokens_out", "cost_nano",
    "duration_us",
)  # fmt: skip
_TABLES = {
    "usage_hour": ("hour", USAGE, USAGE_SUMS, True),
    "usage_day": ("day", USAGE_DAY, USAGE_SUMS, True),
    "usage_total": ("day", TOTAL, USAGE_SUMS, False),
    "spend_hour": ("hour", SPEND, SPEND_SUMS, False),
    "spend_day": ("day", SPEND, SPEND_SUMS, False),
    "trace_hour": ("hour", TRACE, TRACE_SUMS, True),
    "trace_day": ("day", TRACE, TRACE_SUMS, True),
    "user_day": ("day", USER, USER_SUMS, False),
}
Figures = dict[tuple[Any, ...], dict[Any, int]]


def reckoned(link: Connection[Any]) -> dict[str, Figures]:
    """Every table as the spans in `span` make it."""
    found: dict[str, Figures] = {table: defaultdict(Counter) for table in _TABLES}
    traces: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    with link.cursor(row_factory=dict_row) as cursor:
        cursor.execute("select * from span where span_id <> 'trace:facts'")
        for row in cursor:
            sums = _sums(row)
            _add(found, "usage", row, sums, row["duration_us"])
            _add_totals(found["usage_total"], row, sums)
            for dimension, name in ((1, "user_segment"), (2, "api_key_id"), (3, "route")):
                if row[name] not in (None, "") and (sums["calls"] or _money(sums)):
                    said = {**row, "dimension": dimension, "value": str(row[name])}
                    errors = {"errors": sums["errors"] if sums["calls"] else 0}
                    _add(found, "spend", said, {**sums, **errors}, None)
            traces[row["project_id"], row["trace_id"]].append({**row, **sums})
    for spans in traces.values():
        _add_trace(found, spans)
    return {table: _without_nothing(figures) for table, figures in found.items()}


def stored(link: Connection[Any]) -> dict[str, Figures]:
    """Every table as it stands, what was sampled away left out."""
    found: dict[str, Figures] = {}
    for table, (when, keys, sums, has_latencies) in _TABLES.items():
        figures: Figures = defaultdict(Counter)
        with link.cursor(row_factory=dict_row) as cursor:
            cursor.execute(f"select * from {table} where not sampled")
            for row in cursor:
                own = figures[_key(row, row[when], keys)]
                for name in sums:
                    own[name] += int(row[name])
                if has_latencies:
                    for bucket, count in zip(row["lat_b"], row["lat_n"], strict=True):
                        own[bucket] += count
        found[table] = _without_nothing(figures)
    return found


def differences(link: Connection[Any]) -> dict[str, int]:
    """For each table the number of keys whose sums differ."""
    truth, now = reckoned(link), stored(link)
    return {
        table: sum(
            truth[table].get(key) != now[table].get(key)
            for key in truth[table].keys() | now[table].keys()
        )
        for table in _TABLES
    }


def _sums(row: Mapping[str, Any]) -> dict[str, int]:
    counts, cost, kind = bool(row["counts"]), row["cost_nano"], row["kind"]
    tokens = {name: (row[name] or 0) if counts else 0 for name in CLASSES}
    paid = cost if cost and (counts or kind not in COSTLESS) else 0
    return {
        "spans": 1,
        "errors": int(row["level"] == 3),
        "calls": int(counts),
        "unpriced": int(counts and cost is None),
        "metered": int(counts and any(row[name] is not None for name in CLASSES)),
        **tokens,
        "tokens_in": sum(tokens[name] for name in CLASSES[:4]),
        "tokens_out": sum(tokens[name] for name in CLASSES[4:]),
        "cost_nano": 0 if row["evaluates"] else paid,
        "evaluator_nano": paid if row["evaluates"] else 0,
        "duration_us": row["duration_us"] or 0,
    }


def _money(sums: Mapping[str, int]) -> int:
    return sums["cost_nano"] + sums["evaluator_nano"]


def _add(
    found: dict[str, Figures],
    name: str,
    row: Mapping[str, Any],
    sums: Mapping[str, int],
    duration: int | None,
) -> None:
    said = {**row, "model": row["model"] or row["model_requested"]}
    for unit, cut in (("hour", _hour), ("day", _day)):
        _, keys, names, has_latencies = _TABLES[f"{name}_{unit}"]
        own = found[f"{name}_{unit}"][_key(said, cut(row["start_time"]), keys)]
        for each in names:
            own[each] += sums[each]
        if has_latencies and duration is not None:
            own[bucket_of(duration)] += 1


def _add_totals(found: Figures, row: Mapping[str, Any], sums: Mapping[str, int]) -> None:
    said = {**row, "model": row["model"] or row["model_requested"]}
    for dimension, names in TOLD_APART.items():
        key = {name: said[name] if name in names else "" for name in TOTAL[2:]}
        key |= {"dimension": dimension, "environment": row["environment"]}
        own = found[_key({**said, **key}, _day(row["start_time"]), TOTAL)]
        for each in USAGE_SUMS:
            own[each] += sums[each]


def _add_trace(found: dict[str, Figures], spans: list[dict[str, Any]]) -> None:
    root = next(one for one in spans if not one["parent_span_id"])
    start = min(one["start_time"] for one in spans)
    ends = [_micros(one["start_time"]) + (one["duration_us"] or 0) for one in spans]
    failed = any(one["level"] == 3 for one in spans)
    is_ok = root["duration_us"] is not None and root["level"] != 3
    duration = max(ends) - _micros(start)
    key = {**root, "models": sorted({one["model"] for one in spans if one["model"]})}
    sums = {
        "traces": 1, "errors": int(failed and not is_ok), "recovered": int(failed and is_ok),
        "duration_us": duration,
    }  # fmt: skip
    for unit, cut in (("hour", _hour), ("day", _day)):
        own = found[f"trace_{unit}"][_key(key, cut(start), TRACE)]
        for name in TRACE_SUMS:
            own[name] += sums[name]
        own[bucket_of(duration)] += 1
    if root["user_id"]:
        own = found["user_day"][_key(root, _day(start), USER)]
        for name in USER_SUMS:
            own[name] += sums[name] if name in sums else sum(one[name] for one in spans)


def _key(row: Mapping[str, Any], when: Any, keys: tuple[str, ...]) -> tuple[Any, ...]:
    return (row["project_id"], when, *(_plain(row[name]) for name in keys))


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else "" if value is None else value


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _day(at: datetime) -> Any:
    return at.astimezone(UTC).date()


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1e6)


def _without_nothing(figures: Figures) -> Figures:
    plain = {key: {name: n for name, n in own.items() if n} for key, own in figures.items()}
    return {key: own for key, own in plain.items() if own}
