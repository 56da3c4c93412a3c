"""How a decision reads: figures, changes and bars as people write them."""

from __future__ import annotations

from evals.deciding.guards import Guarded
from evals.deciding.inputs import Metric
from kit import figures
from kit.intervals import Interval

UNKNOWN = figures.UNKNOWN


def number(value: float | None) -> str:
    """`0.83`, `4.1`, `1,204`: three digits that matter."""
    if value is None:
        return UNKNOWN
    size = abs(value)
    text = f"{size:,.0f}" if size >= 100 else f"{size:.2f}" if size < 10 else f"{size:.1f}"
    return f"−{text}" if value < 0 and float(text.replace(",", "")) else text


def signed(value: float | None) -> str:
    """`+0.08`, `−0.02`, `0.00`."""
    if value is None:
        return UNKNOWN
    text = number(value)
    return f"+{text}" if value > 0 and text.strip("0.") else text


def share(value: float | None) -> str:
    """`+12%`, `−3.4%`, `0%`: a change by a share."""
    if value is None or value in (float("inf"), float("-inf")):
        return UNKNOWN
    text = figures.percent(abs(value))
    if text == "0%":
        return text
    return f"+{text}" if value > 0 else f"−{text}"


def points(value: float | None) -> str:
    """`+1.2 points`: a change of a share."""
    return UNKNOWN if value is None else f"{share(value).rstrip('%')} points"


def p_value(p: float | None) -> str:
    """`p = 0.03`, `p < 0.001`."""
    if p is None:
        return ""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def span(found: Interval | None, of: object = signed) -> str:
    """`−0.01 to +0.17`."""
    if found is None:
        return UNKNOWN
    tell = of if callable(of) else signed
    return f"{tell(found.low)} to {tell(found.high)}"


def bar_of(metric: Metric, *, with_margin: bool) -> str:
    """`≥ 0.85, > −0.03`: the bar, and what the change may be."""
    parts = []
    if metric.bar is not None:
        parts.append(f"{'≥' if metric.direction == 'at_least' else '≤'} {number(metric.bar)}")
    if with_margin:
        worse = "> −" if metric.direction == "at_least" else "< +"
        parts.append(f"{worse}{number(metric.margin)}")
    return ", ".join(parts)


def level(guard: Guarded, value: float | None) -> str:
    """A guard's figure in its own unit."""
    if value is None:
        return UNKNOWN
    if not guard.is_measure:
        return number(value)
    if guard.key == "cost":
        return figures.money(round(value))
    if guard.key.startswith("p95_"):
        return figures.duration(round(value * 1000))
    return figures.percent(value)


def change(guard: Guarded) -> str:
    """What a guard changed by, with its interval."""
    if guard.change is None:
        return UNKNOWN
    tell = share if guard.kind == "relative" else points if guard.is_measure else signed
    return f"{tell(guard.change.value)} ({span(guard.change, tell)})"


def allowed(guard: Guarded, *, has_old: bool) -> str:
    """What a guard may come to: `≤ +10%`, `≤ 5.00 s`."""
    parts = []
    side = "≤ +" if guard.sign < 0 else "≥ −"
    if has_old:
        tell = share if guard.kind == "relative" else points if guard.is_measure else signed
        parts.append(f"{side}{tell(guard.margin).lstrip('+')}")
    if guard.limit is not None:
        parts.append(f"{'≤' if guard.sign < 0 else '≥'} {level(guard, guard.limit)}")
    return ", ".join(parts)
