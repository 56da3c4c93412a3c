"""Agents of pydantic-ai and a workflow of traceloop: nested as they ran, each call counted once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.provider import ANSWER, Answer
from tests.traces.real_clients import Stage, texts, without_reasoning

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timing]

Tree = list[tuple[str, str, list[Any]]]


def tree(spans: list[dict[str, Any]], parent: str | None = None) -> Tree:
    """Kind, name and what is below each span, by start."""
    return [
        (span["kind"], span["name"], tree(spans, span["span_id"]))
        for span in spans
        if span["parent_span_id"] == parent
    ]


def test_pydantic_ai(stage: Stage) -> None:
    told = stage.told("pydantic-ai", "pydantic_agents")
    assert (told["answer"], told["streamed"]) == (ANSWER, ANSWER)
    (trace,) = stage.traces()
    spans = stage.spans(told["trace_id"])
    # The agents repeat the usage of their calls, the outer one that of the inner too.
    stage.check([trace], spans)
    assert (trace["user_id"], trace["session_id"]) == ("user-1", "sess-1")
    helper = ("agent", "invoke_agent helper", [("generation", "chat gpt-4o-mini", [])])
    steps = [
        ("generation", "chat gpt-4.1", []),
        ("tool", "execute_tool lookup", [helper]),
        ("generation", "chat gpt-4.1", []),
    ]
    failures = [
        ("agent", "invoke_agent unlucky", [("generation", f"chat {name}", [])])
        for name in ("gpt-refused", "gpt-down")
    ]
    assert tree(spans) == [
        (
            "span",
            "request",
            [
                ("agent", "invoke_agent support", steps),
                ("agent", "invoke_agent writer", [("generation", "chat gpt-5-mini", [])]),
                *failures,
            ],
        )
    ]
    named = {span["name"]: span for span in spans}
    tool, inner = named["execute_tool lookup"], named["chat gpt-4o-mini"]
    assert (tool["tool"]["name"], tool["input"], tool["output"]) == ("lookup", {"order": 7}, ANSWER)
    assert texts(inner["input"]) == [("user", "Where is order 7?")]
    assert texts(inner["output"]) == [("assistant", ANSWER)]
    assert {span["provider"] for span in spans if span["kind"] == "generation"} == {"openai"}
    assert named["chat gpt-5-mini"]["time_to_first_token_ms"] > 0
    assert named["invoke_agent support"]["tokens"] is None


def test_traceloop(stage: Stage) -> None:
    told = stage.told("traceloop", "traceloop_workflow")
    (trace,) = stage.traces()
    spans = stage.spans(told["trace_id"])
    stage.check([trace], spans, as_traceloop_tells)
    assert (trace["name"], trace["feature"]) == ("answer", "support")
    assert (trace["user_id"], trace["session_id"]) == ("user-1", "sess-1")
    chat = ("generation", "openai.chat", [])
    resolver = ("agent", "resolver.agent", [chat, ("tool", "lookup.tool", []), chat])
    others = [("generation", "openai.response", []), ("embedding", "openai.embeddings", [])]
    assert tree(spans) == [
        ("chain", "answer.workflow", [chat, chat, resolver, *others, chat, chat])
    ]
    assert {span["provider"] for span in spans if span["model"]} == {"openai"}
    assert [span["metadata"] for span in spans] == [{"plan": "pro"}] * len(spans)
    _workflow, plain, streamed, *_ = spans
    for span in (plain, streamed):
        assert texts(span["input"]) == [("user", "Where is order 7?")]
        assert texts(span["output"]) == [("assistant", ANSWER)]
    (tool,) = [span for span in spans if span["kind"] == "tool"]
    assert (tool["tool"]["name"], tool["output"]) == ("lookup", "order 7 is on its way")


def as_traceloop_tells(answer: Answer) -> Answer:
    """It tells reasoning tokens of the Responses API alone."""
    return answer if answer.id.startswith("resp") else without_reasoning(answer)
