"""Lines have numbers that comments stand on, follow versions, and take suggestions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.content import BadContent, Content, checked
from prompts.diff import Anchor, apply_suggestion, line_of, moved
from prompts.diff.parts import parts_of, settings_of, settings_text, with_text

OLD = Content(
    "chat",
    [
        {"role": "system", "content": "one\ntwo\n\nthree\nfour\n\nend"},
        {"type": "placeholder", "name": "history"},
        {"role": "user", "content": "{{q}}"},
    ],
    tools=[{"type": "function", "function": {"name": "pay", "parameters": {"type": "object"}}}],
    response_schema={"type": "object", "required": ["a"], "properties": {"a": {}}},
    model="small",
    parameters={"temperature": 0.4, "odd key: ": None, "stop": ["\n"], "deep": {"x": [{"y": 1}]}},
    config={"e": {}, "l": [], "long": ["words of some length"] * 9},
)


def test_a_line_has_a_number_in_its_part():
    assert line_of(OLD, "message/0", 2) == "two"
    assert line_of(OLD, "message/1", 1) == "history"
    assert line_of(OLD, "model", 1) == "small"
    assert line_of(OLD, "parameters", 8) == '"odd key: ": null'
    assert line_of(OLD, "tool/pay", 3) == '    "name": "pay",'
    for key, line_no in (("message/0", 0), ("message/0", 8), ("message/9", 1), ("tool/x", 1)):
        assert line_of(OLD, key, line_no) is None


def with_system(text: str, *before: str) -> Content:
    first = [{"role": "user", "content": content} for content in before]
    return replace(OLD, prompt=[*first, {"role": "system", "content": text}, *OLD.prompt[1:]])


FOLLOWED = [
    ("one\nnew\ntwo\n\nthree\nfour\n\nend", ("two", 2), Anchor("message/0", 3)),
    ("one\ntwo!\n\nthree\nfour\n\nend", ("two", 2), None),
    ("one\n\nthree\nfour\n\nend", ("two", 2), None),
    ("two\n\nthree\nfour\n\nend\none", ("one", 1), Anchor("message/0", 7)),  # cut and put elsewhere
    ("one\ntwo\n\nthree\nfour\nend\n", ("", 6), None),  # a blank line is no landmark
    ("one\ntwo\n\nthree\nfour\n\nend", ("other", 2), None),  # not what the comment was on
]


@pytest.mark.parametrize(("text", "line", "anchor"), FOLLOWED)
def test_a_comment_finds_its_line_or_is_outdated(text, line, anchor):
    assert moved(line[0], "message/0", line[1], OLD, with_system(text)) == anchor


def test_a_comment_follows_its_message_and_other_parts():
    later = with_system("one\ntwo\n\nthree\nfour\n\nend", "Hello", "Hi")
    assert moved("three", "message/0", 4, OLD, later) == Anchor("message/2", 4)
    assert moved("{{q}}", "message/2", 1, OLD, later) == Anchor("message/4", 1)
    warmer = replace(OLD, parameters={**OLD.parameters, "a": 1, "stop": []})
    assert moved("temperature: 0.4", "parameters", 10, OLD, warmer) == Anchor("parameters", 11)
    assert moved('stop: ["\\n"]', "parameters", 9, OLD, warmer) is None
    assert moved("small", "model", 1, OLD, replace(OLD, model="")) is None


def test_a_suggestion_replaces_its_lines():
    assert line_of(apply_suggestion(OLD, "message/0", 1, 2, "a\r\nb\r\nc"), "message/0", 3) == "c"
    assert apply_suggestion(OLD, "message/0", 2, 7, "").prompt[0]["content"] == "one"
    assert apply_suggestion(OLD, "message/1", 1, 1, "past").prompt[1]["name"] == "past"
    assert apply_suggestion(OLD, "model", 1, 1, "large\n").model == "large"
    at = 10
    assert apply_suggestion(OLD, "parameters", at, at, "temperature: 1").parameters == {
        **OLD.parameters,
        "temperature": 1,
    }
    assert (
        apply_suggestion(OLD, "tool/pay", 3, 3, '    "name": "refund",').tools[0]["function"][
            "name"
        ]
        == "refund"
    )
    assert apply_suggestion(OLD, "response_schema", 1, 7, "").response_schema is None
    windows = Content("text", "a\r\nb\r\nc")
    assert apply_suggestion(windows, "prompt", 2, 2, "x\ny").prompt == "a\r\nx\r\ny\r\nc"
    assert apply_suggestion(windows, "prompt", 3, 3, "x\ny").prompt == "a\r\nb\r\nx\r\ny"


REFUSED = [
    ("message/0", 0, 1, "x", "lines 1 to 7"),
    ("message/0", 3, 2, "x", "lines 1 to 7"),
    ("message/7", 1, 1, "x", "no such part"),
    ("tool/pay", 3, 3, "oops", "Line 3: This is not JSON"),
    ("parameters", 10, 10, "temperature 1", "Line 10: A line is a key, a colon and a value"),
    ("parameters", 10, 10, "temperature: 1e999", "Line 10: This is not JSON: 1e999 is too large"),
    ("parameters", 10, 10, "temperature: NaN", "NaN is no number"),
    ("parameters", 10, 10, "temperature: 1 2", "One value a key"),
    ("parameters", 10, 10, 'stop: ["x"]', "stop stands here twice"),
    ("response_schema", 1, 7, "[]", "A schema is an object"),
]


@pytest.mark.parametrize(("key", "first", "last", "text", "words"), REFUSED)
def test_a_suggestion_that_cannot_stand_is_refused_in_words(key, first, last, text, words):
    with pytest.raises(BadContent, match=words):
        apply_suggestion(OLD, key, first, last, text)


def test_every_part_can_be_written_back_as_it_is():
    for part in parts_of(OLD):
        assert with_text(OLD, part.key, part.text) == checked(OLD)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_settings_come_back_as_they_were(values):
    text = settings_text(values)
    assert settings_of("config", text) == values
    assert settings_text(settings_of("config", text)) == text
