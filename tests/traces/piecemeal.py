"""A trace in its smallest pieces, the ways to send them, and all that stands afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import orjson

from tests.traces.otlp_build import as_otlp_json, pairs, request, span
from tests.traces.recordings import FOLDER, JSON
from tests.traces.stored import connect, fetch
from traces.digest.events import store_events
from traces.digest.settle import settle_what_is_due
from traces.feedback.given import GivenScore
from traces.ingest.pipeline import Dialect, prepare, prepare_events
from traces.ingest.writer.merge import unpack
from traces.ingest.writer.store import Store
from traces.services.scores import record_scores

PROJECT = 1
_RECORDED = "otel-openai-v2-2.4b0-legacy-events"
_TRACE = "e72000e1312419629643cd93c755f8cd"
_CALL = "74e8e327d930cdeb"  # a recorded call: 120 tokens in, 30 out
_START = 1_795_185_665_412_585_832
_WRITTEN = (
    "span", "span_content", "trace", "log_event", "score", "uncounted", "digest_queue",
    "usage_hour", "trace_hour", "trace_counted", "trace_words",
)  # fmt: skip
_KEY = "hour, environment, feature, model, provider, prompt_name, prompt_version, kind"
_SUMS = [
    "spans",
    "errors",
    "calls",
    "unpriced",
    "in_uncached",
    "in_cached",
    "out_text",
    "cost_nano",
    "duration_us",
]
_USAGE = f"""
select {_KEY}, {", ".join(f"sum({name})" for name in _SUMS)} from usage_hour group by {_KEY}
having sum(spans) <> 0 or sum(calls) <> 0 or sum(cost_nano) <> 0 order by {_KEY}
"""
_LENGTHS = f"""
select {_KEY}, bucket, sum(number) from usage_hour, unnest(lat_b, lat_n) as l (bucket, number)
group by {_KEY}, bucket having sum(number) <> 0 order by {_KEY}, bucket
"""
_HOURS = """
select hour, environment, feature, name, release, models, sum(traces), sum(errors),
  sum(recovered), sum(duration_us)
