"""A trace that has not ended, sent as our own JSON: OTLP carries only what has ended."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from traces.demo.calendar import Calendar
from traces.demo.otlp import Post
from traces.demo.shapes import Stage


def still_running(calendar: Calendar, seed: int) -> list[Post]:
    """A nightly export that began before midnight: three batches done, the fourth running."""
    stage = Stage(calendar, seed, "still-running", "summaries", 23.4)
    chance = stage.chance

    def at(seconds: float) -> str:
        moment = stage.moment.at_ns / 1e9 + seconds
        return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")

    trace = {
        "trace_id": f"{chance.getrandbits(128):032x}",
        "name": "cases.export_nightly",
        "environment": "production",
        "release": stage.moment.release,
        "feature": stage.feature,
        "tags": ["shape:still-running", "nightly"],
        "metadata": {"batches": 12},
        "spans": [
            {
                "span_id": f"{chance.getrandbits(64):016x}",
                "name": "cases.export_nightly",
                "kind": "chain",
                "start_time": at(0),
                "input": "Export of the day’s cases with their summaries",
                "spans": [
                    _batch(stage, number, at(2 + number * 40), at(38 + number * 40))
                    for number in range(3)
                ]
                + [
                    {
                        "span_id": f"{chance.getrandbits(64):016x}",
                        "name": "summarise_batch",
                        "kind": "generation",
                        "model": "claude-haiku-4-5-20251001",
                        "provider": "anthropic",
                        "start_time": at(122),
                        "input": [{"role": "user", "content": "Batch 4 of 12"}],
                    }
                ],
            }
        ],
    }
    return [Post("/api/v1/traces", "application/json", orjson.dumps(trace), 5)]


def _batch(stage: Stage, number: int, start: str, end: str) -> dict[str, object]:
    return {
        "span_id": f"{stage.chance.getrandbits(64):016x}",
        "name": "summarise_batch",
        "kind": "generation",
        "model": "claude-haiku-4-5-20251001",
        "provider": "anthropic",
        "start_time": start,
        "end_time": end,
        "input": [{"role": "user", "content": f"Batch {number + 1} of 12"}],
        "output": [{"role": "assistant", "content": f"{40 - number} cases summarised."}],
        "tokens": {"input_total": 18_400 + 310 * number, "output_total": 2_950},
    }
