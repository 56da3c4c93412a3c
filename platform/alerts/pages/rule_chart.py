"""A rule's course as a small SVG: the value, its bar, and when it fired; gaps stay gaps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from alerts.rules.deciding import Episode, Said, Verdict
from alerts.rules.metrics import Unit
from alerts.rules.units import shown

WIDTH, HEIGHT, MARGIN = 720, 96, 4
MOST_POINTS = 360


@dataclass(frozen=True)
class Fired:
    """A time in which it fired, as a rectangle."""

    x: float
    width: float


@dataclass(frozen=True)
class Chart:
    """Paths in a box of WIDTH × HEIGHT, and what they say in words."""

    line: str
    bar: str
    dots: list[tuple[float, float]]  # values that stand alone
    fired: list[Fired]
    words: str
    low: str
    high: str
    since: datetime
    until: datetime
    width: int = WIDTH
    height: int = HEIGHT


def chart_of(said: Sequence[Said], found: Sequence[Episode], unit: Unit) -> Chart | None:
    """None where nothing was ever known."""
    # What could not be told is a gap, though there may be a value of too few.
    values = [None if one.verdict is Verdict.UNKNOWN else one.value for one in said]
    known = [value for value in values if value is not None]
    if len(said) < 2 or not known:
        return None
    bars = [one.bar for one in said]
    scale = [*known, *(bar for bar in bars if bar is not None)]
    low, high = min(scale), max(scale)
    if low > 0 and low < high / 3:
        low = Fraction(0)
    since, until = said[0].at, said[-1].at
    length = (until - since).total_seconds()

    def x(at: datetime) -> float:
        return round((at - since).total_seconds() / length * WIDTH, 1)

    def y(value: Fraction) -> float:
        share = float((value - low) / (high - low)) if high > low else 0.5
        return round(HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN), 1)

    kept = _kept(said, values)
    line, dots = _path([(said[at].at, values[at]) for at in kept], x, y)
    bar, _ = _path([(said[at].at, bars[at]) for at in kept], x, y)
    fired = [
        Fired(x(one.since), max(round(x(one.until or until) - x(one.since), 1), 2.0))
        for one in found
    ]
    words = (
        f"From {shown(min(known), unit)} to {shown(max(known), unit)}, at last "
        f"{shown(known[-1], unit)}; fired {len(found)} times."
    )
    return Chart(line, bar, dots, fired, words, shown(low, unit), shown(high, unit), since, until)


def _kept(said: Sequence[Said], values: Sequence[Fraction | None]) -> list[int]:
    """Places that are drawn: of each stretch the lowest, the highest and the last, and each gap."""
    if len(said) <= MOST_POINTS:
        return list(range(len(said)))
    stretch = -(-len(said) * 3 // MOST_POINTS)
    found: set[int] = set()
    for start in range(0, len(said), stretch):
        places = range(start, min(start + stretch, len(said)))
        known = [place for place in places if values[place] is not None]
        if known:
            low = min(known, key=lambda place: values[place] or 0)
            high = max(known, key=lambda place: values[place] or 0)
            found |= {low, high, known[-1]}
        if len(known) < len(places):
            found.add(next(place for place in places if values[place] is None))
    return sorted(found)


def _path(
    points: Sequence[tuple[datetime, Fraction | None]],
    x: Callable[[datetime], float],
    y: Callable[[Fraction], float],
) -> tuple[str, list[tuple[float, float]]]:
    pieces: list[list[tuple[float, float]]] = [[]]
    for at, value in points:
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((x(at), y(value)))
    lines = ["M" + "L".join(f"{a},{b}" for a, b in piece) for piece in pieces if len(piece) > 1]
    return "".join(lines), [piece[0] for piece in pieces if len(piece) == 1]
