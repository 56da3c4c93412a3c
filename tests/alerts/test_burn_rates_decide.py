"""The rules of several windows: what is fast wakes somebody, what is slow waits, noise does not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.burning import (
    FAST,
    LONG,
    RULES,
    SLOW,
    WINDOWS,
    Budget,
    Counted,
    burn_rate,
    decide,
    threshold,
)

QUIET = dict.fromkeys(WINDOWS, Counted(1000, 0))
MINUTES = {length: length // timedelta(minutes=1) for length in WINDOWS}


def windows(**shares: float) -> dict[timedelta, Counted]:
    """A thousand requests in each window; `m5=0.02` is the bad share of five minutes."""
    return {
        length: Counted(1000, round(1000 * shares.get(f"m{minutes}", 0.0)))
        for length, minutes in MINUTES.items()
    }


@pytest.mark.parametrize(
    ("shares", "held"),
    [
        ({"m60": 0.0144, "m5": 0.0144}, []),  # 14 of 1,000 are 14.0 times
        ({"m60": 0.015, "m5": 0.015}, ["fast"]),
        ({"m60": 0.015}, []),  # over, but no more
        ({"m5": 1.0}, []),  # a moment
        ({"m360": 0.012, "m30": 0.006}, ["slow"]),
        ({"m4320": 0.005, "m360": 0.005}, ["long"]),
        (dict.fromkeys(("m4320", "m360", "m60", "m30", "m5"), 0.02), ["fast", "slow", "long"]),
    ],
)  # fmt: skip
def test_both_windows_must_burn(shares: dict[str, float], held: list[str]) -> None:
    assert [rule.name for rule in decide(windows(**shares), 0.001).holding] == held


def test_three_requests_at_night_wake_nobody() -> None:
    found = decide(dict.fromkeys(WINDOWS, Counted(3, 3)), 0.001)
    assert (found.holding, found.page) == ((), None)
    found = decide(dict.fromkeys(WINDOWS, Counted(9, 9)), 0.001)
    assert [rule.name for rule in found.holding] == ["long"]
    assert decide(dict.fromkeys(WINDOWS, Counted(10, 10)), 0.001).page is FAST


def test_it_goes_on_until_both_windows_are_under() -> None:
    found = decide(windows(m60=0.02), 0.001)
    assert (found.holding, found.is_over(is_page=True)) == ((), False)
    assert found.is_over(is_page=False)
    assert decide(QUIET, 0.001).is_over(is_page=True)
    nothing = dict.fromkeys(WINDOWS, Counted(0, 0))
    assert decide(nothing, 0.001).is_over(is_page=True)


@pytest.mark.parametrize("allowed", [0.07, 0.1, 0.3, 0.9])
def test_a_large_budget_can_burn_as_well(allowed: float) -> None:
    assert allowed <= threshold(FAST, allowed) < 1
    assert decide(dict.fromkeys(WINDOWS, Counted(1000, 1000)), allowed).page is FAST
    within = dict.fromkeys(WINDOWS, Counted(1000, int(allowed * 1000) - 1))
    assert decide(within, allowed).holding == ()


def test_without_any_budget_failures_are_a_ticket() -> None:
    found = decide(dict.fromkeys(WINDOWS, Counted(1000, 20)), 0.0)
    assert (found.page, found.ticket) == (None, LONG)
    assert decide(QUIET, 0.0).holding == ()
    assert burn_rate(Counted(10, 1), 0.0) is None


def test_budget_left_and_overdrawn() -> None:
    assert Budget(0.01, Counted(1000, 4)).left == pytest.approx(0.6)
    assert Budget(0.01, Counted(1000, 25)).left == pytest.approx(-1.5)
    assert Budget(0.01, Counted(1000, 25)).is_spent
    assert Budget(0.01, Counted(0, 0)).left is None
    assert (Budget(0.0, Counted(9, 0)).left, Budget(0.0, Counted(9, 1)).left) == (1.0, None)


def test_the_rules_are_those_of_the_workbook() -> None:
    told = [(rule.rate, rule.long, rule.short, rule.is_page) for rule in RULES]
    hour, minute, day = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
    assert told == [
        (14.4, hour, 5 * minute, True), (6.0, 6 * hour, 30 * minute, True),
        (1.0, 3 * day, 6 * hour, False),
    ]  # fmt: skip
    assert SLOW.long in WINDOWS
