"""The door of intake's pure part: from a request's bytes to records."""

from __future__ import annotations

from dataclasses import dataclass, field

from traces.ingest.record import SpanRecord
from traces.ingest.wire import native, otlp_json, otlp_protobuf
from traces.ingest.wire.errors import BadRequestBody
from traces.ingest.wire.limits import Limits
from traces.ingest.wire.otlp import Batch, Rejection

_PROTOBUF = frozenset({"application/x-protobuf", "application/protobuf"})
_JSON = "application/json"


@dataclass(slots=True)
class Decoded:
    """What a request held: the spans that are taken, and those that are not."""

    records: list[SpanRecord]
    rejected: list[Rejection] = field(default_factory=list)

    @property
    def rejected_count(self) -> int:
        """How many spans were refused."""
        return sum(rejection.count for rejection in self.rejected)

    @property
    def message(self) -> str:
        """The reasons in one line, for a partial success; empty when all was taken."""
        shown = [f"{item.where}: {item.reason}" for item in self.rejected[:10]]
        if more := sum(item.count for item in self.rejected[10:]):
            shown.append(f"and {more} more")
        return "; ".join(shown)


def is_protobuf(content_type: str) -> bool:
    """Return whether a request in this content type is protobuf."""
    return content_type.partition(";")[0].strip().lower() in _PROTOBUF


def is_json(content_type: str) -> bool:
    """Return whether a request in this content type is OTLP/JSON, and so is to be its answer.

    Raises:
        BadRequestBody: 415 for a type that is neither JSON nor protobuf.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _PROTOBUF:
        return False
    if kind == _JSON:
        return True
    raise BadRequestBody(
        415, f"Content-Type {kind[:80]!r} is not one of application/x-protobuf, application/json"
    )


def decode_otlp(body: bytes, content_type: str, *, limits: Limits) -> Decoded:
    """Return the spans of an OTLP/HTTP trace export.

    A span with an impossible id is rejected and the rest are kept.

    Raises:
        BadRequestBody: 400 for a body that cannot be read, 415 for another content type.
    """
    reader = otlp_json if is_json(content_type) else otlp_protobuf
    return _decoded(reader.decode(body, limits))


def decode_native(body: bytes, *, limits: Limits) -> Decoded:
    """Return the spans of a body of `POST /api/v1/traces`.

    Raises:
        BadRequestBody: 400 for a body that is no JSON or not one of its shapes.
    """
    return _decoded(native.decode(body, limits))


def _decoded(batch: Batch) -> Decoded:
    return Decoded(batch.records, batch.rejected)
