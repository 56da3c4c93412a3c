"""What a source gives: page after page of spans and scores, each with the place to go on from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from traces.feedback.given import GivenScore
from traces.ingest.record import SpanRecord
from traces.ingest.wire.decode import Decoded

# JSON; only the source that made it understands it.
Cursor = dict[str, Any]
END: Cursor = {"end": True}  # behind the last page


@dataclass(slots=True)
class Page:
    """Spans and scores that were read in one go; `cursor` is where the next page begins."""

    cursor: Cursor
    records: list[SpanRecord] = field(default_factory=list)
    scores: list[GivenScore] = field(default_factory=list)
    # What the source has and this installation does not take: why -> how many.
    skipped: Counter[str] = field(default_factory=Counter)
    reached: datetime | None = None  # the moment of the last thing read, for the progress line

    def take(self, decoded: Decoded) -> None:
        """Add what a decoder made; what it rejected is skipped with its reason."""
        self.records += decoded.records
        for rejection in decoded.rejected:
            self.skipped[f"spans not understood: {rejection.reason}"] += rejection.count


class Source(Protocol):
    """One project of another installation. Every method raises SourceError."""

    kind: str  # langfuse, phoenix, mlflow
    host: str  # its address
    place: str  # its project or experiment there; '' where the key says it

    def check(self) -> None:
        """Reach it, with the keys, and find the project."""

    def pages(
        self, since: datetime | None, until: datetime, cursor: Cursor | None
    ) -> Iterator[Page]:
        """What began from `since` up to without `until`, from where `cursor` says."""

    def close(self) -> None:
        """Give its connections up."""
