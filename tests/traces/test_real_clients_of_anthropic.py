"""Anthropic's client, which sends spans of its own: alone, and within an instrumentation's."""

from __future__ import annotations

import pytest

from tests.provider import ANSWER
from tests.traces.real_clients import Stage, texts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timing]

OWN = "com.anthropic.sdk.python"


def test_its_own_spans(stage: Stage) -> None:
    told = stage.told("anthropic-sdk", "anthropic_messages")
    (trace,) = stage.traces()
    spans = stage.spans(told["trace_id"])
    stage.check([trace], spans)
    assert (trace["user_id"], trace["session_id"]) == ("user-1", "sess-1")
    _root, plain, streamed, refused, down = spans
    for span in (plain, streamed):
        # It tells no messages, but the three kinds of input; its own counts exclude the cache.
        assert (span["scope"], span["provider"], span["input"]) == (OWN, "anthropic", None)
        assert span["tokens"]["input_cache_write"] == 40
        assert (span["model_requested"], span["model"]) == (
            "claude-sonnet-4-5",
            "claude-sonnet-4-5-20250929",
        )
    assert streamed["time_to_first_token_ms"] > 0
    assert (refused["level"], down["level"]) == ("ERROR", "ERROR")


def test_two_spans_a_call_are_one_call(stage: Stage) -> None:
    told = stage.told("anthropic-sdk", "anthropic_messages", INSTRUMENTED="1")
    assert told["streamed"] == ANSWER
    (trace,) = stage.traces()
    root, *spans = stage.spans(told["trace_id"])
    stage.check([trace], [root, *spans])  # four calls, of which two were refused
    assert trace["span_count"] == 9
    outer = [span for span in spans if span["scope"] != OWN]
    inner = {span["parent_span_id"]: span for span in spans if span["scope"] == OWN}
    for span in outer:
        below = inner[span["span_id"]]
        assert span["not_counted"]["counted_span_id"] == below["span_id"]
        assert below["not_counted"] is None
    plain, streamed, refused, _down = outer
    assert texts(plain["input"]) == [("system", "Be brief."), ("user", "Where is order 7?")]
    for span in (plain, streamed):
        assert texts(span["output"]) == [("assistant", ANSWER)]
        assert "usage is that of the calls below" in span["not_counted"]["reason"]
    assert "neither has usage" in refused["not_counted"]["reason"]
