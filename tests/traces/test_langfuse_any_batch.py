"""Whatever stands in a batch, each event gets an answer, and no order of its parts matters."""

from __future__ import annotations

from typing import Any

import orjson
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from traces.ingest.pipeline import prepare_records
from traces.ingest.rows import ZSTD_LEVEL
from traces.ingest.wire.decode import Decoded
from traces.ingest.wire.langfuse_batch import decode_batch
from traces.ingest.wire.langfuse_record import Parts
from traces.ingest.wire.limits import Limits
from traces.ingest.writer.merge import merged_span, without_repeats

NAMES = (
    "id", "traceId", "parentObservationId", "name", "startTime", "endTime", "completionStartTime",
    "timestamp", "input", "output", "metadata", "level", "statusMessage", "version", "environment",
    "model", "modelParameters", "usage", "usageDetails", "costDetails", "promptName",
    "promptVersion", "userId", "sessionId", "tags", "release", "public", "type", "value", "odd",
)  # fmt: skip
TIMES = (
    "2026-11-20T12:00:00Z", "2026-11-20T12:00:09.5Z", "0001-01-01T00:00:00", "9999-12-31", "x",
)  # fmt: skip
TYPES = (
    "trace-create", "span-create", "span-update", "generation-create", "generation-update",
    "event-create", "observation-update", "tool-create", "sdk-log", "score-create", "x", 7,
)  # fmt: skip

plain = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False)
texts = st.text(max_size=8) | st.sampled_from((*TIMES, "ERROR", "SPAN", "RETRIEVER", '{"a": 1}'))
values = st.recursive(
    plain | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
bodies = st.dictionaries(st.sampled_from(NAMES), values, max_size=8)
one_object = bodies.map(lambda body: {**body, "id": "s", "traceId": "t"})
events = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES), "body": bodies | one_object | values},
    optional={"id": values, "timestamp": st.sampled_from(TIMES) | values},
)
compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL)


def body(batch: list[Any]) -> bytes:
    return orjson.dumps({"batch": batch}, default=str, option=orjson.OPT_NON_STR_KEYS)


def sendable(value: Any) -> Any:
    """What JSON can say: integers of 64 bits."""
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value)
    if isinstance(value, dict):
        return {key: sendable(inner) for key, inner in value.items()}
    return [sendable(inner) for inner in value] if isinstance(value, list) else value


@settings(max_examples=150, deadline=None)
@given(st.lists(events | values, max_size=6))
def test_each_event_gets_an_answer(batch: list[Any]) -> None:
    decoded = decode_batch(body(sendable(batch)), limits=Limits())
    assert len(decoded.events) == len(batch)
    spans = prepare_records(decoded, 1).spans
    assert {span.key[1:] for span in spans} == {one.key for one in decoded.events if one.key}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(one_object, st.integers(0, 3)), min_size=2, max_size=4), st.randoms())
def test_no_order_of_parts_matters(parts: list[tuple[Any, int]], shuffled: Any) -> None:
    def told(order: list[tuple[Any, int]]) -> tuple[Any, Any]:
        known = Parts()
        for said, at in order:
            known.add(sendable(said), at)
        return known.attributes, known.versions

    other = parts[:]
    shuffled.shuffle(other)
    assert told(parts) == told(other)


@settings(max_examples=60, deadline=None)
@given(st.lists(one_object, min_size=2, max_size=3), st.randoms())
def test_no_order_of_batches_matters(parts: list[Any], shuffled: Any) -> None:
    def batches(order: list[tuple[int, Any]]) -> Any:
        written = []
        for at, said in order:
            moment = f"2026-11-20T12:00:0{at}Z"
            event = {"id": str(at), "type": "span-update", "timestamp": moment, "body": said}
            decoded: Decoded = decode_batch(body([sendable(event)]), limits=Limits())
            written += prepare_records(decoded, 1).spans
        [one] = without_repeats(written, compressor).values()
        return one.row, orjson.loads(one.content), merged_span(one, one, compressor)

    numbered = list(enumerate(parts))
    other = numbered[:]
    shuffled.shuffle(other)
    row, content, again = batches(numbered)
    other_row, other_content, _ = batches(other)
    content.pop("cuts", None)
    other_content.pop("cuts", None)
    assert (row, content, again) == (other_row, other_content, None)
