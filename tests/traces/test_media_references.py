"""Media that was uploaded stands in a text by a reference, and is found there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from traces.ingest.canonical.media_references import MediaReference, pieces, references
from traces.ingest.canonical.messages import canonical

ID = "A" * 22
TOKEN = f"@@@langfuseMedia:type=image/png|id={ID}|source=base64_data_uri@@@"
REFERENCE = MediaReference(ID, "image/png", "base64_data_uri")


def test_a_reference_is_found_in_any_value_once() -> None:
    assert references({"a": [f"see {TOKEN} and", {"b": TOKEN}]}) == [REFERENCE]
    assert references(["no", 1, None, "@@@langfuseMedia:type=x@@@"]) == []


def test_a_text_is_split_at_its_references() -> None:
    assert pieces(f"see {TOKEN}!") == ["see ", REFERENCE, "!"]
    assert pieces("plain") == ["plain"]


def test_a_message_shows_media_as_parts() -> None:
    part = {"type": "image", "media_id": ID, "mime_type": "image/png"}
    text = {"role": "user", "content": f"What is {TOKEN}"}
    image = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": TOKEN}}]}
    assert canonical([text, image], "user") == [
        {"role": "user", "parts": [{"type": "text", "content": "What is "}, part]},
        {"role": "user", "parts": [part]},
    ]


@given(st.text())
def test_no_text_is_lost(text: str) -> None:
    assert "".join(piece for piece in pieces(text) if isinstance(piece, str)) == text
