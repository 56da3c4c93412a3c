"""The simulated provider: the same to the same, word by word, failing as told, for nothing."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import jsonschema
import pytest
from django.test import Client

from accounts.models import Project
from gateway import client
from gateway.client import About, ChatRequest, EmbeddingRequest, Patience, system, user
from gateway.client.answer import TextDelta
from gateway.client.connection import Connection
from gateway.client.errors import (
    AuthFailed,
    BadRequest,
    CallFailed,
    CutOff,
    RateLimited,
    TimedOut,
    Unavailable,
)
from gateway.client.process import current
from gateway.client.simulated import MODELS
from gateway.models import Kind
from tests.factories import Key
from tests.gateway.calling import QUICK

pytestmark = pytest.mark.django_db(transaction=True)
SIMULATED = Connection(Kind.SIMULATED, "Simulated")
AT_ONCE = {"simulate": {"first_ms": 0, "word_ms": 0}}
TOOL = {
    "type": "function",
    "function": {
        "name": "create_refund",
        "parameters": {
            "type": "object",
            "properties": {"order": {"type": "integer", "minimum": 5, "maximum": 5}},
        },
    },
}
SCHEMA = {
    "type": "object",
    "properties": {
        "verdict": {"enum": ["good", "bad"]},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "reasons": {"type": "array", "items": {"$ref": "#/$defs/reason"}, "minItems": 2},
        "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
    },
    "required": ["verdict", "score", "reasons", "note"],
    "$defs": {"reason": {"type": "object", "properties": {"text": {"type": "string"}}}},
}


def say(project: Project, model: str = "simulated-small", text: str = "Refund?", **more: Any):
    parameters = {**AT_ONCE, **more.pop("parameters", {})}
    messages = (system("Help."), user(text))
    request = ChatRequest(model, messages, parameters=parameters, **more)
    return client.chat(SIMULATED, request, About(project.pk), QUICK)


def test_the_same_call_has_the_same_answer_and_costs_nothing(project: Project, key: Key):
    first, second = say(project), say(project)
    other = say(project, parameters={"seed": 2})
    assert first.given == second.given
    assert first.given.text != other.given.text
    assert "Refund" in first.given.text
    assert first.cost_nano == 0
    assert first.given.usage.input_tokens > 0
    assert first.given.usage.output_tokens > 0
    response = Client(headers=key.headers).get(f"/api/v1/traces/{first.trace_id}/spans")
    (span,) = response.json()["data"]
    assert (span["provider"], span["tags"]) == ("simulated", ["simulated"])
    assert (span["cost_usd"], span["cost_source"]) == ("0", "table")


FAILURES: dict[str, tuple[type[CallFailed], int]] = {
    "400": (BadRequest, 1),
    "401": (AuthFailed, 1),
    "429": (RateLimited, 3),
    "500": (Unavailable, 3),
    "cut": (CutOff, 1),
}


def test_it_fails_as_it_is_told(project: Project):
    async def listen(model: str, simulate: dict[str, Any]) -> tuple[CallFailed, int, bool]:
        request = ChatRequest(model, (user("Hi"),), parameters={"simulate": simulate})
        about = About(project.pk)
        async with (await current()).stream(SIMULATED, request, about, QUICK) as said:
            heard = []
            try:
                async for delta in said:
                    heard.append(isinstance(delta, TextDelta))
            except CallFailed as failed:
                return failed, said.called.tries, any(heard)
        raise AssertionError(f"{model} did not fail")

    async def all_of_them() -> None:
        for fails, (failure, tries) in FAILURES.items():
            for model, said in ((f"simulated-{fails}", {}), ("simulated-small", {"fail": fails})):
                failed, tried, was_heard = await listen(model, {"first_ms": 0, **said})
                assert (type(failed), tried, was_heard) == (failure, tries, fails == "cut")

    asyncio.run(all_of_them())
    slow = ChatRequest("simulated-slow", (user("Hi"),))
    with pytest.raises(TimedOut, match=r"said nothing for 0\.1 s"):
        client.chat(SIMULATED, slow, About(project.pk), Patience(first_byte=0.1))


def test_it_speaks_word_by_word_with_its_pauses(project: Project):
    parameters = {"simulate": {"first_ms": 40, "word_ms": 10}}
    request = ChatRequest("simulated-small", (user("Hi"),), parameters=parameters)
    moments: list[float] = []

    async def listen() -> Any:
        model, began = await current(), time.monotonic()
        async with model.stream(SIMULATED, request, About(project.pk), QUICK) as said:
            async for delta in said:
                if isinstance(delta, TextDelta):
                    moments.append(time.monotonic() - began)
        return said.called

    called = asyncio.run(listen())
    assert moments[0] >= 0.04
    assert moments[-1] - moments[0] >= 0.009 * (len(moments) - 1)
    assert called.first_token_us >= 40_000


def test_it_thinks_calls_tools_and_answers_in_json(project: Project):
    thought = say(project, "simulated-reasoning").given
    assert thought.usage.out_reasoning > 0
    asks = say(project, text="Please refund order 5", tools=[TOOL]).given
    (call,) = asks.message.tool_calls
    assert (call.name, json.loads(call.arguments)) == ("create_refund", {"order": 5})
    assert asks.finish_reason == "tool_calls"
    assert not say(project, text="What is the weather?", tools=[TOOL]).given.message.tool_calls
    forced = say(project, text="Hi", tools=[TOOL], tool_choice="required").given
    assert forced.message.tool_calls
    jsonschema.validate(json.loads(say(project, response_schema=SCHEMA).given.text), SCHEMA)
    short = say(project, parameters={"max_tokens": 5}).given
    assert (short.finish_reason, short.usage.out_text <= 5) == ("length", True)
    with pytest.raises(BadRequest, match=r"simulate\.first_ms"):
        say(project, parameters={"simulate": {"first_ms": "soon"}})


def test_texts_that_share_words_are_near(project: Project):
    texts = ("refund my order", "refund the order", "sunny weather today")
    called = client.embed(
        SIMULATED, EmbeddingRequest("simulated-embedding", texts), About(project.pk), QUICK
    )
    assert called.cost_nano == 0
    one, two, three = called.given.vectors
    assert len(one) == 64
    near, far = (sum(a * b for a, b in zip(one, it, strict=True)) for it in (two, three))
    assert near > 0.5 > far
    assert set(client.models(SIMULATED)) == set(MODELS)
