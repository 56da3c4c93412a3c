"""Recorded calls get the cost worked out by hand; spans that call no model get none."""

from __future__ import annotations

import pytest

from pricing.card import CostSource
from pricing.project_table import ProjectTable
from tests.traces.recordings import decoded
from traces.ingest.costing import MOST_COST_NANO, price_records, service_of
from traces.ingest.record import Kind, Level, SpanRecord

NOON_NS = 1_795_176_000_000_000_000  # 2026-11-20 12:00 UTC


def recorded(name: str) -> list[SpanRecord]:
    records = [record for request in decoded(name, "json") for record in request.records]
    price_records(records, ProjectTable())
    return records


def priced(**fields) -> SpanRecord:
    known = {"kind": Kind.GENERATION, "provider": "openai", "model": "gpt-4o-mini"}
    record = SpanRecord("t", "s", "call", start_ns=NOON_NS, **{**known, **fields})
    price_records([record], ProjectTable())
    return record


def test_anthropic_with_cache():
    # 20·3 + 100·0.3 + 40·3.75 + out·15
    found = [r for r in recorded("traceloop-anthropic-0.62.4-native-sdk-spans") if r.cost_nano]
    assert found
    for record in found:
        assert (record.in_uncached, record.in_cached, record.in_cache_write) == (20, 100, 40)
        assert record.cost_nano == 240_000 + (record.out_text or 0) * 15_000


def test_a_given_cost_that_tells_more_than_the_tokens_counts():
    # 56·0.15 + 64·0.075 + 38·0.6 = 36 µ$ by the table; its sender says 26.4 µ$.
    (record,) = [r for r in recorded("langfuse-python-5.0.4-trace") if r.cost_given]
    assert (record.cost_nano, record.cost_source) == (26_400, CostSource.GIVEN)


def test_a_given_cost_that_agrees_is_ours_to_the_nano_dollar():
    found = [r for r in recorded("pydantic-ai-2.68.0-agent") if r.kind == Kind.GENERATION]
    # gpt-4.1: 256·2 + 768·0.5 + 82·8 = 512 + 384 + 656 µ$ for both calls together
    assert sum(record.cost_nano or 0 for record in found) == 1_552_000
    assert {record.cost_source for record in found} == {CostSource.TABLE}


@pytest.mark.parametrize("kind", [Kind.AGENT, Kind.TOOL, Kind.SPAN, Kind.CHAIN])
def test_only_calls_are_priced_by_tokens(kind):
    assert priced(kind=kind, in_uncached=10, out_text=10).cost_nano is None


def test_usage_that_repeats_others_costs_nothing():
    assert priced(usage_counts=False).cost_nano is None


def test_an_embedding_needs_no_output():
    model = {"kind": Kind.EMBEDDING, "model": "text-embedding-3-small"}
    assert priced(in_uncached=1000, **model).cost_nano == 20_000


def test_a_failed_call_with_tokens_is_charged_and_one_without_is_unknown():
    assert priced(level=Level.ERROR, in_uncached=1000, out_text=0).cost_nano == 150_000
    assert priced(level=Level.ERROR, cost_given={"total": 0}).cost_nano is None


def test_a_cost_beyond_reason_is_none_and_marked():
    record = priced(cost_given={"total": 2 * MOST_COST_NANO // 10**9}, model="unknown")
    assert (record.cost_nano, record.cost_source) == (None, None)
    assert record.cuts[0]["where"] == "cost"


@pytest.mark.parametrize(
    ("attributes", "service"),
    [
        ({}, ""),
        ({"openai.response.service_tier": "default"}, ""),
        ({"openai.request.service_tier": "flex"}, "flex"),
        ({"openai.request.service_tier": "flex", "openai.response.service_tier": "default"}, ""),
        ({"roadworthy.service_tier": "batch"}, "batch"),
        ({"openai.response.service_tier": 3}, ""),
    ],
)
def test_how_a_call_was_served(attributes, service):
    assert service_of(attributes) == service
