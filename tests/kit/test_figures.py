"""Figures read the same on every page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from kit import figures

NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "–"),
        (0, "$0"),
        (Decimal(0), "$0"),
        (1, "<$0.0001"),
        (38_100_000, "$0.0381"),
        (Decimal("0.0229"), "$0.0229"),
        (Decimal("0.00005"), "<$0.0001"),
        (Decimal("0.0001"), "$0.0001"),
        (Decimal("0.99994"), "$0.9999"),
        (Decimal("0.99996"), "$1.00"),
        (Decimal(1), "$1.00"),
        (Decimal("6.835"), "$6.84"),
        (Decimal("999.994"), "$999.99"),
        (Decimal("999.995"), "$1,000"),
        (Decimal("18412.4"), "$18,412"),
        (18_412_500_000_000, "$18,413"),
        (Decimal("-0.5"), "−$0.5000"),
    ],
)
def test_money_has_four_two_or_no_decimals(amount: Decimal | int | None, text: str) -> None:
    assert figures.money(amount) == text


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (None, "–"),
        (0, "0 ms"),
        (499, "<1 ms"),
        (500, "1 ms"),
        (84_000, "84 ms"),
        (999_499, "999 ms"),
        (999_500, "1.00 s"),
        (2_420_000, "2.42 s"),
        (59_994_999, "59.99 s"),
        (59_995_000, "1 m 0 s"),
        (192_000_000, "3 m 12 s"),
        (3_599_400_000, "59 m 59 s"),
        (7_500_000_000, "2 h 5 m"),
        (273_600_000_000, "3 d 4 h"),
        (-84_000, "−84 ms"),
        (timedelta(seconds=2, milliseconds=420), "2.42 s"),
    ],
)
def test_durations_choose_their_unit(length: int | timedelta | None, text: str) -> None:
    assert figures.duration(length) == text


@pytest.mark.parametrize(
    ("number", "text"), [(None, "–"), (0, "0"), (999, "999"), (16_206, "16,206")]
)
def test_counts_have_a_thousands_separator(number: int | None, text: str) -> None:
    assert figures.count(number) == text


@pytest.mark.parametrize(("number", "text"), [(None, "–"), (10_000, "10,000"), (10_001, "10,000+")])
def test_counts_are_exact_up_to_the_cap(number: int | None, text: str) -> None:
    assert figures.capped(number) == text


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(None, "–"), (0.337, "33.7%"), (0.41, "41%"), (Decimal("0.0004"), "0%"), (12.5, "1,250%")],
)
def test_percentages_have_at_most_one_decimal(ratio: Decimal | float | None, text: str) -> None:
    assert figures.percent(ratio) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, "–"),
        (0, "0 B"),
        (999, "999 B"),
        (4_096, "4 KB"),
        (312_000, "312 KB"),
        (999_500, "1.0 MB"),
        (1_440_000, "1.4 MB"),
        (2_000_000_000, "2.0 GB"),
    ],
)
def test_sizes_choose_their_unit(number: int | None, text: str) -> None:
    assert figures.size(number) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Maya Ruiz", "MR"),
        ("Ana Maria Silva", "AS"),
        ("dana@example.com", "D"),
        ("tom.berg@example.com", "TB"),
        ("", "?"),
        ("— —", "?"),
    ],
)
def test_initials_come_from_the_first_and_last_word(name: str, text: str) -> None:
    assert figures.initials(name) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOON - timedelta(seconds=5), "just now"),
        (NOON - timedelta(minutes=12), "12 m ago"),
        (NOON - timedelta(hours=3, minutes=59), "3 h ago"),
        (NOON + timedelta(minutes=5), "in 5 m"),
        (NOON - timedelta(days=1), "19 Nov, 12:00 UTC"),
    ],
)
def test_times_are_relative_for_a_day(moment: datetime, text: str) -> None:
    assert figures.relative(moment, NOON) == text


def test_times_are_written_in_utc() -> None:
    elsewhere = datetime(2026, 11, 20, 15, 2, 11, 345_000, tzinfo=timezone(timedelta(hours=1)))
    assert figures.instant(elsewhere) == "2026-11-20T14:02:11.345Z"
    assert figures.full_time(elsewhere) == "20 Nov 2026, 14:02:11 UTC"


@pytest.mark.parametrize(
    ("values", "points"),
    [
        ([], ""),
        ([None, None], ""),
        ([1, 1], "0.0,12.0 100.0,12.0"),
        ([0, 10, 5], "0.0,22.0 50.0,2.0 100.0,12.0"),
        ([0, None, 10], "0.0,22.0 50.0,22.0 100.0,2.0"),
    ],
)
def test_sparklines_reach_from_edge_to_edge(values: list[float | None], points: str) -> None:
    assert figures.polyline(values) == points
