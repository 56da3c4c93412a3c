"""Traces in our own JSON: nested or flat, with defaults, and faults named by their path."""

from __future__ import annotations

import json
from typing import Any

import pytest

from traces.ingest.canonical.represent import content_document, previews, read_content
from traces.ingest.record import Kind, Level
from traces.ingest.wire.decode import Decoded, decode_native
from traces.ingest.wire.errors import BadRequestBody
from traces.ingest.wire.limits import Limits

START, END = 1_795_187_094_314_356_482, 1_795_187_095_314_356_482


def decode(body: Any, **limits: int) -> Decoded:
    return decode_native(json.dumps(body).encode(), limits=Limits(**limits))


def span(**fields: Any) -> dict[str, Any]:
    return {"name": "step", "start": START, "end": END, **fields}


def test_a_whole_generation_is_taken() -> None:
    sent = span(
        span_id="g-1",
        kind="generation",
        model="gpt-4o-mini-2024-07-18",
        model_requested="gpt-4o-mini",
        provider="OpenAI",
        input=[{"role": "user", "content": "Weather in Paris?"}],
        output="Sunny",
        tokens={
            "input_total": 120, "input_cached": 64, "output_total": 30, "output_reasoning": 8
        },
        cost_usd="0.000031",
        time_to_first_token=0.25,
        tags=["beta", "beta"],
        metadata={"plan": "pro"},
        prompt_name="weather",
        prompt_version=7,
        level="warning",
    )  # fmt: skip
    (record,) = decode({"trace_id": "t-1", "spans": [sent]}).records
    assert (record.trace_id, record.span_id, record.parent_span_id) == ("t-1", "g-1", None)
    assert (record.start_ns, record.end_ns) == (START, END)
    assert (record.kind, record.level) == (Kind.GENERATION, Level.WARNING)
    assert (record.in_uncached, record.in_cached, record.in_cache_write) == (56, 64, None)
    assert (record.out_text, record.out_reasoning) == (22, 8)
    assert record.cost_given == {"total": "0.000031"}
    assert (record.ttft_us, record.provider) == (250_000, "openai")
    assert (record.prompt_version, record.tags) == ("7", ["beta"])
    assert previews(record) == ("Weather in Paris?", "Sunny")
    content = read_content(content_document(record))
    assert content["input"][0]["parts"] == [{"type": "text", "content": "Weather in Paris?"}]
    assert content["usage"] == sent["tokens"]


def test_nested_spans_know_their_parents_and_inherit_from_the_trace() -> None:
    trace = {
        "name": "refund",
        "user_id": "ada",
        "session_id": 9,
        "environment": "staging",
        "tags": ["web"],
        "spans": [span(children=[span(spans=[span()], user_id="bob")])],
    }
    root, child, grandchild = decode(trace).records
    assert (root.parent_span_id, child.parent_span_id) == (None, root.span_id)
    assert grandchild.parent_span_id == child.span_id
    assert len({record.trace_id for record in (root, child, grandchild)}) == 1
    assert (len(root.trace_id), len(root.span_id)) == (32, 16)
    assert [record.user_id for record in (root, child, grandchild)] == ["ada", "bob", "ada"]
    assert (grandchild.session_id, grandchild.environment) == ("9", "staging")


@pytest.mark.parametrize("wrap", [lambda t: t, lambda t: [t], lambda t: {"traces": [t]}])
def test_each_frame_is_taken(wrap: Any) -> None:
    flat = {"spans": [span(span_id="a"), span(span_id="b", parent_span_id="a")]}
    _, child = decode(wrap(flat)).records
    assert child.parent_span_id == "a"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (START, START),
        (str(START), START),
        ("2026-11-20T15:04:54.314356482Z", START),
        ("2026-11-20T16:04:54.314356482+01:00", START),
        ("2026-11-20T15:04:54", START - 314_356_482),
    ],
)
def test_times_are_nanoseconds_or_iso_8601(sent: Any, expected: int) -> None:
    (record,) = decode({"spans": [{"name": "x", "start_time": sent}]}).records
    assert record.start_ns == expected


