"""The rule: pass, fail or inconclusive, from an interval and a margin. Without numpy."""

from __future__ import annotations

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
