"""How a figure changed, in words and in the tone that fits."""

from __future__ import annotations

from kit.figures import percent

MANY_TIMES = 4.0  # grown by more is told in times
MOST_TIMES = 1000


def change_of(now: int, before: int) -> float | None:
    """Share by which it grew; None where there was nothing before."""
    return (now - before) / before if before > 0 else None


def grown(change: float | None) -> str:
    """`+12%`, `−6%`, `14 × as much`; '' where there is nothing to compare with."""
    if change is None:
        return ""
    if change >= MOST_TIMES:
        return f"over {MOST_TIMES:,} × as much"
    if change >= MANY_TIMES:
        return f"{round(change + 1):,} × as much"
    return f"{'+' if change >= 0 else '−'}{percent(abs(change))}"


def tone_of(change: float | None) -> str:
    """Of spend: more is worse. `bad`, `warn`, `faint` or `ok`."""
    if change is None or -0.05 < change <= 0.1:
        return "faint"
    if change < 0:
        return "ok"
    return "bad" if change > 0.2 else "warn"


def requests(number: int) -> str:
    """`1 request`, `16,206 requests`."""
    return f"{number:,} request{'' if number == 1 else 's'}"
