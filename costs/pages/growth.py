"""Cost against users and requests in words, and as a drawing on logarithms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from costs.queries.growth import Day, Grown, Of
from kit.figures import count, money

WIDTH, HEIGHT, PAD = 320, 150, 12


@dataclass(frozen=True)
class Dot:
    """One day in the drawing, in pixels, and what it says."""

    x: float
    y: float
    title: str


@dataclass(frozen=True)
class Panel:
    """What one of the two says. `sentence` is whole; `line` two ends of the fitted line."""

    of: Of
    title: str
    figure: str  # exponent with its interval; '' of none
    sentence: str
    tone: str  # "bad", "good" or ''
    notes: Sequence[str]
    dots: Sequence[Dot]
    line: tuple[float, float, float, float] | None
    label: str


def panels_of(grown: dict[Of, Grown]) -> list[Panel]:
    """Users first."""
    return [_panel(one) for one in grown.values()]


def _panel(grown: Grown) -> Panel:
    word, found = grown.of, grown.growth
    title = f"Cost against {'active users' if grown.of == 'users' else word}"
    notes = []
    if grown.unpriced_days:
        notes.append(
            f"{_days(grown.unpriced_days)} left out: more than 5% of the calls have no price."
        )
    if found is None:
        return Panel(grown.of, title, "", grown.why_not, "", notes, (), None, "")
    times, low, high = found.doubled
    within = f"{found.exponent:.2f} (95% {found.low:.2f}–{found.high:.2f})"
    doubled = f"twice the {word} cost {times:.1f} times as much ({low:.1f}–{high:.1f})"
    if found.is_faster:
        tone, sentence = "bad", f"Cost grows faster than {word}: {doubled}."
    elif found.is_slower:
        tone, sentence = "good", f"Cost grows more slowly than {word}: {doubled}."
    else:
        tone = ""
        sentence = f"It cannot be told whether cost grows faster than {word} or not: {doubled}."
        if found.low > 0.8 and found.high < 1.25:
            sentence = f"Cost grows in step with {word}: {doubled}."
    if found.outlying:
        notes.append(f"{_days(found.outlying)} far off counted for less.")
    notes.append(
        f"From {_days(found.days)}. What else changed meanwhile, prompts or models, is in it."
    )
    dots, line = _drawn(grown)
    label = f"Cost of each day by its {word}, both on logarithms. {sentence}"
    return Panel(grown.of, title, within, sentence, tone, notes, dots, line, label)


def _drawn(grown: Grown) -> tuple[list[Dot], tuple[float, float, float, float] | None]:
    found = grown.growth
    if found is None:
        return [], None
    points = [(math.log(day.size(grown.of)), math.log(day.cost or 1)) for day in grown.days]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    low, high = min(y for _, y in points), max(y for _, y in points)

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - left) / ((right - left) or 1)
        up = (y - low) / ((high - low) or 1)
        return (
            round(PAD + across * (WIDTH - 2 * PAD), 1),
            round(HEIGHT - PAD - up * (HEIGHT - 2 * PAD), 1),
        )

    dots = [
        Dot(*place(x, y), _said(day, grown.of))
        for (x, y), day in zip(points, grown.days, strict=True)
    ]
    offsets = sorted(y - found.exponent * x for x, y in points)
    middle = offsets[len(offsets) // 2]
    ends = [place(x, min(max(middle + found.exponent * x, low), high)) for x in (left, right)]
    return dots, (*ends[0], *ends[1])


def _said(day: Day, of: Of) -> str:
    return f"{day.day:%-d %b}: {count(day.size(of))} {of}, {money(day.cost)}"


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"
