"""Variables are found and filled in as Langfuse's SDKs for Python do it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.content import BadContent, Content
from prompts.rendering import compiled, placeholders_of, variables_of

# (text, values, what TemplateParser.compile_template of langfuse 2.60.10 and 5.0.4 answers)
AS_THE_SDK: list[tuple[str, dict[str, Any], str]] = [
    ("Hello {{name}}!", {"name": "Ada"}, "Hello Ada!"),
    ("Hello {{  name\t}}!", {"name": "Ada"}, "Hello Ada!"),
    ("{{ a\n}}", {"a": "1"}, "1"),
    ("{{a}}{{a}}{{b}}", {"a": "x"}, "xx{{b}}"),
    ("{{ unknown }}", {}, "{{ unknown }}"),
    ("{{n}} {{t}} {{f}}", {"n": None, "t": True, "f": 1.50}, " True 1.5"),
    ("{{list}}", {"list": [1, "a"]}, "[1, 'a']"),
    ("{{a}}", {"a": "<b>&\"'</b>"}, "<b>&\"'</b>"),
    ("{{a}}", {"a": "{{b}}", "b": "never looked at again"}, "{{b}}"),
    (
        "{{user.name}} {{order-id}} {{zahl der}}",
        {"user.name": "A", "zahl der": 3},
        "A {{order-id}} 3",
    ),
    ("{{ {{a}} }}", {"a": "1"}, "{{ {{a}} }}"),
    ('{"k": {"n": "{{a}}"}}', {"a": "1"}, '{"k": {"n": "1"}}'),
    ("{{{a}}}", {"a": "1"}, "{{{a}}}"),
    ("{{a", {"a": "1"}, "{{a"),
    ("a}} {{}} {{ }}", {"a": "1"}, "a}} {{}} {{ }}"),
    (
        "{{#a}}yes {{b}}{{/a}}{{^a}}no{{/a}}",
        {"a": True, "b": "x"},
        "{{#a}}yes x{{/a}}{{^a}}no{{/a}}",
    ),
    ("{{! a comment }}{{> part}}{{& a}}", {"a": "1"}, "{{! a comment }}{{> part}}{{& a}}"),
]


@pytest.mark.parametrize(("text", "values", "expected"), AS_THE_SDK)
def test_a_text_becomes_what_the_sdk_makes_of_it(text, values, expected):
    assert compiled(Content("text", text), values).prompt == expected


def test_variables_stand_once_in_order_of_first_use_and_signs_are_none():
    chat = Content(
        "chat",
        [
            {"role": "system", "content": "{{b}} {{ a }} {{#if}} {{/if}} {{!c}} {{> d}} {{{e}}}"},
            {"type": "placeholder", "name": "history"},
            {"role": "user", "content": "{{a}} {{question}}"},
        ],
    )
    assert variables_of(chat) == ["b", "a", "question"]
    assert placeholders_of(chat) == ["history"]
    assert placeholders_of(Content("text", "{{a}}")) == []


def test_placeholders_take_messages_whose_variables_are_filled_in_too():
    chat = Content(
        "chat",
        [
            {"role": "system", "content": "Be {{mood}}."},
            {"type": "placeholder", "name": "history"},
            {"type": "placeholder", "name": "examples"},
            {"type": "placeholder", "name": "later"},
        ],
    )
    history = [
        {"role": "user", "content": "Hi from {{city}}, {{unknown}}"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "{{city}}"}]},
    ]
    result = compiled(
        chat,
        {"mood": "kind", "city": "Oslo", "spare": 1},
        {"history": history, "examples": [], "other": []},
    )
    assert result.prompt == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hi from Oslo, {{unknown}}"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "{{city}}"}]},
        {"type": "placeholder", "name": "later"},
    ]
    assert (result.missing, result.unused) == (["unknown"], ["spare"])
    assert (result.missing_placeholders, result.unused_placeholders) == (["later"], ["other"])
    assert not result.is_whole
    assert compiled(chat, {"mood": "kind"}, {n: [] for n in placeholders_of(chat)}).is_whole


@pytest.mark.parametrize("wrong", ["text", {"role": "user"}, ["text"], None])
def test_what_is_no_list_of_messages_is_refused(wrong):
    chat = Content("chat", [{"type": "placeholder", "name": "history"}])
    with pytest.raises(BadContent, match=r"placeholders\.history"):
        compiled(chat, {}, {"history": wrong})


TEXTS = st.lists(st.sampled_from(["{{", "}}", "{", "}", " ", "a", "b", "\n", "#", ">"])).map(
    "".join
)


@given(TEXTS)
def test_nothing_given_changes_nothing(text):
    assert compiled(Content("text", text), {}).prompt == text


@given(TEXTS)
def test_with_every_variable_given_as_itself_nothing_is_missing_and_names_are_bare(text):
    content = Content("text", text)
    names = variables_of(content)
    result = compiled(content, dict.fromkeys(names, "x"))
    assert result.is_whole
    assert not result.unused
    assert all(name == name.strip() != "" for name in names)
