"""Bars of a small chart as SVG attributes: what fits any width, without a style. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GAP_SHARE = 0.18  # of a place, left free between bars
LEAST_HEIGHT = 1.5  # px; what is not nought can be seen


@dataclass(frozen=True)
class Bar:
    """One bar; `title` says it in words, `href` opens what it counts."""

    x: str
    width: str
    y: str
    height: str
    title: str
    href: str = ""


def bars(
    values: Sequence[float | int | None],
    titles: Sequence[str],
    *,
    height: int,
    hrefs: Sequence[str] = (),
    most: float | None = None,
) -> list[Bar]:
    """A bar for each value that is not nought or unknown, `height` px for the greatest (`most`)."""
    top = most if most is not None else max((value or 0 for value in values), default=0)
    place = 100 / max(len(values), 1)
    found = []
    for number, value in enumerate(values):
        if not value or not top:
            continue
        tall = max(min(value / top, 1) * height, LEAST_HEIGHT)
        found.append(
            Bar(
                f"{number * place + place * GAP_SHARE / 2:.2f}%",
                f"{place * (1 - GAP_SHARE):.2f}%",
                f"{height - tall:.1f}",
                f"{tall:.1f}",
                titles[number],
                hrefs[number] if hrefs else "",
            )
        )
    return found


def place_of(number: float, count: int) -> str:
    """Where on the axis of `count` places an instant stands, as a percentage."""
    return f"{min(max(number / max(count, 1), 0), 1) * 100:.2f}%"
