"""Whatever a provider makes of the wish for an object, the verdict is read, or said to be lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from evals.evaluating.judging.asking import MOST_CALLS, forget_habits
from evals.evaluating.judging.parsing import fields_in, objects_in
from evals.evaluating.subject import Subject, Verdict
from gateway import client
from tests.evals.judging import answering, asked_for, judge, said, tool_call, verdict
from tests.gateway.calling import openai
from tests.provider import Provider, running
from tests.provider_faults import Fault

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = Subject(input="Where is my order?", output="It is on its way, and arrives on Friday.")
GOOD = verdict(verdict="good", evidence=["arrives on Friday"])


@pytest.fixture
def upstream() -> Iterator[Provider]:
    forget_habits()
    with running() as provider:
        yield provider
    client.close()


def ask(upstream: Provider, *messages: Any, **more: Any) -> Verdict:
    upstream.script = answering(*messages)
    return said(judge(openai(upstream), **more), ASKED)


@pytest.mark.parametrize(
    "message",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"Sure, here is my verdict:\n\n{GOOD}\n\nLet me know if you need anything else.",
        f"<think>Is it {{good}}? Yes.</think>{GOOD}",
        GOOD.replace('"good"', '"GOOD."'),
        GOOD.replace('"verdict"', '"Verdict"'),
        GOOD.replace("}", ",}"),
        GOOD.replace("Because.", "Line one.\nLine two."),
        f'{{"answer": {GOOD}}}',
        f"[{GOOD}]",
        "**Reason:** It says when.\n**Evidence:** arrives on Friday\n**Verdict:** `good`",
        tool_call(verdict="good", evidence=["arrives on Friday"]),
    ],
    ids=[
        "plain", "fence", "prose", "thought", "case", "key", "comma", "newline", "nested", "list",
        "lines", "tool",
    ],
)  # fmt: skip
def test_a_verdict_is_read_however_it_is_wrapped(upstream: Provider, message: Any) -> None:
    found = ask(upstream, message)
    assert (found.label, found.num, found.passed, found.error) == ("good", 1.0, True, "")
    assert found.evidence == ("arrives on Friday",)
    assert found.reason
    assert (found.calls, len(upstream.requests)) == (1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "{" * 60_000,
        '{"a": "' + '\\"{' * 15_000,
        '{"' * 30_000,
        "*" * 60_000,
        "verdict:" + " " * 60_000 + "x",
        "verdict:" + "*" * 60_000 + "x",
        "```" * 20_000,
        "<think>" * 8_000,
        '[' + ", " * 30_000 + "]",
    ],
)  # fmt: skip
def test_no_answer_keeps_the_reader_busy(text: str) -> None:
    began = time.process_time()
    list(objects_in(text))
    fields_in(text, {"verdict": {}})
    assert time.process_time() - began < 2.0


def test_a_refused_schema_gives_way_to_a_tool_and_a_refused_tool_to_text(
    upstream: Provider,
) -> None:
    def script(body: dict[str, Any]) -> Any:
        way = asked_for(body)
        if way != "text":
            return Fault(400, f"{way} is not supported by this model")
        return {"role": "assistant", "content": GOOD}

    upstream.script = script
    spec = judge(openai(upstream))
    first = said(spec, ASKED)
    assert (first.label, first.calls) == ("good", 1)  # what is refused is no paid call
    assert [asked_for(one.body or {}) for one in upstream.requests] == ["schema", "tool", "text"]
    # The way that worked is remembered for this provider and model.
    assert said(spec, ASKED).label == "good"
    assert asked_for(upstream.requests[-1].body or {}) == "text"
    assert len(upstream.requests) == 4


def test_a_parameter_that_the_model_does_not_take_is_left_out(upstream: Provider) -> None:
    def script(body: dict[str, Any]) -> Any:
        if "temperature" in body:
            return Fault(
                400, "Unsupported value: 'temperature' does not support 0 with this model."
            )
        return {"role": "assistant", "content": GOOD}

    upstream.script = script
    assert said(judge(openai(upstream)), ASKED).label == "good"
    assert [asked_for(one.body or {}) for one in upstream.requests] == ["schema", "schema"]


def test_what_cannot_be_read_is_asked_again_a_bounded_number_of_times(upstream: Provider) -> None:
    found = ask(upstream, "I would say that this is quite fine.")
    assert found.num is None
    assert "cannot be read" in found.error
    assert (found.calls, len(upstream.requests)) == (MOST_CALLS, MOST_CALLS)
    last = upstream.requests[-1].body or {}
    assert "could not be read" in last["messages"][-1]["content"]
    again = ask(upstream, "nothing", "still nothing", GOOD)
    assert (again.label, again.calls) == ("good", 3)


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("", "empty"),
        ("I'm sorry, but I can't help with that.", "refused"),
        ({"role": "assistant", "content": "", "why": "content_filter"}, "filter"),
        ({"role": "assistant", "content": "", "why": "length"}, "max_tokens"),
        (Fault(401, "bad key"), "refuses the key"),
        (verdict(verdict="splendid"), "one of good, bad"),
    ],
    ids=["empty", "refusal", "filter", "length", "key", "category"],
)
def test_a_judge_that_says_nothing_is_an_error_and_no_score(
    upstream: Provider, message: Any, says: str
) -> None:
    found = ask(upstream, message)
    assert (found.num, found.label, found.passed) == (None, None, None)
    assert says in found.error


@pytest.mark.parametrize(
    ("answer", "num"),
    [(4, 4.0), ("4", 4.0), ("4/5", 4.0), ("4 out of 5", 4.0), (9, None), ("x", None)],
)
def test_a_number_must_lie_on_the_scale(upstream: Provider, answer: Any, num: float | None) -> None:
    given = {"data_type": "number", "minimum": 1.0, "maximum": 5.0, "bar": 4.0}
    found = ask(upstream, verdict(verdict=answer), given=given)
    assert found.num == num
    assert bool(found.error) == (num is None)
    schema = (upstream.requests[0].body or {})["response_format"]["json_schema"]["schema"]
    assert list(schema["properties"]) == ["reason", "evidence", "verdict"]
    assert schema["properties"]["verdict"] == {"type": "integer", "minimum": 1, "maximum": 5}


def test_a_yes_or_no_is_read_from_words(upstream: Provider) -> None:
    given = {"data_type": "boolean", "bar": 1.0}
    assert ask(upstream, verdict(verdict="Yes"), given=given).num == 1.0
    assert ask(upstream, verdict(verdict=False), given=given).passed is False
