"""The turns of a session on one axis, with long pauses drawn short. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from kit.figures import duration

PAUSE_TIMES = 3  # a pause longer than so many usual turns is drawn as a gap
GAPS_SHARE = 30.0  # percent of the axis that gaps may take in all
WIDEST_GAP = 4.0
LEAST_WIDTH = 0.5  # percent; a bar of no width could not be seen


@dataclass(frozen=True)
class Bar:
    """One turn, as SVG attributes; `title` is read when pointed at."""

    number: int
    x: str
    width: str
    is_error: bool
    title: str


@dataclass(frozen=True)
class Gap:
    """A pause that is drawn shorter than it was."""

    x: str
    width: str
    title: str


@dataclass(frozen=True)
class Timeline:
    """Bars and gaps by time; `words` say the same."""

    bars: list[Bar]
    gaps: list[Gap]
    words: str


def timeline(turns: Sequence[tuple[int, int, int, bool]]) -> Timeline:
    """The axis of turns `(number, start, duration, is_error)`, times in µs, by start."""
    if not turns:
        return Timeline([], [], "No turns")
    usual = max(median(length for _, _, length, _ in turns), 1)
    pauses: list[tuple[int, int]] = []
    end = turns[0][1]
    for _, start, length, _ in turns:
        if start - end > usual * PAUSE_TIMES:
            pauses.append((end, start))
        end = max(end, start + length)
    shown = max(end - turns[0][1] - sum(high - low for low, high in pauses), 1)
    gap = min(WIDEST_GAP, GAPS_SHARE / len(pauses)) if pauses else 0.0
    scale = (100 - gap * len(pauses)) / shown

    def place(at: int) -> float:
        passed = [high - low for low, high in pauses if at >= high]
        return (at - turns[0][1] - sum(passed)) * scale + gap * len(passed)

    bars = []
    for number, start, length, is_error in turns:
        x = place(start)
        width = max(place(start + length) - x, LEAST_WIDTH)
        title = f"Turn {number}, {duration(length)}{', with an error' if is_error else ''}"
        bars.append(
            Bar(number, f"{min(x, 100 - LEAST_WIDTH):.2f}%", f"{width:.2f}%", is_error, title)
        )
    gaps = [
        Gap(f"{place(high) - gap:.2f}%", f"{gap:.2f}%", f"{duration(high - low)} pause")
        for low, high in pauses
    ]
    words = f"{len(turns)} turn{'s' * (len(turns) > 1)} in {duration(end - turns[0][1])}"
    if pauses:
        longest = max(high - low for low, high in pauses)
        left_out = f"{len(pauses)} pauses" if len(pauses) > 1 else "one pause"
        words += f", {left_out} drawn short, the longest {duration(longest)}"
    return Timeline(bars, gaps, words)
