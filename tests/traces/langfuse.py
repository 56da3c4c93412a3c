"""Recorded exchanges of Langfuse's SDKs, batches in few words, and what stands afterwards."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import httpx

from tests.factories import Key
from tests.traces.stored import fetch

FOLDER = Path(__file__).parent.parent / "fixtures" / "langfuse-api"
INGESTION = "/api/public/ingestion"


def exchanges(name: str, path: str = "") -> list[dict[str, Any]]:
    """The exchanges of a recording, those of an address where `path` names one."""
    whole = json.loads((FOLDER / f"{name}.json").read_text())["exchanges"]
    return [one for one in whole if not path or one["path"].startswith(path)]


def basic(key: Key) -> dict[str, str]:
    """The header that every Langfuse SDK sends."""
    pair = base64.b64encode(f"{key.public}:{key.secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def at(seconds: float) -> str:
    """A moment on 20 November 2026."""
    return f"2026-11-20T12:{int(seconds) // 60:02}:{seconds % 60:09.6f}Z"


def event(kind: str, said: float, number: int = 0, **body: Any) -> dict[str, Any]:
    """An event of a batch, said at that second; a body without a trace is of `t`."""
    if not kind.startswith(("trace", "score")):
        body.setdefault("traceId", "t")
    return {"id": f"e-{said}-{number}", "type": kind, "timestamp": at(said), "body": body}


def send(client: httpx.Client, *events: dict[str, Any]) -> dict[str, Any]:
    """Send one batch; the answer, which must be 207."""
    answer = client.post(INGESTION, json={"batch": list(events), "metadata": {}})
    assert answer.status_code == 207, answer.text
    document: dict[str, Any] = answer.json()
    return document


def spans_of(client: httpx.Client, trace_id: str) -> dict[str, dict[str, Any]]:
    """The spans of a trace by id, as REST gives them."""
    found = client.get(f"/api/v1/traces/{trace_id}/spans")
    assert found.status_code == 200, found.text
    return {span["span_id"]: span for span in found.json()["data"]}


STATE = """
select s.*, c.size, t.* from span s
join span_content c using (project_id, trace_id, span_id, start_time)
join trace t using (project_id, trace_id) order by s.trace_id, s.span_id
"""


def state() -> list[tuple[Any, ...]]:
    """All that stands in the three tables."""
    return fetch(STATE)
