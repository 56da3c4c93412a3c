"""Each check of ours says what its sentence says, and is undefined where nothing can be said."""

from __future__ import annotations

import time
from typing import Any

import pytest

from evals.evaluating.spec import Spec
from tests.evals.judging import code, judged

YES, NO, UNDEFINED = 1.0, 0.0, None


@pytest.mark.parametrize(
    ("check", "config", "output", "expected", "num"),
    [
        ("exact", {}, "Paris", "Paris", YES),
        ("exact", {}, "  Paris\n", "Paris", YES),
        ("exact", {"ignore_blanks": False}, "Paris ", "Paris", NO),
        ("exact", {}, "paris", "Paris", NO),
        ("exact", {"ignore_case": True}, "STRASSE", "straße", YES),
        ("exact", {}, "e\u0301", "\u00e9", YES),
        ("exact", {}, "Paris", None, UNDEFINED),
        ("exact", {}, None, "Paris", NO),
        ("exact", {"any_of": True}, "4", ["four", "4"], YES),
        ("exact", {"field": "a.0.b", "expected_field": "b"}, '{"a":[{"b":7}]}', {"b": 7}, YES),
        ("exact", {"field": "a.b"}, '{"a":1}', "1", NO),
        ("exact", {}, [{"role": "assistant", "content": "Paris"}], "Paris", YES),
        ("regex", {"pattern": r"\d{3}"}, "call 123", None, YES),
        ("regex", {"pattern": r"\d{3}", "whole": True}, "call 123", None, NO),
        ("regex", {"pattern": "SORRY", "flags": "i", "must": "not_match"}, "so sorry", None, NO),
        ("regex", {"pattern": "(a+)+$"}, "a" * 50_000 + "b", None, NO),
        ("contains", {"words": ["Refund", "14 days"]}, "refund within 14 days", None, YES),
        ("contains", {"words": ["refund", "cash"]}, "a refund", None, NO),
        ("contains", {"words": ["refund", "cash"], "mode": "any"}, "a refund", None, YES),
        ("contains", {"words": ["guarantee"], "mode": "none"}, "no Guarantee", None, NO),
        ("contains", {"words": ["art"], "whole_words": True}, "a party", None, NO),
        ("contains", {"words_from": "expected"}, "Berlin and Bonn", ["Bonn", "Berlin"], YES),
        ("contains", {"words_from": "expected"}, "Berlin", None, UNDEFINED),
        ("json", {}, '{"a": 1}', None, YES),
        ("json", {}, '```json\n{"a": 1}\n```', None, YES),
        ("json", {"allow_fence": False}, '```json\n{"a": 1}\n```', None, NO),
        ("json", {}, "{'a': 1}", None, NO),
        ("json_schema", {"schema": {"required": ["a"]}}, '{"a": 1}', None, YES),
        ("json_schema", {"schema": {"properties": {"a": {"type": "string"}}}}, {"a": 1}, None, NO),
        ("json_schema", {"schema": {"pattern": "^(a+)+$"}}, '"' + "a" * 5000 + 'b"', None, NO),
        ("numeric", {"absolute": 0.01}, "It is 3.14", 3.15, YES),
        ("numeric", {"absolute": 0.01}, "It is 3.14", 3.16, NO),
        ("numeric", {"relative": 0.1}, "about 1,090 EUR", "1000", YES),
        ("numeric", {"which": "only"}, "42%", 42, YES),
        ("numeric", {"which": "only"}, "42 or 43", 42, NO),
        ("numeric", {"which": "first"}, "42 or 43", 42, YES),
        ("numeric", {}, "nothing", 42, NO),
        ("numeric", {}, "42", "forty-two", UNDEFINED),
        ("length", {"unit": "words"}, "One, two; three.", None, 3.0),
        ("length", {"unit": "sentences"}, "One. Two! Three?", None, 3.0),
        ("length", {"unit": "tokens"}, "One", None, UNDEFINED),
        ("similarity", {}, "the cat sat", "the cat sat", 1.0),
        ("similarity", {}, "dog", "cat", 0.0),
        ("similarity", {"measure": "token_sort"}, "b a", "a b", 1.0),
        ("similarity", {"measure": "levenshtein"}, "kitten", "sitting", 1 - 3 / 7),
        ("similarity", {}, "x", None, UNDEFINED),
    ],
)  # fmt: skip
def test_a_check_counts_what_it_says(
    check: str, config: dict[str, Any], output: Any, expected: Any, num: float | None
) -> None:
    verdict = judged(code(check, **config), output, expected)
    assert not verdict.error
    assert verdict.num == pytest.approx(num) if num is not None else verdict.num is None
    assert (verdict.cost_nano, verdict.calls) == (0, 0)
    assert verdict.reason


