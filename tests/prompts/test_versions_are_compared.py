"""What a comparison says of two versions, part by part."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from prompts.content import Content
from prompts.diff import Diff, diff


def chat(*messages: tuple[str, str], **rest: Any) -> Content:
    return Content("chat", [{"role": role, "content": text} for role, text in messages], **rest)


def of(changes: Diff) -> list[tuple[str, str, int, int, str]]:
    return [(c.key, c.title, c.added, c.removed, c.note) for c in changes.cards]


SYSTEM = ("system", "You are kind.\nAnswer {{name}} briefly.")
TOOL = {
    "type": "function",
    "function": {
        "name": "refund",
        "description": "Pays back.",
        "parameters": {"type": "object", "properties": {"id": {"type": "string"}}},
    },
}


def test_each_part_has_a_card_and_says_what_became_of_it():
    cheaper = {**TOOL, "function": {**TOOL["function"], "description": "Pays all back."}}
    other = {"type": "function", "function": {"name": "escalate"}}
    old = chat(
        SYSTEM,
        ("user", "{{question}}"),
        tools=[TOOL, {"name": "gone"}],
        model="small",
        parameters={"temperature": 0.4, "top_p": 1, "stop": ["a"]},
        config={"a": {"b": [1, 2]}},
    )
    new = chat(
        ("system", "You are kind.\nAnswer {{name}} at length.\n{{> tone@2}} {{town}}"),
        ("user", "{{question}}"),
        tools=[cheaper, other],
        model="large",
        parameters={"temperature": 0.2, "top_p": 1, "seed": 7, "stop": ["a"]},
        response_schema={"type": "object"},
        config={"a": {"b": [1, 2]}},
    )
    changes = diff(old, new)
    assert of(changes) == [
        ("message/0", "System message", 2, 1, ""),
        ("message/1", "User message", 0, 0, ""),
        ("tool/refund", "Tool refund", 1, 1, ""),
        ("tool/escalate", "Tool escalate", 6, 0, "Added."),
        ("gone/tool/gone", "Tool gone", 0, 3, "Removed."),
        ("response_schema", "Response schema", 3, 0, "Added."),
        ("model", "Model", 1, 1, ""),
        ("parameters", "Parameters", 2, 1, ""),
        ("config", "Config", 0, 0, ""),
    ]
    assert [card.is_changed for card in changes.cards] == [True, False] + [True] * 6 + [False]
    assert (changes.added, changes.removed) == (15, 7)
    parameters = changes.cards[7].rows
    assert [(row.kind, row.left_text, row.right_text) for row in parameters] == [
        ("added", "", "seed: 7"),
        ("equal", 'stop: ["a"]', 'stop: ["a"]'),
        ("changed", "temperature: 0.4", "temperature: 0.2"),
        ("equal", "top_p: 1", "top_p: 1"),
    ]
    assert [run.text for run in parameters[2].right if run.is_changed] == ["0.2"]
    assert (changes.variables.added, changes.variables.removed) == (("town",), ())
    assert changes.variables.kept == ("name", "question")
    assert changes.references.added == ("tone v2",)
    assert changes.tokens.delta is not None
    assert changes.tokens.delta > 0


def test_messages_keep_their_identity_when_others_come_go_move_or_change_their_role():
    few = [("user", "Where is my parcel number 12?"), ("assistant", "It is on its way to you.")]
    old = chat(SYSTEM, *few, ("user", "{{question}}"))
    came = diff(
        old,
        chat(
            SYSTEM,
            ("user", "Hi"),
            ("assistant", "Hello"),
            *few,
            old_last := ("user", "{{question}}"),
        ),
    )
    assert [(c.left_key, c.right_key, c.is_changed) for c in came.cards] == [
        ("message/0", "message/0", False),
        (None, "message/1", True),
        (None, "message/2", True),
        ("message/1", "message/3", False),
        ("message/2", "message/4", False),
        ("message/3", "message/5", False),
    ]
    assert came.cards[1].title == "User message 1"
    went = diff(old, chat(SYSTEM, old_last))
    assert [c.key for c in went.changed] == ["gone/message/1", "gone/message/2"]
    moved = diff(old, chat(*few, SYSTEM, old_last))
    assert [c.note for c in moved.changed] == ["Moved from place 1 to 3."]
    role = diff(old, chat(("developer", SYSTEM[1]), *few, old_last))
    assert [(c.key, c.note, c.added) for c in role.changed] == [
        ("message/0", "Was a message of role system, is a message of role developer.", 0)
    ]
    rewritten = diff(old, chat(("system", "Nothing alike whatsoever"), *few, old_last))
    assert [(c.left_key, c.right_key) for c in rewritten.changed] == [("message/0", "message/0")]
    text = diff(Content("text", SYSTEM[1]), chat(SYSTEM))
    assert [(c.left_key, c.key, c.note) for c in text.cards] == [
        ("prompt", "message/0", "Was the text of the prompt, is a message of role system.")
    ]


def test_a_first_and_a_last_version_are_all_new_and_all_gone():
    content = chat(SYSTEM, model="m")
    first, last = diff(None, content), diff(content, None)
    assert of(first) == [("message/0", "System message", 2, 0, ""), ("model", "Model", 1, 0, "")]
    assert (last.added, last.removed) == (0, 3)
    assert (first.tokens.old, first.tokens.delta, last.tokens.new) == (None, None, None)
    assert not diff(content, content).is_changed
    assert diff(None, None).cards == ()


MESSAGES = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["system", "user"]), st.sampled_from(["a b c", "a b d", "x", "y\nz"])
        ),
        st.sampled_from(["history", "examples"]),
    ),
    min_size=1,
    max_size=7,
)


def content_of(messages: list[tuple[str, str] | str]) -> Content:
    return Content(
        "chat",
        [
            {"type": "placeholder", "name": m}
            if isinstance(m, str)
            else {"role": m[0], "content": m[1]}
            for m in messages
        ],
    )


@given(MESSAGES, MESSAGES)
@settings(max_examples=200)
def test_every_message_stands_in_one_card_and_the_new_ones_in_their_order(before, after):
    changes = diff(content_of(before), content_of(after))
    lefts = [card.left_key for card in changes.cards if card.left_key]
    rights = [card.right_key for card in changes.cards if card.right_key]
    assert sorted(lefts) == sorted(f"message/{index}" for index in range(len(before)))
    assert rights == [f"message/{index}" for index in range(len(after))]
    assert len({card.key for card in changes.cards}) == len(changes.cards)
    assert changes.is_changed == (before != after)
