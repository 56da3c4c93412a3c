"""Demo requests as the tests look at them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, date, datetime

from traces.demo.otlp import Post
from traces.demo.scenarios import Chosen
from traces.ingest.record import SpanRecord
from traces.ingest.wire.decode import Decoded, decode_native, decode_otlp
from traces.ingest.wire.limits import DEFAULT

TODAY = date(2026, 11, 20)
NOW_NS = int(datetime(2026, 11, 20, 17, 30, tzinfo=UTC).timestamp()) * 1_000_000_000


def decoded(post: Post) -> Decoded:
    """A request as intake reads it."""
    if post.content_type == "application/json":
        return decode_native(post.body, limits=DEFAULT)
    return decode_otlp(post.body, post.content_type, limits=DEFAULT)


def records(posts: Iterable[Post]) -> list[SpanRecord]:
    """All spans of some requests; none may be rejected."""
    found: list[SpanRecord] = []
    for post in posts:
        if not post.spans:
            continue  # scores
        batch = decoded(post)
        assert not batch.rejected_count, batch.message
        assert len(batch.records) == post.spans
        found += batch.records
    return found


def shape(name: str) -> list[SpanRecord]:
    """The spans of one shape."""
    return records(Chosen(TODAY, name).posts(NOW_NS))


def today() -> date:
    """The day on which it is now, UTC."""
    return datetime.fromtimestamp(time.time(), UTC).date()
