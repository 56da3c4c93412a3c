"""Prompts within prompts: how they are written, what comes of them, and what is refused."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.content import MOST_BYTES, Content
from prompts.rendering import BadReference, Edge, Node, Reference, Resolved, compose, references_of
from prompts.rendering.composition import MOST_DEPTH, MOST_REFERENCES

WRITTEN = [
    ("@@@langfusePrompt:name=tone|label=staging@@@", Reference("tone", label="staging")),
    ("@@@langfusePrompt:name=team a/tone|version=3@@@", Reference("team a/tone", 3, None)),
    ("{{> tone}}", Reference("tone", label="production")),
    ("{{>tone@12}}", Reference("tone", 12, None)),
    ("{{ > größe/tone.v2 # staging }}", Reference("größe/tone.v2", label="staging")),
    ("{{> a@b}}", Reference("a@b", label="production")),
    ("@@@langfusePrompt:label=staging|name=tone@@@", None),  # the name comes first
    ("@@@langfusePrompt:name=tone@@@", None),
    ("@@@langfusePrompt:name=tone|version=x@@@", None),
    ("@@@langfusePrompt:name=tone|version=1|label=a@@@", None),
    ("@@@langfusePrompt:name=to\nne|version=1@@@", None),
    ("{{> }}", None),
    ("{{> tone#}}", None),
    ("{{tone}}", None),
]


def text(prompt: str) -> Content:
    return Content("text", prompt)


def shelf(**prompts: str | Content):
    """A `resolve` over prompts of which each has one version, 7, under every label."""

    def resolve(reference: Reference) -> Resolved | None:
        found = prompts.get(reference.name)
        if found is None or reference.version not in (None, 7):
            return None
        return Resolved(7, text(found) if isinstance(found, str) else found)

    return resolve


@pytest.mark.parametrize(("written", "reference"), WRITTEN)
def test_a_reference_is_read_as_written_and_anything_else_is_text(written, reference):
    content = text(f"before {written} after")
    assert references_of(content) == ([reference] if reference else [])
    if reference is None:
        assert compose(content, shelf()).content == content


def test_texts_come_in_at_any_depth_and_the_graph_says_at_which_version():
    content = Content(
        "chat",
        [
            {"role": "system", "content": "{{> tone}}|@@@langfusePrompt:name=law|version=7@@@"},
            {"type": "placeholder", "name": "history"},
            {"role": "user", "content": "{{> tone}} {{question}}"},
        ],
        model="m",
    )
    composed = compose(
        content, shelf(tone="Be {{mood}}. {{> law}}", law="No $1 \\1."), root=Node("refund", 2)
    )
    assert composed.content.prompt == [
        {"role": "system", "content": "Be {{mood}}. No $1 \\1.|No $1 \\1."},
        {"type": "placeholder", "name": "history"},
        {"role": "user", "content": "Be {{mood}}. No $1 \\1. {{question}}"},
    ]
    assert composed.content.model == "m"
    refund, tone, law = Node("refund", 2), Node("tone", 7), Node("law", 7)
    assert composed.edges == (
        Edge(tone, law, Reference("law")),
        Edge(refund, tone, Reference("tone")),
        Edge(refund, law, Reference("law", 7, None)),
    )
    assert composed.used == [law, tone]
    assert "{{> tone}}" in content.prompt[0]["content"]


REFUSED = [
    ("\n{{> gone@3}}", {}, "prompt: line 2: there is no gone v3."),
    ("{{> a}}", {"a": "x\n{{> gone}}"}, "prompt: a v7, line 2: there is no gone at production."),
    ("{{> a}}", {"a": Content("chat", [])}, "line 1: a at production is a chat prompt"),
    ("{{> root}}", {"root": ""}, "root at production would come into itself: root v2 → root at"),
    (
        "{{> a}}",
        {"a": "{{> b}}", "b": "{{> a#x}}"},
        "b v7, line 1: a at x would come into itself: root v2 → a v7 → b v7 → a at x.",
    ),
]


@pytest.mark.parametrize(("prompt", "others", "words"), REFUSED)
def test_what_cannot_be_followed_is_refused_with_its_place_and_way(prompt, others, words):
    with pytest.raises(BadReference) as refusal:
        compose(text(prompt), shelf(**others), root=Node("root", 2))
    assert words in str(refusal.value)


def test_every_missing_one_is_named_at_once():
    with pytest.raises(BadReference) as refusal:
        compose(text("{{> a}}\n{{> b}} {{> a}}"), shelf())
    assert [fault.text[:7] for fault in refusal.value.faults] == ["line 1:", "line 2:", "line 2:"]


def test_depth_number_and_size_are_bounded_and_cost_little():
    chain = {f"p{n}": f"{{{{> p{n + 1}}}}}" for n in range(MOST_DEPTH)} | {f"p{MOST_DEPTH}": "end"}
    assert compose(text("{{> p1}}"), shelf(**chain)).content.prompt == "end"
    with pytest.raises(BadReference, match=f"at most {MOST_DEPTH} deep"):
        compose(text("{{> p0}}"), shelf(**chain))
    with pytest.raises(BadReference, match="deep: this prompt → q v7 → p1 at"):
        compose(text("{{> p1}} {{> q}}"), shelf(**chain, q="{{> p1}}"))
    many = {f"p{n}": "" for n in range(MOST_REFERENCES + 1)}
    with pytest.raises(BadReference, match=f"at most {MOST_REFERENCES} others"):
        compose(text("".join(f"{{{{> {name}}}}}" for name in many)), shelf(**many))
    started = time.process_time()
    laughs = {f"p{n}": f"{{{{> p{n + 1}}}}}" * 1000 for n in range(1, 8)}
    assert compose(text("{{> p1}}"), shelf(**laughs, p8="")).content.prompt == ""
    with pytest.raises(BadReference, match=f"over {MOST_BYTES:,} bytes"):
        compose(text("{{> p1}}"), shelf(**laughs, p8="ha"))
    compose(text("{{>" + " " * 900_000), shelf())
    compose(text("@@@langfusePrompt:" * 50_000), shelf())
    assert time.process_time() - started < 2


@given(st.text(alphabet="{}@>#| \nab"))
def test_without_references_nothing_changes(written):
    content = text(written)
    if not references_of(content):
        assert compose(content, shelf()).content == content
