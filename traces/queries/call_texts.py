"""Calls of a day with what they were asked, in bounded number, for what is learned from texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

import orjson
from django.db import connection

from traces.ingest.canonical.represent import read_content
from traces.ingest.record import Kind, Level
from traces.ingest.writer.merge import unpack
from traces.queries.arms import NOT_TRAFFIC

SLICES = 24
MOST_BYTES = 256 * 2**20  # of contents, unpacked
CHUNK = 200
_SAYING = ("content", "text", "parts")
# Spans and bodies are found by start time within one partition; ids are asked for in chunks.
_CALLS = """
select s.start_time, s.trace_id, s.span_id, coalesce(s.feature, ''),
  coalesce(s.model, s.model_requested, ''), coalesce(s.prompt_name, ''), coalesce(s.provider, ''),
  s.cost_nano, s.in_uncached, s.in_cached, s.in_cache_write, s.in_audio,
  coalesce(s.out_text, 0) + coalesce(s.out_reasoning, 0) + coalesce(s.out_audio, 0)
from span s
where s.project_id = %(project)s and s.start_time >= %(low)s and s.start_time < %(high)s
  and s.kind = %(kind)s and s.counts and s.level < %(error)s and s.evaluates is not true
  and coalesce(s.environment, '') <> all(%(not_traffic)s)
order by s.start_time, s.trace_id, s.span_id limit %(most)s
"""
_BODIES = """
select trace_id, span_id, size, body from span_content
where project_id = %(project)s and start_time >= %(low)s and start_time <= %(high)s
  and (trace_id, span_id) in (select * from unnest(%(traces)s::text[], %(spans)s::text[]))
"""


@dataclass(frozen=True, slots=True)
class AskedText:
    """One call and its input as one text; '' where none is kept. Tokens by class, 0 is unknown."""

    at: datetime
    trace_id: str
    feature: str
    model: str
    prompt: str
    provider: str
    cost_nano: int | None
    uncached: int
    cached: int
    written: int
    out: int
    text: str


def call_slices(
    since: datetime, until: datetime, *, calls: int, most: int, seed: str
) -> list[tuple[datetime, datetime]]:
    """All of the range where it has at most `most` calls, else 24 windows spread over it."""
    if calls <= most:
        return [(since, until)]
    step = (until - since) / SLICES
    width = step * (most / calls)
    room = (step - width) / timedelta(microseconds=1)
    chance = Random(seed)  # noqa: S311  (no secret)
    lows = [
        since + place * step + timedelta(microseconds=chance.random() * room)
        for place in range(SLICES)
    ]
    return [(low, low + width) for low in lows]


def asked_texts(
    project_id: int, low: datetime, high: datetime, *, most: int
) -> Iterator[AskedText]:
    """Calls of models that ended well and count, in the order of their start, at most `most`.

    Judges, evals and experiments are left out. Texts stop, calls do not, where they get too big.
    """
    given: dict[str, Any] = {
        "project": project_id, "low": low, "high": high, "kind": int(Kind.GENERATION),
        "error": int(Level.ERROR), "not_traffic": list(NOT_TRAFFIC), "most": most,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_CALLS, given)
        rows = cursor.fetchall()
    left = MOST_BYTES
    for place in range(0, len(rows), CHUNK):
        chunk = rows[place : place + CHUNK]
        texts: dict[tuple[str, str], str] = {}
        if left > 0:
            texts, used = _texts(project_id, chunk, left)
            left -= used
        for row in chunk:
            yield _asked(row, texts.get((row[1], row[2]), ""))


def _asked(row: tuple[Any, ...], text: str) -> AskedText:
    at, trace, _, feature, model, prompt, provider, cost, plain, cached, written, audio, out = row
    return AskedText(
        at, trace, feature, model, prompt, provider, cost, (plain or 0) + (audio or 0),
        cached or 0, written or 0, out, text,
    )  # fmt: skip


def _texts(
    project_id: int, rows: list[tuple[Any, ...]], left: int
) -> tuple[dict[tuple[str, str], str], int]:
    given = {
        "project": project_id, "low": rows[0][0], "high": rows[-1][0],
        "traces": [row[1] for row in rows], "spans": [row[2] for row in rows],
    }  # fmt: skip
    found: dict[tuple[str, str], str] = {}
    used = 0
    with connection.cursor() as cursor:
        cursor.execute(_BODIES, given)
        for trace_id, span_id, size, body in cursor:
            used += size
            if used > left:
                break
            found[trace_id, span_id] = asked_text(orjson.loads(unpack(bytes(body))))
    return found, used


def asked_text(document: dict[str, Any]) -> str:
    """What a call was asked, in the order in which providers read it: tools, system, messages.

    Two calls with one text are asked the same, parameters with it. '' where no input is kept.
    """
    content = read_content(document)
    said = content.get("input")
    if said in (None, "", [], {}):
        return ""
    parts = [_text(content.get("tool_definitions")), _text(content.get("system_instructions"))]
    parts.extend(map(_text, said) if isinstance(said, list) else [_text(said)])
    parts.append(_text(content.get("params")))  # last: no part of the beginning that is cached
    return "\n".join(part for part in parts if part)


def _text(value: Any) -> str:
    """A value as text; texts within messages keep their lines."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        return "\n".join(map(_text, value))
    if isinstance(value, dict):
        said = {name: value[name] for name in _SAYING if isinstance(value.get(name), str | list)}
        rest = {name: one for name, one in value.items() if name not in said}
        return "\n".join((_json(rest), *(_text(one) for one in said.values())))
    return _json(value)


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str).decode()