@pytest.mark.parametrize(
    ("fault", "where", "reason"),
    [
        ({"start": None}, "start_time", "A span needs start_time"),
        ({"start": 1_795_187_094}, "start_time", "looks like seconds"),
        ({"start": "yesterday"}, "start_time", "ISO 8601"),
        ({"start": START, "end": -1}, "end_time", "after 1970"),
        ({"kind": "llm"}, "kind", "Expected one of span, generation"),
        ({"level": "FATAL"}, "level", "Expected one of DEBUG"),
        ({"span_id": "x" * 129}, "span_id", "128 characters"),
        ({"tokens": {"input_total": "many"}}, "tokens.input_total", "Expected `int"),
        ({"cost_usd": -1}, "cost_usd", "USD"),
        ({"cost_given": {"total": "free"}}, "cost_given.total", "USD"),
        ({"tags": [1]}, "tags[0]", "Expected `str`"),
        ({"events": [{"time": 5}]}, "events[0].time", "looks like seconds"),
    ],
)
def test_a_fault_rejects_its_span_and_names_the_path(
    fault: dict[str, Any], where: str, reason: str
) -> None:
    result = decode([{"spans": [span()]}, {"spans": [span(), span(**fault)]}])
    assert (len(result.records), result.rejected_count) == (2, 1)
    assert result.rejected[0].where == f"traces[1].spans[1].{where}"
    assert reason in result.rejected[0].reason


def test_the_spans_below_a_rejected_one_are_kept() -> None:
    result = decode({"spans": [span(span_id="r", spans=[span(kind="?", children=[span()])])]})
    assert [rejection.where for rejection in result.rejected] == [
        "traces[0].spans[0].spans[0].kind"
    ]
    assert [record.parent_span_id for record in result.records] == [None, "r"]


def test_fields_we_do_not_know_are_kept_as_attributes_and_marked() -> None:
    (record,) = decode({"spans": [span(colour="red")]}).records
    assert record.attributes == {"colour": "red"}
    assert [(cut["where"], cut["why"]) for cut in record.cuts] == [("colour", "unknown field")]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, Kind.SPAN),
        ({"model": "m"}, Kind.GENERATION),
        ({"tool": {"name": "t"}}, Kind.TOOL),
        ({"documents": ["text"]}, Kind.RETRIEVER),
        ({"kind": "Embedding"}, Kind.EMBEDDING),
    ],
)
def test_the_kind_follows_from_the_content_where_it_is_not_said(
    fields: dict[str, Any], kind: Kind
) -> None:
    (record,) = decode({"spans": [span(**fields)]}).records
    assert record.kind == kind


def test_too_deep_and_too_many_spans_are_rejected() -> None:
    deep = span()
    for _ in range(5):
        deep = span(spans=[deep])
    assert decode({"spans": [deep]}, span_depth=3).rejected_count == 1
    result = decode({"spans": [span() for _ in range(9)]}, spans=4)
    assert (len(result.records), result.rejected_count) == (4, 5)


@pytest.mark.parametrize("body", [b"", b"{", b"5", b'"x"', b'{"traces": 5}', b"\xff"])
def test_a_body_that_is_no_trace_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequestBody) as refusal:
        decode_native(body, limits=Limits())
    assert refusal.value.status == 400


@pytest.mark.parametrize("trace", [5, {}, {"spans": []}, {"spans": 5}, {"tags": 1, "spans": [{}]}])
def test_a_trace_without_spans_is_rejected(trace: Any) -> None:
    result = decode([trace, {"spans": [span()]}])
    assert (len(result.records), result.rejected_count) == (1, 1)
    assert result.rejected[0].where.startswith("traces[0]")
