"""How the content of a span becomes messages, tool calls and plain values to read."""

from __future__ import annotations

from traces.ingest.canonical.messages import canonical
from traces.pages.reading import blocks
from traces.pages.shortening import LONGEST_TEXT, shortened


def test_a_result_stands_in_the_call_it_answers() -> None:
    chat = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Refund me"},
        {
            "role": "assistant",
            "tool_calls": [
                {"id": "c1", "function": {"name": "refund", "arguments": '{"amount": 89}'}}
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": '{"state": "queued"}'},
    ]
    answer = [{"role": "assistant", "content": "Done."}]
    found = blocks(
        "generation",
        "chat",
        {"input": canonical(chat, "user"), "output": canonical(answer, "assistant")},
    )
    assert [(block.shape, block.role) for block in found] == [
        ("message", "system"),
        ("message", "user"),
        ("tool", "assistant"),
        ("message", "assistant"),
    ]
    assert found[0].folded
    assert found[2].name == "refund"
    assert found[2].arguments == {"amount": 89}
    assert found[2].result == '{"state": "queued"}'


def test_a_result_without_its_call_is_not_lost() -> None:
    chat = canonical([{"role": "tool", "tool_call_id": "gone", "content": "late"}], "user")
    (block,) = blocks("generation", "chat", {"input": chat})
    assert (block.shape, block.text) == ("message", "late")


def test_a_tool_span_is_its_call() -> None:
    (block,) = blocks("tool", "orders.lookup", {"input": {"id": 7}, "output": {"found": True}})
    assert (block.name, block.arguments, block.result) == (
        "orders.lookup",
        {"id": 7},
        '{"found": true}',
    )


def test_long_text_is_cut_and_says_how_long_it_was() -> None:
    (block,) = shortened(blocks("chain", "x", {"input": "ä" * 312_000}))
    assert len(block.text) == LONGEST_TEXT
    assert (block.is_cut, block.cut_words) == (True, "312 KB")


def test_media_never_bring_their_bytes() -> None:
    picture = {"type": "image", "data": "iVBORw0" * 9000, "mime_type": "image/png"}
    chat = [{"role": "user", "parts": [{"type": "text", "content": "Look"}, picture]}]
    found = blocks("generation", "chat", {"input": chat})
    assert [block.shape for block in found] == ["message", "media"]
    assert found[1].media is not None
    assert found[1].media.facts == "image/png, 47 KB"
    assert "iVBOR" not in found[1].text


def test_broken_parts_are_shown_as_they_are() -> None:
    chat = [{"role": "user", "parts": [None, 7, {"type": "odd", "x": 1}, {"content": "?"}]}]
    assert blocks("generation", "chat", {"input": chat, "output": 5})
