"""The rule: pass, fail or inconclusive, from an interval and a margin. Without numpy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from kit.intervals import Interval

State = Literal["pass", "fail", "inconclusive"]


def decide(found: Interval | None, margin: float) -> State:
    """Pass when worse by `margin` or more is ruled out; fail when any improvement is ruled out.

    `found` is the mean paired difference (positive is better) with its interval of 95 %; without
    one nothing is decided. Both bounds are strict.

    Source: non-inferiority by an interval, ICH E9 (1998), 3.3.2; margins as `docs/gate.md` has.
    """
    if found is None:
        return "inconclusive"
    if found.low > -margin:
        return "pass"
    return "fail" if found.high < 0 else "inconclusive"


def decide_bar(found: Interval | None, bar: float) -> State:
    """Pass when the lower bound reaches the bar; fail when the upper one does not.

    `found` and `bar` are such that more is better.
    """
    if found is None:
        return "inconclusive"
    if found.low >= bar:
        return "pass"
    return "fail" if found.high < bar else "inconclusive"


def together(states: Iterable[State]) -> State:
    """Fail where any fails, pass where all pass, inconclusive else; pass of none."""
    listed = list(states)
    if "fail" in listed:
        return "fail"
    return "inconclusive" if "inconclusive" in listed else "pass"
