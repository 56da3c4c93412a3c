"""A trace as a log: its spans and their events, in the order of time. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kit.figures import duration
from traces.ingest.canonical.represent import read_content
from traces.ingest.record import KIND_NAMES, LEVEL_NAMES, Level
from traces.pages.reading import as_text
from traces.queries.detail import TreeSpan

LONGEST_FACT = 240
MOST_EVENTS = 50  # of one span
MOST_NS = 2**63
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `at_us` counts from the first start of the trace."""

    at_us: int
    at: datetime
    span_id: str
    kind: str
    name: str
    fact: str
    level: str
    is_event: bool

    @property
    def at_text(self) -> str:
        """The time since the beginning."""
        return f"+{duration(self.at_us)}" if self.at_us >= 0 else f"−{duration(-self.at_us)}"

    @property
    def is_error(self) -> bool:
        """Whether it tells of a failure."""
        return self.level == LEVEL_NAMES[Level.ERROR]


def log_lines(
    spans: Iterable[TreeSpan], documents: dict[str, dict[str, Any]], first: datetime
) -> list[Line]:
    """The lines of `spans` and of the events in their stored documents, by time."""
    found = []
    for span in spans:
        found.append(_of_span(span, first))
        content = read_content(documents.get(span.span_id) or {})
        events = content.get("events")
        for event in (events if isinstance(events, list) else [])[:MOST_EVENTS]:
            if isinstance(event, dict):
                found.append(_of_event(span, event, first))
    return sorted(found, key=lambda line: (line.at_us, line.is_event))


def _of_span(span: TreeSpan, first: datetime) -> Line:
    facts = [span.model or ""]
    facts.append("still running" if span.duration_us is None else duration(span.duration_us))
    if span.level == Level.ERROR:
        facts.append(f"{span.error_type or 'failed'} {span.status_message or ''}".strip())
    return Line(
        at_us=(span.start_time - first) // _MICROSECOND,
        at=span.start_time,
        span_id=span.span_id,
        kind=KIND_NAMES[span.kind],
        name=span.name,
        fact=", ".join(filter(None, facts))[:LONGEST_FACT],
        level=LEVEL_NAMES[span.level],
        is_event=False,
    )


def _of_event(span: TreeSpan, event: dict[str, Any], first: datetime) -> Line:
    at = _moment(event) or span.start_time
    attributes = event.get("attributes")
    said = attributes if isinstance(attributes, dict) else {}
    message = said.get("exception.message") or said.get("message") or event.get("body")
    fact = as_text(message) if message else ", ".join(
        f"{name}={as_text(value)[:60]}" for name, value in sorted(said.items())[:4]
    )  # fmt: skip
    is_error = "exception.type" in said or "exception" in str(event.get("name") or "")
    return Line(
        at_us=(at - first) // _MICROSECOND,
        at=at,
        span_id=span.span_id,
        kind="event",
        name=str(event.get("name") or "event")[:120],
        fact=fact[:LONGEST_FACT],
        level=LEVEL_NAMES[Level.ERROR if is_error else Level.DEFAULT],
        is_event=True,
    )


def _moment(event: dict[str, Any]) -> datetime | None:
    """When an event was; None where its sender did not say."""
    time_ns = event.get("time_ns")
    if not isinstance(time_ns, int) or not 0 < time_ns < MOST_NS:
        return None
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=time_ns // 1000)
