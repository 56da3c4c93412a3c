"""Spans of another installation as an OTLP export, so that they are read like any sender's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from traces.ingest.wire.decode import Decoded, decode_otlp
from traces.ingest.wire.limits import Limits

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LIMITS = Limits()
_LARGEST = 2**63


def decoded(
    spans: Sequence[Mapping[str, Any]],
    *,
    resource: Mapping[str, Any] | None = None,
    scope: str = "",
) -> Decoded:
    """The records of spans in OTLP/JSON, all of one resource and one scope."""
    request = {
        "resourceSpans": [
            {
                "resource": {"attributes": attributes_of(resource or {})},
                "scopeSpans": [{"scope": {"name": scope}, "spans": spans}],
            }
        ]
    }
    body = orjson.dumps(request, option=orjson.OPT_NON_STR_KEYS)
    return decode_otlp(body, "application/json", limits=_LIMITS)


def attributes_of(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A plain mapping as OTLP's list of keys and values."""
    return [{"key": str(key), "value": _any_value(value)} for key, value in attributes.items()]


def _any_value(value: Any) -> dict[str, Any]:
    match value:
        case None:
            return {}
        case bool():
            return {"boolValue": value}
        case int():
            small = -_LARGEST <= value < _LARGEST
            return {"intValue": str(value)} if small else {"stringValue": str(value)}
        case float():
            return {"doubleValue": value}
        case dict():
            return {"kvlistValue": {"values": attributes_of(value)}}
        case list():
            return {"arrayValue": {"values": [_any_value(one) for one in value]}}
        case _:
            return {"stringValue": str(value)}


def moment(value: Any) -> datetime | None:
    """A time in ISO 8601, in UTC where it names no zone; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def nanoseconds(value: Any) -> int | None:
    """The same as Unix nanoseconds."""
    at = moment(value)
    return None if at is None else (at - _EPOCH) // timedelta(microseconds=1) * 1000


def iso(at: datetime) -> str:
    """A moment as every one of these APIs reads it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
