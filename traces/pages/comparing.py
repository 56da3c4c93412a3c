"""A figure beside what it was, in words and a tone: colour follows better or worse. Pure."""

from __future__ import annotations

from kit.figures import percent

SAME = 0.005  # a change below half a percent is none


def change(now: float | int | None, was: float | int | None) -> str:
    """`+12%`, `−6.1%`, `as before`, `×4.2`; nothing where there is nothing to compare."""
    if now is None or was is None or was == 0:
        return ""
    ratio = now / was - 1
    if abs(ratio) < SAME:
        return "as before"
    if ratio >= 2:
        return f"×{now / was:,.1f}".replace(".0", "")
    return f"{'+' if ratio > 0 else '−'}{percent(abs(ratio))}"


def points(now: float | None, was: float | None) -> str:
    """`+1.4 points`, of two shares between 0 and 1."""
    if now is None or was is None:
        return ""
    difference = round((now - was) * 100, 1)
    if not difference:
        return "as before"
    unit = "point" if abs(difference) == 1 else "points"
    return f"{'+' if difference > 0 else '−'}{abs(difference):g} {unit}"


def tone(now: float | int | None, was: float | int | None, *, worse_is_more: bool | None) -> str:
    """`ok`, `bad` or `muted`; None for a figure that is neither better nor worse when it grows."""
    if worse_is_more is None or now is None or was is None:
        return "muted"
    if abs(now - was) <= abs(was) * 0.05:
        return "muted"
    return "bad" if (now > was) == worse_is_more else "ok"
