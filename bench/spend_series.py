"""Seeded series of spend with anomalies put in, for the trials of detector and forecasts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from costs.detection.series import Floats, Series
from costs.detection.settings import Grain

BEGIN = datetime(2026, 1, 5)  # noqa: DTZ001 - a Monday; buckets know no zone
LATE = 0.45  # share of a series before its first anomaly


@dataclass(frozen=True, slots=True)
class Label:
    """Buckets from `first` to `last`, both in it, of which a detector should tell or not."""

    first: int
    last: int
    type: str
    is_anomaly: bool = True


@dataclass(slots=True)
class Made:
    """A series in the making: what its spend is multiplied by, and what is added."""

    usual: Floats
    day: int
    draw: np.random.Generator
    times: Floats
    plus: Floats
    unit: Floats
    labels: list[Label] = field(default_factory=list)

    def place(self, width: int, gap_days: int = 3) -> int:
        """Where a stretch of that width fits, away from what is there."""
        low, high = int(self.usual.size * LATE), self.usual.size - width - 2 * self.day
        gap = gap_days * self.day
        for _ in range(200):
            first = int(self.draw.integers(low, high))
            if all(
                first + width + gap < one.first or first > one.last + gap for one in self.labels
            ):
                return first
        return low


def spike(made: Made) -> None:
    for _ in range(3):
        width = int(made.draw.integers(3, 8)) if made.day > 1 else 1
        first = made.place(width)
        made.times[first : first + width] *= made.draw.uniform(3, 6)
        if made.day > 1:
            made.plus[first : first + width] += 0.5 * np.median(made.usual)
        made.labels.append(Label(first, first + width - 1, "spike"))


def level_shift(made: Made) -> None:
    _shift(made, made.draw.uniform(1.7, 2.6))


def price_change(made: Made) -> None:
    _shift(made, 0.5)


def _shift(made: Made, times: float) -> None:
    first = made.place(14 * made.day)
    made.times[first:] *= times
    made.labels.append(Label(first, first + 5 * made.day - 1, "level_shift"))


def unit_cost(made: Made) -> None:
    first = made.place(14 * made.day)
    made.unit[first:] *= made.draw.uniform(1.35, 1.7)
    made.labels.append(Label(first, first + 5 * made.day - 1, "level_shift"))


def leak(made: Made) -> None:
    width = 10 * made.day
    first = made.place(width, 1)
    made.times[first : first + width] *= 1 + np.linspace(0.1, made.draw.uniform(1.6, 2.6), width)
    made.labels.append(Label(first, first + width - 1, "leak"))


def outage(made: Made) -> None:
    width = int(made.draw.integers(8, 20)) if made.day > 1 else int(made.draw.integers(1, 3))
    first = made.place(width)
    if made.day > 1:
        first += 9 - first % made.day
    made.times[first : first + width] *= 0.04
    made.labels.append(Label(first, first + width - 1, "drop"))


def night(made: Made) -> None:
    first = made.place(made.day)
    if made.day == 1:
        made.times[first] *= 2.8
        made.labels.append(Label(first, first, "burst"))
        return
    first += 1 - first % made.day
    made.plus[first : first + 5] += 0.9 * made.usual.max()
    made.labels.append(Label(first, first + 4, "burst"))


def holiday(made: Made) -> None:
    first = made.place(made.day)
    first -= first % made.day
    made.times[first : first + made.day] *= 0.35
    made.labels.append(Label(first, first + made.day - 1, "holiday", is_anomaly=False))


def monthly(made: Made) -> None:
    step = timedelta(hours=24 // made.day)
    for place in range(made.usual.size):
        at = BEGIN + place * step
        if at.day == 1 and (made.day == 1 or 8 <= at.hour < 18):
            made.times[place] *= 2.5
            if place >= made.usual.size * LATE:
                made.labels.append(Label(place, place, "monthly", is_anomaly=False))


def several(made: Made) -> None:
    spike(made)
    leak(made)
    outage(made)


KINDS: dict[str, Callable[[Made], None] | None] = {
    "spike": spike, "level shift": level_shift, "leak": leak, "outage": outage, "night": night,
    "price change": price_change, "holiday": holiday, "growth": None, "clean": None,
    "missing": spike, "sparse": None, "sparse spike": None, "noisy": spike, "several": several,
    "unit cost": unit_cost, "monthly": monthly,
}  # fmt: skip
QUIET = ("clean", "growth", "sparse")


def made_series(kind: str, grain: Grain, seed: int) -> tuple[Series, list[Label]]:
    """A series of that kind: seven weeks of hours, or 120 to 200 days."""
    draw = np.random.default_rng([seed, grain.day, list(KINDS).index(kind)])
    days = 49 if grain.day > 1 else int(draw.integers(120, 200))
    size, level = days * grain.day, float(np.exp(draw.normal(1, 1.2)))
    if kind.startswith("sparse"):
        return _sparse(kind, grain, size, level, draw)
    noise = 0.30 if kind == "noisy" else 0.10
    growth = draw.uniform(0.05, 0.09) if kind == "growth" else draw.uniform(0, 0.03)
    usual, errors = _usual(grain, size, level, growth, noise, draw)
    made = Made(usual, grain.day, draw, np.ones(size), np.zeros(size), np.ones(size))
    if put := KINDS[kind]:
        put(made)
    mean = usual * made.times + made.plus
    requests = draw.poisson(np.maximum(mean * 40 / level, 0)).astype(float)
    cost = requests * level / 40 * np.exp(errors) * made.unit
    if kind == "missing":
        _lose(cost, requests, made)
    return Series(grain, BEGIN, cost, requests), made.labels


def _usual(
    grain: Grain, size: int, level: float, growth: float, noise: float, draw: np.random.Generator
) -> tuple[Floats, Floats]:
    weekend = draw.uniform(0.2, 0.6, 2)
    week = np.array([1, 1.05, 1.05, 1.0, 0.9, *weekend])
    place = np.arange(size)
    trend = (1 + growth) ** (place / grain.season)
    if grain.day == 1:
        return level * 20 * week[place % 7] * trend, draw.normal(0, noise * 0.8, size)
    peak, width = draw.uniform(11, 16), draw.uniform(3, 4.5)
    hours = 0.25 + np.exp(-0.5 * ((np.arange(24) - peak) / width) ** 2)
    errors, last = np.zeros(size), 0.0
    for at, shock in enumerate(draw.normal(0, noise, size)):
        last = 0.35 * last + shock
        errors[at] = last
    return level * hours[place % 24] * week[(place // 24) % 7] * trend, errors


def _sparse(
    kind: str, grain: Grain, size: int, level: float, draw: np.random.Generator
) -> tuple[Series, list[Label]]:
    share = draw.uniform(0.03, 0.08) if grain.day > 1 else draw.uniform(0.15, 0.35)
    requests = np.where(draw.random(size) < share, draw.integers(1, 5, size), 0).astype(float)
    cost = requests * level * np.exp(draw.normal(0, 0.5, size)) * 0.05
    labels: list[Label] = []
    while kind == "sparse spike" and len(labels) < 2:
        first = int(draw.integers(int(size * LATE), size - 3))
        if all(abs(first - one.first) > 8 * grain.quiet for one in labels):
            requests[first] += int(draw.integers(60, 120))
            cost[first] += draw.uniform(60, 120) * level * 0.05
            labels.append(Label(first, first, "spike"))
    return Series(grain, BEGIN, cost, requests), labels


def _lose(cost: Floats, requests: Floats, made: Made) -> None:
    """Let stretches be unknown, away from the anomalies."""
    for _ in range(4):
        first = int(made.draw.integers(0, cost.size - 12))
        width = int(made.draw.integers(2, 30 if made.day > 1 else 4))
        if all(first > one.last + 2 or first + width < one.first - 2 for one in made.labels):
            cost[first : first + width] = requests[first : first + width] = np.nan
