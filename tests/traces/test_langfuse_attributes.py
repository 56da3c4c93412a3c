"""What Langfuse's SDKs write, version by version, cell by cell."""

from __future__ import annotations

from typing import Any

import pytest

from tests.traces.mapped import PYTHON, check, mapped
from tests.traces.otlp_build import START
from traces.ingest.canonical.represent import content_document, read_content
from traces.ingest.record import Level

_O = "langfuse.observation."
SDK: dict[str, Any] = {"scope": "langfuse-sdk", "version": "4.18.0"}


@pytest.mark.parametrize(
    "kind",
    [
        *("generation", "embedding", "event", "agent", "tool", "chain", "retriever", "evaluator"),
        *("guardrail", "span"),
    ],
)
def test_every_observation_type_is_a_kind(kind: str) -> None:
    check({f"{_O}type": kind}, {"kind": kind}, **SDK)


def test_a_span_that_names_a_model_or_usage_is_a_generation() -> None:
    check({f"{_O}type": "span", f"{_O}model.name": "m"}, {"kind": "generation"}, **SDK)
    check({f"{_O}usage_details": '{"input": 1}', f"{_O}type": "span"}, {"kind": "generation"})
    check({f"{_O}type": "span", f"{_O}usage_details": "{}"}, {"kind": "span"}, **SDK)
    check({f"{_O}type": "agent", f"{_O}model.name": "m"}, {"kind": "agent"}, **SDK)


CELLS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"langfuse.user.id": "u", "user.id": "v"}, {"user_id": "u"}),
    ({"langfuse.session.id": "s"}, {"session_id": "s"}),
    ({"session.id": "s", "gen_ai.conversation.id": "c"}, {"session_id": "s"}),
    ({"langfuse.trace.tags": ["a", "b"]}, {"tags": ["a", "b"]}),
    ({"langfuse.trace.tags": '["a"]'}, {"tags": ["a"]}),
    ({"langfuse.trace.name": "t"}, {"trace_name": "t"}),
    ({"langfuse.trace.input": "q", "langfuse.trace.output": "a"}, {"trace_input": "q"}),
    ({"langfuse.trace.output": "a"}, {"trace_output": "a"}),
    ({"langfuse.environment": "e", "deployment.environment": "d"}, {"environment": "e"}),
    ({"langfuse.release": "r", "langfuse.version": "v"}, {"release": "r", "version": "v"}),
    ({"langfuse.internal.is_app_root": True}, {"is_app_root": True}),
    ({"langfuse.internal.as_root": True}, {"is_app_root": True}),
    ({f"{_O}prompt.name": "p/q", f"{_O}prompt.version": 2}, {"prompt_version": "2"}),
    (
        {f"{_O}cost_details": '{"input": 1, "output": 2, "total": 3}'},
        {"cost_given": {"input": 1, "output": 2, "total": 3}},
    ),
    (
        {f"{_O}cost_details": '{"input": 1, "input_cached": 2}'},
        {"cost_given": {"input": 1, "total": 3.0}},
    ),
    ({f"{_O}input": "i", f"{_O}output": "o"}, {"input": "i", "output": "o"}),
    (
        {f"{_O}model.parameters": '{"max_tokens": "Infinity"}'},
        {"params": {"max_tokens": "Infinity"}},
    ),
    ({f"{_O}type": "retriever", f"{_O}output": '[{"id": 1}]'}, {"documents": [{"id": 1}]}),
    ({"langfuse.trace.metadata.roadworthy.feature": "f"}, {"feature": "f"}),
    ({f"{_O}metadata.roadworthy.user.segment": "pro"}, {"user_segment": "pro"}),
    ({"langfuse.trace.metadata": '{"roadworthy.index.name": "i"}'}, {"index_name": "i"}),
    (
        {"langfuse.trace.metadata.roadworthy.feature": "f", "roadworthy.feature": "g"},
        {"feature": "g"},
    ),
]


@pytest.mark.parametrize(("attributes", "expected"), CELLS)
def test_a_cell(attributes: dict[str, Any], expected: dict[str, Any]) -> None:
    check(attributes, expected, **SDK)


def test_the_span_has_its_own_tool_named_after_it() -> None:
    tool = {"name": "search", "call_id": None, "arguments": {"q": 1}, "result": [2]}
    sent = {f"{_O}type": "tool", f"{_O}input": '{"q": 1}', f"{_O}output": "[2]"}
    check(sent, {"tool": tool}, name="search", **SDK)


@pytest.mark.parametrize(
    ("version", "language", "quoted"),
    [
        ("5.0.4", "python", True),
        ("12.0", "python", True),
        ("4.9", "python", False),
        ("5.11.1", "nodejs", False),
        ("", "python", False),
    ],
)
def test_metadata_is_json_from_python_5_on(version: str, language: str, quoted: bool) -> None:
    sent = {
        "langfuse.trace.metadata.plan": '"pro"' if quoted else "pro",
        f"{_O}metadata.n": "1",
        f"{_O}metadata.nested": '{"a": [1]}',
        "langfuse.trace.metadata.roadworthy.feature": '"f"' if quoted else "f",
    }
    record = mapped(
        sent,
        scope="langfuse-sdk",
        version=version,
        resource={"telemetry.sdk.language": language},
    )
    assert record.feature == "f"
    metadata = read_content(content_document(record))["metadata"]
    assert metadata["plan"] == "pro"
    assert metadata["n"] == (1 if quoted else "1")
    assert metadata["nested"] == {"a": [1]}


def test_level_status_and_first_token() -> None:
    sent = {
        f"{_O}level": "WARNING",
        f"{_O}status_message": "slow",
        f"{_O}completion_start_time": '"2026-11-20T15:04:54.514356Z"',
    }
    record = mapped(sent, resource=PYTHON, **SDK)
    assert (record.level, record.status_message) == (Level.WARNING, "slow")
    assert record.ttft_us == (1_795_187_094_514_356_000 - START) // 1_000


def test_an_experiment_is_read_whole() -> None:
    sent = {
        "langfuse.experiment.id": "e1",
        "langfuse.experiment.metadata": '{"v": "1"}',
        "langfuse.experiment.dataset.id": "d1",
        "langfuse.experiment.item.id": "i1",
        "langfuse.experiment.item.expected_output": "Paris",
        "langfuse.experiment.item.root_observation_id": "ab",
    }
    experiment = {
        "id": "e1",
        "metadata": {"v": "1"},
        "dataset_id": "d1",
        "item_id": "i1",
        "expected_output": "Paris",
        "item_root_span_id": "ab",
    }
    record = mapped(sent, **SDK)
    assert record.experiment == experiment
    assert read_content(content_document(record))["experiment"] == experiment


def test_the_resource_names_environment_and_release() -> None:
    resource = {
        "langfuse.environment": "staging",
        "langfuse.release": "r1",
        "deployment.environment.name": "other",
        "service.version": "other",
    }
    check({f"{_O}type": "span"}, {"environment": "staging", "release": "r1"}, resource=resource)
