"""Clients and versions beyond the shared recordings map and count as read through by eye."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.traces.recordings import JSON, described, judged
from traces.ingest.wire.decode import decode_otlp
from traces.ingest.wire.limits import Limits

FOLDER = Path(__file__).parent.parent / "fixtures" / "otlp-more"
NAMES = sorted(path.name.removesuffix(".expected.json") for path in FOLDER.glob("*.expected.json"))
SHOWN = 400


def spans_of(name: str) -> list[dict[str, Any]]:
    body = (FOLDER / f"{name}.json").read_bytes()
    records = decode_otlp(body, JSON, limits=Limits()).records
    verdicts = judged(records)
    spans = [described(record, verdicts[record.span_id]) for record in records]
    for span in spans:
        span["status_message"] = span["status_message"] and span["status_message"][:SHOWN]
    return spans


@pytest.mark.parametrize("name", NAMES)
def test_every_value_of_every_span_is_as_read(name: str) -> None:
    expected = json.loads((FOLDER / f"{name}.expected.json").read_text())
    assert spans_of(name) == expected["spans"]


# Input and output of what counts. The endpoint's counts, per call: 120/30, 512/41, 1000/200,
# 345/77, embeddings 18/0, Claude 160/11.
COUNTED = {
    "pydantic-ai-0.4.11-agent": (2 * 512, 2 * 41),
    "vercel-ai-4.3.19": (120 + 2 * 512 + 18, 30 + 2 * 41),
    "vercel-ai-6.0.326": (120 + 2 * 512 + 345 + 18 + 120, 30 + 2 * 41 + 77 + 30),
    "litellm-1.106.2-otel": (120 + 512 + 1000 + 18 + 160, 30 + 41 + 200 + 11),
    "langfuse-js-5.11.1-trace": (120, 38),
    "langfuse-python-4.18.0-openai-langchain": (120 + 1000 + 18 + 345, 30 + 200 + 77),
    "logfire-5.2.0-anthropic": (345 + 18 + 2 * 160, 77 + 2 * 11),
    "openinference-anthropic-3.1.0-native-sdk-spans": (3 * 160, 3 * 11),
    "openinference-langchain-0.1.80": (120 + 512 + 1000, 30 + 41 + 200),
}


@pytest.mark.parametrize("name", NAMES)
def test_each_call_counts_once(name: str) -> None:
    tokens = [span["tokens"] for span in spans_of(name) if span["tokens"]]
    totals = (
        sum(count["input_total"] for count in tokens),
        sum(count["output_total"] for count in tokens),
    )
    assert totals == COUNTED[name]
