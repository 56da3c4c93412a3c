"""Lines across a chart at round amounts, and how these are written."""

from __future__ import annotations

from math import floor, log10

from kit.figures import money

NANO = 10**9
_STEPS = (1, 2, 2.5, 5, 10)


def round_steps(top: float, lines: int = 3) -> list[int]:
    """Round amounts from 0 to at least `top`, in about `lines` steps; [0] of nothing."""
    if top <= 0:
        return [0]
    raw = top / lines
    power = 10.0 ** floor(log10(raw))
    step = next(one * power for one in _STEPS if one * power >= raw * 0.9999)
    count = max(1, -int(-top // step))
    return [round(step * place) for place in range(count + 1)]


def short(amount: int, *, is_money: bool = True) -> str:
    """`$10k`, `$1.5M`, `$250`, `$0.05`, `$1.50`; tokens without the sign."""
    value = amount / NANO if is_money else float(amount)
    sign = "$" if is_money else ""
    for limit, unit in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if value >= limit:
            return f"{sign}{value / limit:g}{unit}"
    if is_money and 0 < value < 1:
        text = money(amount)
        return text.rstrip("0") if "." in text and not text.startswith("<") else text
    return f"{sign}{value:g}" if value == int(value) else f"{sign}{value:.2f}"
