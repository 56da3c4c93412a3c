"""Costs worked out by hand from the providers' price pages, to the nano-dollar.

USD per million tokens as published (read 2026-11-20): claude-sonnet-4-5 3, output 15, cache read
0.30, write 3.75 and 6 for an hour, above 200,000 input tokens 6, 22.50, 0.60, 7.50, 12;
gpt-4o-mini 0.15, cached 0.075, output 0.60; o4-mini 1.10, cached 0.275, output 4.40; gemini-2.5-pro
1.25, cached 0.125, output 10, above 200,000 input tokens 2.50, 0.25, 15; text-embedding-3-small
0.02; o3 10 and 40 until 2025-06-10, 2 and 8 since.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pricing.card import Priced, Unpriced
from pricing.price import Call, price
from pricing.project_table import ProjectTable
from pricing.terms import micros

NOON = micros(datetime(2026, 11, 20, 12, tzinfo=UTC))
TABLE = ProjectTable()


def cost(provider, model, counts, *, at=NOON, **more) -> Priced:
    found = price(Call(provider, model, at, counts, **more), TABLE)
    assert isinstance(found, Priced), found
    return found


@pytest.mark.parametrize(
    ("provider", "model", "counts", "nano"),
    [
        # 20·3 + 100·0.3 + 40·3.75 + 30·15 = 60 + 30 + 150 + 450 = 690 µ$
        ("anthropic", "claude-sonnet-4-5", (20, 100, 40, None, 30, None, None), 690_000),
        # 56·0.15 + 64·0.075 + 38·0.6 = 8.4 + 4.8 + 22.8 = 36 µ$
        ("openai", "gpt-4o-mini-2024-07-18", (56, 64, None, None, 38, None, None), 36_000),
        # 7·0.075 = 0.525 µ$: the half of a nano-dollar needs no rounding here
        ("openai", "gpt-4o-mini", (0, 7, None, None, 0, None, None), 525),
        # 1000·1.1 + 200·4.4 + 832·4.4: reasoning at the price of output = 1100 + 880 + 3660.8 µ$
        ("openai", "o4-mini-2025-04-16", (1000, None, None, None, 200, 832, None), 5_640_800),
        # exactly at the threshold the lower tier: 200,000·1.25 + 100·10 = 251,000 µ$
        ("google", "gemini-2.5-pro", (200_000, None, None, None, 100, None, None), 251_000_000),
        # one token more and the whole call is in the higher: 200,001·2.5 + 100·15 = 501,502.5 µ$
        ("google", "gemini-2.5-pro", (200_001, None, None, None, 100, None, None), 501_502_500),
        # cached tokens count towards the threshold: 1·2.5 + 200,000·0.25 + 100·15 = 51,502.5 µ$
        ("google", "gemini-2.5-pro", (1, 200_000, None, None, 100, None, None), 51_502_500),
        # 1,234·0.02 = 24.68 µ$; an embedding has no output
        ("openai", "text-embedding-3-small", (1234, None, None, None, None, None, None), 24_680),
    ],
)
def test_cost_by_hand(provider, model, counts, nano):
    found = cost(provider, model, counts)
    assert found.cost_nano == nano
    assert found.usd == Decimal(nano).scaleb(-9)


def test_each_class_has_its_exact_amount():
    found = cost("anthropic", "claude-sonnet-4-5", (20, 100, 40, None, 30, None, None))
    assert {amount.name: amount.usd for amount in found.amounts} == {
        "in_uncached": Decimal("0.00006"),
        "in_cached": Decimal("0.00003"),
        "in_cache_write": Decimal("0.00015"),
        "out_text": Decimal("0.00045"),
    }
    assert found.card.reference.startswith("genai-prices ")


def test_an_hour_of_cache_costs_more_than_five_minutes():
    # 30·3.75 + 10·6 = 172.5 instead of 40·3.75 = 150 µ$; above the threshold 7.5 and 12
    counts = (20, 100, 40, None, 30, None, None)
    details = {"in_cache_write_1h": 10, "in_cache_write_5m": 30}
    assert cost("anthropic", "claude-sonnet-4-5", counts, details=details).cost_nano == 712_500
    long = (200_000, None, 40, None, 0, None, None)
    assert cost("anthropic", "claude-sonnet-4-5", long, details=details).cost_nano == (
        1_200_000_000 + 30 * 7_500 + 10 * 12_000
    )


def test_batch_costs_half_where_the_table_says_so():
    counts = (20, 100, 40, None, 30, None, None)
    found = cost("anthropic", "claude-sonnet-4-5", counts, service="batch")
    assert found.cost_nano == 345_000


def test_prices_are_those_of_the_day_of_the_call():
    counts = (100, None, None, None, 10, None, None)
    before = micros(datetime(2025, 6, 9, 23, 59, 59, tzinfo=UTC))
    after = micros(datetime(2025, 6, 10, tzinfo=UTC))
    assert cost("openai", "o3", counts, at=before).cost_nano == 1_400_000
    assert cost("openai", "o3", counts, at=after).cost_nano == 280_000


def test_prices_may_change_with_the_hour():
    counts = (1_000, None, None, None, 0, None, None)
    by_day = micros(datetime(2026, 11, 20, 12, tzinfo=UTC))
    by_night = micros(datetime(2026, 11, 20, 20, tzinfo=UTC))
    assert cost("deepseek", "deepseek-chat", counts, at=by_day).cost_nano == 270_000
    assert cost("deepseek", "deepseek-chat", counts, at=by_night).cost_nano == 135_000


@pytest.mark.parametrize(
    ("provider", "model", "counts", "reason"),
    [
        ("openai", "bad-model", (1, None, None, None, 1, None, None), "has no model bad-model"),
        ("ollama", "llama3", (1, None, None, None, 1, None, None), "the provider ollama"),
        ("openai", "gpt-4o", (None,) * 7, "input tokens is not known"),
        ("openai", "gpt-4o", (5, None, None, None, None, None, None), "output tokens is not known"),
        ("openai", "text-embedding-3-small", (5, None, None, None, 3, None, None), "for output"),
        ("openai", None, (1, None, None, None, 1, None, None), "names no model"),
    ],
)
def test_unpriced_says_why(provider, model, counts, reason):
    found = price(Call(provider, model, NOON, counts), TABLE)
    assert isinstance(found, Unpriced)
    assert reason in found.reason


def test_the_model_that_was_asked_for_is_tried_next():
    found = cost(
        "openai", "my-deployment", (10, None, None, None, 0, None, None), model_requested="gpt-4o"
    )
    assert found.cost_nano == 25_000
