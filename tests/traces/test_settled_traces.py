"""A settled trace: log events joined whichever came first, each call counted once, totals final."""

from __future__ import annotations

import itertools
import json

import pytest

from tests.traces.recordings import FOLDER, JSON, NAMES, PROTOBUF, bodies
from tests.traces.stored import connect, fetch, totals
from traces.digest import queue
from traces.digest.events import store_events
from traces.digest.settle import settle_what_is_due
from traces.ingest.pipeline import Dialect, prepare
from traces.ingest.wire.limits import Limits
from traces.ingest.wire.log_records import decode_logs
from traces.ingest.writer.store import Store

pytestmark = pytest.mark.django_db(transaction=True)

PROJECT = 1
BY_MODEL = """
select model, count(*),
  sum(coalesce(in_uncached, 0) + coalesce(in_cached, 0) + coalesce(in_cache_write, 0)
    + coalesce(in_audio, 0)),
  sum(coalesce(out_text, 0) + coalesce(out_reasoning, 0) + coalesce(out_audio, 0))
from span where counts and (in_uncached is not null or out_text is not null)
group by model order by model
"""


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settled without waiting three seconds for it."""
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)


def settle() -> int:
    with connect() as link:
        return settle_what_is_due(link)


def send(body: bytes, kind: str) -> None:
    spans = prepare(
        body, encoding="", content_type=kind, dialect=Dialect.OTLP, project_id=PROJECT
    ).spans
    store = Store(connect)
    store.write(spans)
    store.close()


def send_logs(body: bytes) -> None:
    records = decode_logs(body, PROTOBUF, limits=Limits()).records
    with connect() as link, link.transaction(), link.cursor() as cursor:
        store_events(cursor, PROJECT, records)


@pytest.mark.parametrize("name", NAMES)
def test_totals_per_model_are_those_expected(name: str) -> None:
    form = "pb" if bodies(name, "pb") else "json"
    for body in reversed(bodies(name, form) * 2):
        send(body, PROTOBUF if form == "pb" else JSON)
    settle()
    expected = json.loads((FOLDER / f"{name}.expected.json").read_text())["by_model"]
    found = {
        model: (calls, int(tokens_in), int(tokens_out))
        for model, calls, tokens_in, tokens_out in fetch(BY_MODEL)
    }
    assert found == {
        model: (sums["calls"], sums["input_total"], sums["output_total"])
        for model, sums in expected.items()
    }
    [(tokens_in, tokens_out)] = fetch("select sum(tokens_in), sum(tokens_out) from trace")
    assert tokens_in == sum(sums["input_total"] for sums in expected.values())
    assert tokens_out == sum(sums["output_total"] for sums in expected.values())
    assert settle() == 0


def legacy_parts() -> list[tuple[str, bytes]]:
    paths = sorted(FOLDER.glob("otel-openai-v2-2.4b0-legacy-events.*.pb"))
    return [("logs" if "logs" in path.name else "traces", path.read_bytes()) for path in paths]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("between", [False, True])
def test_logs_and_spans_end_in_the_same_state(order: tuple[int, ...], between: bool) -> None:
    parts = legacy_parts()
    for place in order:
        what, body = parts[place]
        send_logs(body) if what == "logs" else send(body, PROTOBUF)
        if between:
            settle()
    send_logs(parts[0][1])  # an exporter that repeats itself
    settle()
    previews = fetch(
        "select span_id, input_preview, output_preview from span where kind = 1 order by 1"
    )
    assert [row[1] for row in previews] == ["What is the weather in Paris?"] * 4
    assert fetch("select count(*) from log_event where joined_at is null") == [(0,)]
    assert totals()[0][5:7] == (2162, 312)


def test_a_repeated_span_brings_its_trace_back_into_the_queue() -> None:
    body = bodies("otel-sdk-1.45.2-genai-current", "pb")[0]
    send(body, PROTOBUF)
    assert settle() == 1
    send(body, PROTOBUF)
    assert fetch("select count(*) from digest_queue") == [(0,)]
    assert settle() == 0


def test_what_does_not_count_says_why_and_instead_of_whom() -> None:
    send(bodies("traceloop-anthropic-0.62.4-native-sdk-spans", "pb")[0], PROTOBUF)
    settle()
    [(span_id, reason, instead)] = fetch("select span_id, reason, counted_span_id from uncounted")
    assert reason
    assert fetch("select counts from span where span_id = %s", span_id) == [(False,)]
    assert fetch("select counts from span where span_id = %s", instead) == [(True,)]
