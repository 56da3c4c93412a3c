"""How many anomalies of spend are found, how soon, and how often one is told where none is.

    python -m bench.cost_anomalies [--each 20] [--seed 1] [--speed 10000]

Prints JSON; the exit code is 1 where a bound does not hold: see `BOUNDS`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np

from bench.spend_series import KINDS, QUIET, Label, made_series
from costs.detection.detector import detect
from costs.detection.series import Series
from costs.detection.settings import DAILY, HOURLY, Grain

# Recall and precision at least, false alarms a month of quiet series at most.
BOUNDS = {
    "hourly": {"recall": 0.93, "precision": 0.90, "quiet": 0.05},
    "daily": {"recall": 0.88, "precision": 0.75, "quiet": 0.05},
}
# The middle delay at most, in buckets of an hour.
DELAYS = {"spike": 1, "night": 1, "level shift": 24, "leak": 60}
SECONDS = 2.0  # for ten thousand hours


@dataclass(slots=True)
class Score:
    """Counts of some series; delays in buckets."""

    anomalies: int = 0
    found: int = 0
    false: int = 0
    months: float = 0.0
    delays: list[int] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """Shares and rates; None where there is nothing to divide by."""
        told = self.found + self.false
        return {
            "anomalies": self.anomalies,
            "recall": round(self.found / self.anomalies, 3) if self.anomalies else None,
            "precision": round(self.found / told, 3) if told else None,
            "false a month": round(self.false / self.months, 3),
            "median delay": median(self.delays) if self.delays else None,
        }


def score(series: Series, labels: Iterable[Label], into: Score) -> None:
    """Count what is found of one series, after three weeks of hours or four of days.

    An alert in an anomaly, two days after it (fourteen after a shift of level), is never false;
    false ones nearer than a quiet stretch are one.
    """
    grain = series.grain
    warm = 21 * 24 if grain is HOURLY else 28
    places = [one.place for one in detect(series).alerts if one.place >= warm]
    fine: set[int] = set()
    for label in labels:
        if not label.is_anomaly:
            continue
        last = label.last + (label.last == label.first)
        tail = (14 if label.type == "level_shift" else 2) * grain.day
        inside = [one for one in places if label.first <= one <= last]
        fine |= {one for one in places if label.first <= one <= label.last + tail}
        into.anomalies += 1
        if inside:
            into.found += 1
            into.delays.append(inside[0] - label.first)
    before = -grain.quiet - 1
    for place in places:
        if place not in fine:
            into.false += place - before > grain.quiet
            before = place
    into.months += (len(series) - warm) / grain.day / 30.4


def trial(grain: Grain, each: int, seed: int) -> dict[str, Score]:
    """Scores by kind of series, `each` of every kind."""
    scores = {kind: Score() for kind in KINDS}
    for kind, into in scores.items():
        for place in range(each):
            score(*made_series(kind, grain, seed * 1000 + place), into)
    return scores


def together(scores: Iterable[Score]) -> Score:
    """The sum."""
    total = Score()
    for one in scores:
        total.anomalies += one.anomalies
        total.found += one.found
        total.false += one.false
        total.months += one.months
        total.delays += one.delays
    return total


def broken(name: str, scores: dict[str, Score]) -> list[str]:
    """The bounds that do not hold."""
    whole = together(scores.values()).figures()
    quiet = together(scores[kind] for kind in QUIET).figures()["false a month"]
    wrong = [
        f"{name}: {figure} {whole[figure]} is under {BOUNDS[name][figure]}"
        for figure in ("recall", "precision")
        if whole[figure] < BOUNDS[name][figure]
    ]
    if quiet > BOUNDS[name]["quiet"]:
        wrong.append(f"{name}: {quiet} false alarms a month of quiet series")
    for kind, most in DELAYS.items() if name == "hourly" else ():
        delay = scores[kind].figures()["median delay"]
        if delay is None or delay > most:
            wrong.append(f"{name}: {kind} is found after {delay}, not {most}")
    return wrong


def seconds_of(hours: int) -> float:
    """How long a series of so many hours takes to read, in seconds of the processor."""
    part, _ = made_series("clean", HOURLY, 1)
    copies = -(-hours // len(part))
    cost = [one for _ in range(copies) for one in part.cost][:hours]
    asked = [one for _ in range(copies) for one in part.requests][:hours]
    series = Series(HOURLY, part.start, np.array(cost), np.array(asked))
    begin = time.process_time()
    detect(series)
    return time.process_time() - begin


def main() -> int:
    """Run the trial."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=int, default=10_000)
    asked = parser.parse_args()
    told: dict[str, Any] = {}
    wrong: list[str] = []
    for grain in (HOURLY, DAILY):
        scores = trial(grain, asked.each, asked.seed)
        told[grain.name] = together(scores.values()).figures()
        told[grain.name]["by kind"] = {kind: one.figures() for kind, one in scores.items()}
        wrong += broken(grain.name, scores)
    told["seconds"] = round(seconds_of(asked.speed), 2)
    if told["seconds"] > SECONDS * asked.speed / 10_000:
        wrong.append(f"{asked.speed} hours took {told['seconds']} s")
    json.dump(told | {"broken": wrong}, sys.stdout, indent=1)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