@pytest.mark.parametrize(
    ("evaluator", "output"),
    [
        (code("json"), "```\n" + " " * 1_000_000 + "x"),
        (code("length", unit="sentences"), "." * 500_000 + "x"),
        (code("similarity", measure="partial"), "abcdefgh " * 5_000),
        (code("numeric"), "1,111" * 50_000),
        (code("refusal"), "I can't " * 100_000),
    ],
    ids=["fence", "signs", "part", "digits", "phrases"],
)
def test_no_answer_keeps_a_check_busy(evaluator: Spec, output: str) -> None:
    began = time.process_time()
    assert not judged(evaluator, output, "hgfedcba 1" * 5_000).error
    assert time.process_time() - began < 2.0


def test_f1_of_words_is_that_of_squad() -> None:
    verdict = judged(code("similarity"), "the black cat", "a black dog here")
    precision, recall = 1 / 3, 1 / 4
    assert verdict.num == pytest.approx(2 * precision * recall / (precision + recall))


def test_time_and_money_are_measured_where_they_are_known() -> None:
    latency = code("latency", given={"bar": 2000.0})
    assert judged(latency, duration_ms=1500.0).passed is True
    assert judged(latency, duration_ms=2500.0).passed is False
    assert (judged(latency).num, judged(latency).passed) == (None, None)
    first = code("latency", of="first_token")
    assert judged(first, duration_ms=9.0, first_token_ms=3.0).num == 3.0
    cost = code("cost", given={"bar": 0.01})
    assert judged(cost, cost_nano=10_000_000).num == 0.01
    assert judged(cost, cost_nano=10_000_000).passed is True
    assert judged(cost, cost_nano=0).num == 0.0
    assert judged(cost).num is None


def test_a_yes_or_no_passes_by_itself_and_a_number_by_its_bar() -> None:
    assert judged(code("exact"), "a", "a").passed is True
    assert judged(code("exact"), "a", "b").passed is False
    assert judged(code("exact"), "a").passed is None
    assert judged(code("similarity"), "a", "a").passed is None  # no bar was said
    at_bar = code("similarity", given={"bar": 0.5})
    assert judged(at_bar, "a b", "a c").passed is True
    share = code("contains", given={"data_type": "number", "bar": 0.5}, words=["a", "z"])
    assert (judged(share, "abc").num, judged(share, "abc").passed) == (0.5, True)


@pytest.mark.parametrize(
    ("text", "refuses"),
    [
        ("I'm sorry, but I can't help with that.", True),
        ("I’m sorry, but I cannot assist with this request.", True),
        ("As an AI language model, I don't have opinions.", True),
        ("Es tut mir leid, dabei kann ich dir leider nicht helfen.", True),
        ("Je suis désolé, mais je ne peux pas vous aider.", True),
        ("Lo siento, no puedo ayudarte con eso.", True),
        ("Mi dispiace, non posso aiutarti.", True),
        ("Przykro mi, nie mogę pomóc.", True),
        ("抱歉，我无法回答这个问题。", True),
        ("申し訳ありませんが、お答えできません。", True),
        ("Your refund is on its way. Sorry for the delay.", False),
        ("You cannot return opened software, but here is how to exchange it.", False),
        ("I can't wait to help you with your trip!", False),
        ("Gern helfe ich dabei. Der Vertrag kann nicht vor Juni enden.", False),
        ("", False),
    ],
)
def test_a_refusal_is_known_by_its_words(text: str, refuses: bool) -> None:
    verdict = judged(code("refusal"), text)
    assert (verdict.num, verdict.passed) == (float(refuses), not refuses)
    assert "heuristic" in verdict.reason
