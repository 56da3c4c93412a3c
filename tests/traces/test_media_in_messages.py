"""Files in the content of a span become pictures and names; their bytes are never text."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from traces.ingest.canonical.messages import canonical
from traces.pages.attributes import table
from traces.pages.pictures import LONGEST_INLINE, MOST_INLINE, is_base64, split
from traces.pages.reading import Block, blocks

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(256))).decode()
URI = f"data:image/png;base64,{PNG}"
REFERENCE = "@@@langfuseMedia:type=image/png|id=a3-kNPkqi4CqsC2b8aEuSf|source=base64_data_uri@@@"


def read(content: Any, kind: str = "generation") -> list[Block]:
    """The blocks of a span with this input; no text of them may hold bytes."""
    found = blocks(kind, "x", {"input": content})
    for block in found:
        words = f"{block.text} {block.arguments} {block.result} {block.facts}"
        assert PNG[20:60] not in words
    return found


def of_user(*parts: Any) -> list[Block]:
    return read(canonical([{"role": "user", "content": list(parts)}], "user"))


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": URI}},
        {"type": "input_image", "image_url": URI},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
        {"type": "image", "source": {"type": "base64", "data": PNG}},
        {"type": "blob", "modality": "image", "mime_type": "image/png", "content": PNG},
        {"type": "text", "text": f"Look: {URI}"},
    ],
)
def test_every_way_to_carry_a_picture_shows_it(part: dict[str, Any]) -> None:
    media = [block.media for block in of_user(part) if block.media]
    assert [(one.kind, one.how, one.uri) for one in media] == [("image", "picture", URI)]
    assert media[0].facts == "image/png, 264 B"


def test_a_reference_names_the_uploaded_file() -> None:
    found = of_user({"type": "text", "text": f"before {REFERENCE} after"})
    assert [block.shape for block in found] == ["message", "media"]
    assert "langfuseMedia" not in found[0].text
    assert found[1].media is not None
    assert (found[1].media.media_id, found[1].media.uri) == ("a3-kNPkqi4CqsC2b8aEuSf", "")
    assert [block.shape for block in read(f"before {REFERENCE} after")] == [
        "message",
        "media",
        "message",
    ]


@pytest.mark.parametrize(
    "value",
    [
        {"picture": URI, "n": 1},
        [{"deep": [{"mime_type": "image/png", "data": PNG}]}],
        {"text": f"a {URI} b"},
    ],
)
@pytest.mark.parametrize("kind", ["chain", "tool"])
def test_plain_values_keep_a_mark_where_the_file_was(value: Any, kind: str) -> None:
    found = read(value, kind)
    assert [block.media.uri for block in found if block.media] == [URI]
    words = f"{found[0].text} {found[0].arguments}"
    assert "[image/png, 264 B]" in words


@pytest.mark.parametrize("kind", ["image/svg+xml", "text/html", "application/pdf", "audio/wav"])
def test_only_pictures_are_embedded(kind: str) -> None:
    (media,) = [block.media for block in read(f"data:{kind};base64,{PNG}")]
    assert media is not None
    assert (media.content_type, media.uri, media.how) == (kind, "", "")


def test_files_of_the_metadata_are_shown_too() -> None:
    metadata = {"contract": REFERENCE.replace("image/png", "application/pdf")}
    found = blocks("generation", "x", {"input": "hi", "metadata": metadata})
    assert [block.shape for block in found] == ["message", "media"]
    assert found[1].media is not None
    assert (found[1].name, found[1].media.where) == ("file", "the metadata")


def test_large_ones_and_many_are_only_named() -> None:
    (large,) = [block.media for block in read(URI + "A" * LONGEST_INLINE)]
    assert large is not None
    assert large.uri == ""
    some = URI + "A" * (LONGEST_INLINE // 2)
    found = [block.media for block in of_user(*[{"type": "input_image", "image_url": some}] * 20)]
    embedded = [one.uri for one in found if one and one.uri]
    assert 0 < len(embedded) < 20
    assert sum(map(len, embedded)) <= MOST_INLINE


def test_an_address_elsewhere_is_only_named() -> None:
    (block,) = of_user({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}})
    assert block.media is not None
    assert (block.media.facts, block.media.how) == ("https://example.com/a.png", "")


def test_text_is_not_taken_for_bytes() -> None:
    for text in ("data: none", "x" * 200, "a word " * 100, "data:image/png;base64,AAAA"):
        assert split(text) == [text]
        assert not is_base64(text)
    [(_, [row])] = table({"attributes": {"a": URI}}, "", "?").groups
    assert (row.name, row.value) == ("a", "[image/png, 264 B]")
