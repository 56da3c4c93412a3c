"""Which SDK sent a request, in words of its own: headers and resources tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from governance.redaction import redact_text
from traces.ingest.record import SpanRecord

LONGEST_NAME, LONGEST_VERSION = 80, 40
MOST_READ = 500  # characters of what a sender says of itself
# Exporters of OpenTelemetry name themselves and mean their SDK.
_EXPORTER = re.compile(r"OTel[- ]OTLP[- ]Exporter[- ](\w+)/(\S+)")
_PRODUCT = re.compile(r"([^/;(]{1,200})/([^\s;,]+)")


class Sender(NamedTuple):
    """An SDK and its version; empty where nobody said."""

    client: str
    version: str


OTHERS = Sender("others", "")  # those beyond the most that are told apart


def of_headers(headers: Mapping[str, str]) -> tuple[Sender | None, Sender]:
    """What Langfuse's headers say, and what the User-Agent says."""
    return _of_headers(
        headers.get("x-langfuse-sdk-name", "")[:MOST_READ],
        headers.get("x-langfuse-sdk-version", "")[:MOST_READ],
        headers.get("user-agent", "")[:MOST_READ],
    )


# By what clients choose: bounded.
@lru_cache(maxsize=512)
def _of_headers(name: str, version: str, agent: str) -> tuple[Sender | None, Sender]:
    stated = _sender(_of_langfuse(name), version) if name else None
    if found := _EXPORTER.match(agent):
        by_agent = _sender(f"opentelemetry-{found[1].lower()}", found[2])
    elif found := _PRODUCT.match(agent):
        by_agent = _sender(found[1].strip(), found[2])
    else:
        by_agent = _sender(agent, "")
    return stated, by_agent


def _of_langfuse(name: str) -> str:
    return name if name.startswith("langfuse") else f"langfuse-{name}"


def _sender(client: str, version: str) -> Sender:
    return Sender(client.replace("\x00", "").strip(), version.replace("\x00", "").strip())


def told(sender: Sender) -> Sender:
    """`sender` as it may be stored: redacted, then cut, so that no half of a secret is left."""
    return Sender(
        redact_text(sender.client)[:LONGEST_NAME], redact_text(sender.version)[:LONGEST_VERSION]
    )


def of_resource(resource: Mapping[str, Any]) -> Sender | None:
    """The SDK that a resource names, if it names one."""
    name = resource.get("langfuse.sdk_name")
    if isinstance(name, str) and name:
        return _sender(_of_langfuse(name[:MOST_READ]), _text(resource.get("langfuse.sdk_version")))
    name = resource.get("telemetry.sdk.name")
    if not isinstance(name, str) or not name:
        return None
    language = _text(resource.get("telemetry.sdk.language"))
    client = f"{name[:MOST_READ]}-{language}" if language else name[:MOST_READ]
    return _sender(client, _text(resource.get("telemetry.sdk.version")))


def _text(value: Any) -> str:
    return value[:MOST_READ] if isinstance(value, str) else ""


def seen(records: Iterable[SpanRecord]) -> dict[tuple[Sender | None, str], int]:
    """Spans by the SDK that their resource names and by dialect; empty where none shows."""
    found: Counter[tuple[Sender | None, str]] = Counter()
    # Spans of one resource share its map, so it is read once.
    last: Mapping[str, Any] | None = None
    sender: Sender | None = None
    for record in records:
        if record.resource is not last:
            last = record.resource
            sender = of_resource(last)
        found[sender, record.dialect or ""] += 1
    return dict(found)