from trace_hour group by 1, 2, 3, 4, 5, 6 having sum(traces) <> 0 order by 1, 2, 3, 4, 5, 6
"""


@dataclass(frozen=True)
class Piece:
    """The least that is sent at once: `kind` is spans, logs, batch or scores."""

    kind: str
    body: Any


def recorded() -> Iterator[Piece]:
    """Each span and each log record of a recorded run by itself."""
    for path in sorted(FOLDER.glob(f"{_RECORDED}.*-*.json")):
        whole = json.loads(path.read_text())
        kind, outer, inner, leaf = (
            ("spans", "resourceSpans", "scopeSpans", "spans")
            if "resourceSpans" in whole
            else ("logs", "resourceLogs", "scopeLogs", "logRecords")
        )
        for of_resource in whole[outer]:
            for of_scope in of_resource[inner]:
                for one in of_scope[leaf]:
                    yield Piece(
                        kind,
                        {outer: [{**of_resource, inner: [{**of_scope, leaf: [one]}]}]},
                    )


def told_twice() -> Iterator[Piece]:
    """What others say of the recorded calls: another instrumentation, an agent, a cost."""
    usage = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.usage.input_tokens": 120,
        "gen_ai.usage.output_tokens": 30,
    }
    ids = {"trace_id": bytes.fromhex(_TRACE), "parent_span_id": bytes.fromhex(_CALL)}
    again = span(
        usage, span_id=b"twin-001", start_time_unix_nano=_START + 1_000,
        end_time_unix_nano=_START + 30_000_000, **ids,
    )  # fmt: skip
    event = again.events.add(name="gen_ai.choice", time_unix_nano=_START + 9)
    event.attributes.extend(pairs({"content": "said by the span itself"}))
    yield _spans(again, "another")
    late = span(
        {"session.id": "s", "user.id": "u", "gen_ai.operation.name": "invoke_agent"},
        span_id=b"agent-01", trace_id=ids["trace_id"], name="agent",
        start_time_unix_nano=_START - 5_000, end_time_unix_nano=_START + 900_000_000,
    )  # fmt: skip
    late.status.code = 2  # type: ignore[assignment]
    yield _spans(late, "app")
    own = {**usage, "gen_ai.usage.output_tokens": 31, "gen_ai.usage.cost": 0.5}
    yield _spans(span(own, span_id=b"given-01", trace_id=ids["trace_id"]), "app")
    yield Piece("logs", _logs_of(b"twin-001".hex()))


def _spans(one: Any, scope: str) -> Piece:
    return Piece("spans", as_otlp_json(request(one, scope=scope, resource={"service.name": "x"})))


def _logs_of(span_id: str) -> dict[str, Any]:
    record = {
        "traceId": _TRACE, "spanId": span_id, "observedTimeUnixNano": str(_START + 7),
        "eventName": "gen_ai.user.message",
        "body": {"kvlistValue": {"values": [
            {"key": "content", "value": {"stringValue": "said by a log record"}}]}},
        "attributes": [{"key": "gen_ai.system", "value": {"stringValue": "openai"}}],
    }  # fmt: skip
    return {"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}


def by_langfuse() -> Iterator[Piece]:
    """Creates and updates of one generation, and of the trace."""
    moments = [f"2026-11-20T13:01:{second:02}Z" for second in range(20)]
    told = [
        ("generation-create", {"id": "lf", "startTime": moments[5], "model": "gpt-4o-mini"}),
        ("generation-update", {"id": "lf", "usageDetails": {"input": 50, "output": 7}}),
        ("generation-update", {"id": "lf", "endTime": moments[9], "output": "done"}),
        ("generation-create", {"id": "lf", "startTime": moments[6], "parentObservationId": "x"}),
    ]
    bodies = [(kind, {**body, "traceId": _TRACE}) for kind, body in told]
    bodies += [
        ("trace-create", {"id": _TRACE, "name": "refund", "tags": ["b", "a"]}),
        ("trace-create", {"id": _TRACE, "userId": "someone", "metadata": {"x": 1}}),
    ]
    for place, (kind, body) in enumerate(bodies):
        event = {"id": f"e{place}", "type": kind, "timestamp": moments[place], "body": body}
        yield Piece("batch", event)


def scored() -> Iterator[Piece]:
    """Scores of the trace and of a span."""
    for name, value, span_id in (("tone", 0.5, ""), ("right", True, _CALL), ("kind", "b", "")):
        yield Piece("scores", (name, value, span_id))


PIECES = [*recorded(), *told_twice(), *by_langfuse(), *scored()]


def send(pieces: Iterable[Piece]) -> None:
    """Send one group: what is of a kind in one request, kinds in the order of their first."""
    pieces = list(pieces)
    order = list(dict.fromkeys(piece.kind for piece in pieces))
    for kind, members in groupby(sorted(pieces, key=lambda one: order.index(one.kind)),
                                 key=lambda one: one.kind):  # fmt: skip
        _SENDERS[kind]([piece.body for piece in members])


def settle() -> None:
    """Look at what is due."""
    with connect() as link:
        settle_what_is_due(link)


def state() -> dict[str, Any]:
    """All that stands, without the moments of its arrival."""
    contents = {
        row[:3]: (row[3], orjson.loads(unpack(row[4])))
        for row in fetch("select trace_id, span_id, start_time, size, body from span_content")
    }
    return {
        "spans": fetch("select * from span order by trace_id, span_id, start_time"),
        "contents": contents,
        "traces": fetch("select * from trace order by trace_id"),
        "scores": fetch(
            "select id, trace_id, span_id, name, num, label, data_type, at from score order by id"
        ),
        "events": fetch(
            "select trace_id, span_id, digest, joined_at is null from log_event order by 1, 2, 3"
        ),
        "uncounted": fetch("select * from uncounted order by trace_id, span_id"),
        "usage": fetch(_USAGE),
        "lengths": fetch(_LENGTHS),
        "hours": fetch(_HOURS),
        "counted": fetch("select * from trace_counted order by trace_id"),
        "words": fetch("select trace_id, start_time, words from trace_words order by 1"),
        "waiting": fetch("select count(*) from digest_queue"),
    }


def empty() -> None:
    """Take everything out again."""
    with connect() as link:
        link.execute(f"truncate {', '.join(_WRITTEN)}")


def _write(body: dict[str, Any], dialect: Dialect) -> None:
    raw = orjson.dumps(body)
    found = prepare(raw, encoding="", content_type=JSON, dialect=dialect, project_id=PROJECT)
    assert not found.rejected
    store = Store(connect)
    store.write(found.spans)
    store.close()


def _send_spans(bodies: list[dict[str, Any]]) -> None:
    whole = [of_resource for body in bodies for of_resource in body["resourceSpans"]]
    _write({"resourceSpans": whole}, Dialect.OTLP)


def _send_batch(events: list[dict[str, Any]]) -> None:
    _write({"batch": events}, Dialect.LANGFUSE)


def _send_logs(bodies: list[dict[str, Any]]) -> None:
    whole = [of_resource for body in bodies for of_resource in body["resourceLogs"]]
    raw = orjson.dumps({"resourceLogs": whole})
    records = prepare_events(raw, encoding="", content_type=JSON).records
    with connect() as link, link.transaction(), link.cursor() as cursor:
        store_events(cursor, PROJECT, records)


def _send_scores(bodies: list[tuple[str, Any, str]]) -> None:
    at = fetch("select timestamptz '2026-11-20 13:00:00Z'")[0][0]
    record_scores(
        PROJECT,
        [GivenScore(name, value, name, _TRACE, span_id, at=at) for name, value, span_id in bodies],
    )


_SENDERS = {
    "spans": _send_spans, "batch": _send_batch, "logs": _send_logs, "scores": _send_scores,
}  # fmt: skip
