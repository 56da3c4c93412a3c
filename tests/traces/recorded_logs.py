"""The log records of a recording, as they stand among their spans' events once they have met."""

from __future__ import annotations

import json
from typing import Any

from tests.traces.recordings import FOLDER
from traces.ingest.record import SpanRecord
from traces.ingest.wire.otlp_json import plain


def attach_logs(name: str, records: list[SpanRecord]) -> None:
    """Add a recording's log records to the events of the spans they belong to."""
    spans = {(record.trace_id, record.span_id): record for record in records}
    for path in sorted(FOLDER.glob(f"{name}.*-logs.json")):
        for of_resource in json.loads(path.read_text())["resourceLogs"]:
            for of_scope in of_resource["scopeLogs"]:
                for log in of_scope["logRecords"]:
                    record = spans[(log["traceId"], log["spanId"])]
                    record.events.append({"name": log["eventName"], "attributes": _content(log)})


def _content(log: dict[str, Any]) -> dict[str, Any]:
    body = plain(log["body"])
    assert isinstance(body, dict)
    return body | {pair["key"]: plain(pair["value"]) for pair in log["attributes"]}
