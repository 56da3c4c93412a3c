"""Langfuse's `POST /api/public/ingestion`: a batch of events, each with an answer of its own.

    {"batch": [{"id", "type", "timestamp", "body"}, …], "metadata": {"sdk_name", …}}

Creates and updates of one object are parts of it (see `langfuse_record`). Scores are handed on as
they came. An event is refused only where it will never do: SDK 2 sends the whole batch again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from traces.ingest.dialects.fields import instant, text
from traces.ingest.record import TRACE_FACTS, Kind
from traces.ingest.wire.clean import Cleaner
from traces.ingest.wire.decode import Decoded
from traces.ingest.wire.errors import BadRequestBody
from traces.ingest.wire.json_body import read_json
from traces.ingest.wire.langfuse_record import TRACE, Parts, record_of
from traces.ingest.wire.limits import Limits
from traces.ingest.wire.otlp import Rejection, moment

ObjectKey = tuple[str, str]  # trace, span

_WRITES = ("create", "update")
_KINDS = {kind.name.lower(): kind.name for kind in Kind}
# Types of events whose body names the kind itself, or that are of no kind.
_OBSERVATION, _SCORE, _LOG = "observation", "score-create", "sdk-log"


@dataclass(slots=True)
class Event:
    """One event and what becomes of it. `key` is the object it is a part of."""

    id: str
    error: str | None = None
    key: ObjectKey | None = None
    score: dict[str, Any] | None = None  # the body of a score


@dataclass(slots=True)
class DecodedBatch(Decoded):
    """The records of a batch, and its events in the order sent."""

    events: list[Event] = field(default_factory=list)


class _Refused(Exception):
    """An event that will never do; the text is for the sender."""


def decode_batch(body: bytes, *, limits: Limits) -> DecodedBatch:
    """Return what a batch says. Raises: BadRequestBody where it is none."""
    value, lenient = read_json(body)
    batch = value.get("batch") if isinstance(value, dict) else None
    if not isinstance(batch, list):
        raise BadRequestBody(400, 'Expected {"batch": [event, …]}')
    if len(batch) > limits.spans:
        raise BadRequestBody(400, f"A batch may bring {limits.spans} events", "batch")
    reading = _Reading(limits, lenient)
    events = [reading.event(item, place) for place, item in enumerate(batch)]
    told = value.get("metadata")
    sdk = told if isinstance(told, dict) else {}
    cleaner = Cleaner(limits, lenient=lenient)
    resource = {
        f"langfuse.{name}": cleaner.text(known, name, limits.column)
        for name in ("sdk_name", "sdk_version", "sdk_integration")
        if (known := text(sdk.get(name))) is not None
    }
    records = []
    for (trace_id, span_id), parts in reading.objects.items():
        cleaner.cuts = reading.cuts[trace_id, span_id]
        records.append(record_of(trace_id, span_id, parts, cleaner, resource=resource))
    rejected = [
        Rejection(f"batch[{place}]", event.error)
        for place, event in enumerate(events)
        if event.error is not None
    ]
    return DecodedBatch(records, rejected, events)


class _Reading:
    """Goes through a batch and collects the parts of each object."""

    def __init__(self, limits: Limits, lenient: bool) -> None:
        self.objects: dict[ObjectKey, Parts] = {}
        self.cuts: dict[ObjectKey, list[dict[str, Any]]] = {}
        self._cleaner = Cleaner(limits, lenient=lenient)
        self._now_us = time.time_ns() // 1000

    def event(self, item: Any, place: int) -> Event:
        """Take one event in."""
        if not isinstance(item, dict):
            return Event(str(place), "An event is an object with id, type, timestamp and body")
        event = Event(self._cleaner.text(text(item.get("id")) or str(place), "id", 200))
        try:
            self._take(event, item)
        except _Refused as refused:
            event.error = str(refused)
        return event

    def _take(self, event: Event, item: dict[str, Any]) -> None:
        kind = text(item.get("type")) or ""
        if kind == _LOG:
            return
        body = item.get("body")
        if not isinstance(body, dict):
            raise _Refused("The event has no body")
        if kind == _SCORE:
            event.score = {**body, "id": text(body.get("id")) or event.id}
            if "timestamp" not in body and item.get("timestamp") is not None:
                event.score["timestamp"] = item["timestamp"]
            return
        noun, _, write = kind.rpartition("-")
        if write not in _WRITES or noun not in {"trace", _OBSERVATION, *_KINDS}:
            raise _Refused(f"There is no event of the type {kind[:40]!r}")
        self._add(event, noun, body, item.get("timestamp"))

    def _add(self, event: Event, noun: str, body: dict[str, Any], timestamp: Any) -> None:
        own = self._id(body.get("id"), "body.id") or event.id
        if noun == "trace":
            event.key = (own, TRACE_FACTS)
            said = {**body, "type": TRACE}
        else:
            # Without a trace an observation is one of its own.
            event.key = (self._id(body.get("traceId"), "body.traceId") or own, own)
            named = (text(body.get("type")) or "").lower() if noun == _OBSERVATION else noun
            said = {**body, "type": _KINDS[named]} if named in _KINDS else dict(body)
        known = self.cuts.setdefault(event.key, [])
        self._cleaner.cuts = known
        said = {
            self._cleaner.key(name, "body"): self._cleaner.value(value, name)
            for name, value in list(said.items())[: self._cleaner.limits.attributes]
        }
        at = moment(instant(timestamp) or 0, "timestamp", self._cleaner)
        at_us = self._now_us if at is None else at // 1000
        self.objects.setdefault(event.key, Parts()).add(said, at_us)

    def _id(self, value: Any, where: str) -> str | None:
        known = text(value)
        if known is None:
            return None
        self._cleaner.cuts = []
        known = self._cleaner.text(known, where)
        limit = self._cleaner.limits.id
        if len(known) > limit:
            raise _Refused(f"{where} may have {limit} characters, got {len(known)}")
        if known == TRACE_FACTS:
            raise _Refused(f"{where} may not be {known!r}")
        return known or None
