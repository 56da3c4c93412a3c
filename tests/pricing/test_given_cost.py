"""A cost the sender gave becomes whole nano-dollars, exactly."""

from __future__ import annotations

import pytest

from pricing.price import given_cost, usd


@pytest.mark.parametrize(
    ("given", "nano"),
    [
        (None, None),
        ({}, None),
        ({"total": None}, None),
        ({"total": 0.1}, 100_000_000),
        ({"total": "0.1"}, 100_000_000),
        ({"total": 5.307560e-3}, 5_307_560),
        ({"input": 0.001, "output": "0.0005"}, 1_500_000),
        ({"input": 0.001, "total": 0.004}, 4_000_000),
        ({"input": 0.25}, 250_000_000),
        ({"total": 0}, 0),
        ({"total": "0.0000000005"}, 0),  # half to even
        ({"total": "0.0000000015"}, 2),
        ({"total": "0.0000000025"}, 2),
        ({"total": -1}, None),
        ({"total": "many"}, None),
        ({"total": float("nan")}, None),
        ({"total": float("inf")}, None),
        ({"total": True}, None),
        ({"total": 1e300}, None),
    ],
)
def test_given_cost(given, nano):
    assert given_cost(given, failed=False) == nano


def test_zero_on_a_failed_call_is_no_cost():
    assert given_cost({"total": 0.0}, failed=True) is None
    assert given_cost({"total": 0.2}, failed=True) == 200_000_000


@pytest.mark.parametrize(
    ("nano", "text"),
    [
        (None, None),
        (0, "0"),
        (1, "0.000000001"),
        (1_500_000_000, "1.5"),
        (-20_000_000, "-0.02"),
        (12_345_678_901_234_567, "12345678.901234567"),
    ],
)
def test_nano_dollars_as_text(nano, text):
    assert usd(nano) == text
