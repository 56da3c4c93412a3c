"""Lanes of text watches: how far the texts of a day lie from the reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from evals.models import Side, TextDay, TextWatch
from evals.pages.drift_words import day_words
from evals.pages.quality import Days
from evals.queries.texts import WatchedSide

HEIGHT, TOP, FOOT = 50, 6, 42
WIDE = 1000
SAID = {
    "too few texts": "too few texts", "same": "as before", "once": "differs, one day",
    "drift": "drift", "still": "still differs",
}  # fmt: skip
TITLES = {Side.INPUT.value: "Inputs", Side.OUTPUT.value: "Outputs"}


@dataclass(frozen=True)
class TextLane:
    """One side of a watch, drawn. Places in percent of the width and pixels of the height."""

    side: WatchedSide
    title: str
    way: str
    value: str
    said: str
    tone: str
    label: str
    lines: list[str] = field(default_factory=list)
    dots: list[tuple[float, float, str, str]] = field(default_factory=list)  # x, y, kind, title


def way_words(watch: TextWatch) -> str:
    """How vectors are made, in words."""
    if watch.method == TextWatch.Method.PROVIDER:
        return f"vectors of {watch.model}"
    if watch.method == TextWatch.Method.LOCAL:
        return "vectors of the model on this machine"
    return "by three-character pieces: words, not meanings"


def lane_of_texts(side: WatchedSide, days: Days) -> TextLane:
    """What is drawn of a side."""
    done = [one for one in side.days if one.distance is not None and one.day >= days.first]
    most = max((one.distance or 0.0 for one in done), default=0.0) * 1.15 or 1.0
    newest = side.days[-1] if side.days else None
    last = done[-1] if done else None
    said = said_of(newest)
    value = "–" if last is None else f"{last.distance:.3f}"
    title = f"{TITLES[side.side]} of {side.watch.feature}"
    return TextLane(
        side, title, way_words(side.watch), value, said,
        "warn" if side.drift else "",
        f"{title}: distance {value}, {said or 'not compared yet'}; {len(done)} days compared.",
        _lines(done, days, most),
        [(days.x(one.day), _y(one, most), _kind(one), title_of_day(one)) for one in done],
    )  # fmt: skip


def said_of(day: TextDay | None) -> str:
    """What a day said, or why it says nothing."""
    if day is None:
        return ""
    if day.state == TextDay.State.FAILED:
        return "failed"
    if day.state == TextDay.State.DUE:
        return "waiting"
    return SAID.get(day.said, day.said)


def title_of_day(day: TextDay) -> str:
    """`12 Nov: distance 0.041, p 0.005, differs, one day`."""
    return f"{day_words(day.day)}: distance {day.distance:.3f}, p {day.p:.3f}, {said_of(day)}"


def _kind(day: TextDay) -> str:
    return "low" if day.said in ("drift", "still") else "rerun" if day.said == "once" else "day"


def _y(day: TextDay, most: float) -> float:
    return round(FOOT - (day.distance or 0.0) / most * (FOOT - TOP), 1)


def _lines(done: Sequence[TextDay], days: Days, most: float) -> list[str]:
    stretches: list[list[TextDay]] = []
    before: TextDay | None = None
    for one in done:
        if before is not None and one.day - before.day == 1 and one.way == before.way:
            stretches[-1].append(one)
        else:
            stretches.append([one])
        before = one
    return [
        " ".join(f"{days.x(one.day) * WIDE / 100:.0f},{_y(one, most)}" for one in several)
        for several in stretches
        if len(several) > 1
    ]
