"""What becomes of a span that comes again: the later copy wins, field by field. Pure."""

from __future__ import annotations

import threading
from typing import Any

import orjson
import zstandard

from traces.ingest.rows import AT, COLUMNS, Row, Written
from traces.ingest.writer.derived import derived, has_joined, with_joined
from traces.ingest.writer.united import united

_START, _DURATION = AT["start_time"], AT["duration_us"]
_KIND, _LEVEL, _COUNTS = AT["kind"], AT["level"], AT["counts"]
# Maps that are merged key by key; everything else of a content document is replaced whole.
_MERGED = ("attributes", "resource", "metadata", "params")
MOST_CONTENT = 512 * 2**20  # bytes; refuses a body whose header promises more
_OF_THREAD = threading.local()


def merged_row(old: Row, new: Row, *, clamped: bool = False) -> Row:
    """`new` where it says something, else `old`. The stored start stays: it is part of the key.

    The bound to which a start is clamped moves with the clock, so the duration of a clamped copy
    stands, and elsewhere its end.
    """
    row = [old[i] if new[i] is None else new[i] for i in range(len(COLUMNS))]
    row[_START] = old[_START]
    if new[_DURATION] is not None and not clamped:
        row[_DURATION] = max(0, new[_START] + new[_DURATION] - old[_START])
    return row


def merged_document(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The content of both copies; a start that was sent and differs is noted.

    `sent_start_ns` is absent where the start stands as sent, and 0 where none was.
    """
    merged = {**old, **{key: value for key, value in new.items() if value is not None}}
    for key in _MERGED:
        if isinstance(old.get(key), dict) and isinstance(new.get(key), dict):
            merged[key] = {**old[key], **new[key]}
    if new.get("events") and old.get("events"):
        merged["events"] = with_joined(old["events"], new["events"])
    before, after, sent = old.get("start_ns"), new.get("start_ns"), new.get("sent_start_ns")
    if before is None or after is None:
        return merged
    merged["start_ns"] = before
    if sent == 0:  # it says nothing about the start, so what is known of it stays
        merged.pop("sent_start_ns")
        if "sent_start_ns" in old:
            merged["sent_start_ns"] = old["sent_start_ns"]
    elif before != after:
        merged["sent_start_ns"] = after if sent is None else sent
        if sent is not None and new.get("end_ns") is not None:
            merged["end_ns"] = new["end_ns"] - after + before
    return merged


def unpack(body: bytes) -> bytes:
    """The JSON of a stored content. Making a decompressor takes longer than using it."""
    decompressor = getattr(_OF_THREAD, "decompressor", None)
    if decompressor is None:
        decompressor = _OF_THREAD.decompressor = zstandard.ZstdDecompressor()
    raw: bytes = decompressor.decompress(body, max_output_size=MOST_CONTENT)
    return raw


def merged_span(old: Written, new: Written, compressor: zstandard.ZstdCompressor) -> Written | None:
    """Both copies as one, or None where the new one says nothing new.

    `old.content` may be empty: it is read from its body only when it is needed.
    """
    row = merged_row(old.row, new.row, clamped=new.clamped)
    if old.body == new.body:
        return None if row == old.row else Written(row, b"", old.body, new.tags, old.clamped)
    before = unpack(old.body) if old.body else b"{}"
    if new.dated and (known := orjson.loads(before)).get("versions") is not None:
        return united(old.row, known, orjson.loads(new.content), compressor)
    document = merged_document(orjson.loads(before), orjson.loads(new.content))
    if has_joined(document):  # the new copy's columns know nothing of them
        both = derived(row, document, compressor)
        if (both.content, both.row) == (before, old.row):
            return None
        both.tags = tuple(dict.fromkeys((*both.tags, *new.tags)))
        both.clamped = old.clamped
        return both
    content = orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS)
    if content == before:
        return None if row == old.row else Written(row, b"", old.body, new.tags, old.clamped)
    return Written(row, content, compressor.compress(content), new.tags, old.clamped)


def without_repeats(
    spans: list[Written], compressor: zstandard.ZstdCompressor
) -> dict[tuple[int, str, str], Written]:
    """The spans of a group by key, repeats merged, sorted by key.

    Sorted, so that two transactions with the same spans wait for each other instead of deadlocking.
    """
    found: dict[tuple[int, str, str], Written] = {}
    for span in spans:
        key = span.key
        earlier = found.get(key)
        if earlier is None:
            found[key] = span
        else:
            both = merged_span(earlier, span, compressor)
            found[key] = _united(earlier, both or span, earlier if both is None else both)
    return dict(sorted(found.items()))


def _united(earlier: Written, later: Written, kept: Written) -> Written:
    """`kept` with the tags of both copies and a content that can be merged again."""
    tags = tuple(dict.fromkeys((*earlier.tags, *later.tags)))
    content = kept.content or earlier.content
    return Written(kept.row, content, kept.body, tags, kept.clamped, kept.dated)
