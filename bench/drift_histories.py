"""Histories of scheduled evaluations, seeded: some stay as they were, some fall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evals.statistics.arrays import Floats

PASS = 0.8  # the true mean of items that pass or not
RAMP = 14  # days that a slow drop takes


@dataclass(frozen=True)
class Shape:
    """A series: how many items of what kind, and what a drop takes of them.

    `shift` is the drop of the true mean, in the scale's own unit. Items that are not `noisy` pass
    nearly always or never. `mood` is the deviation of what all items of a run share, on the logit
    scale of chances.
    """

    items: int = 50
    kind: Literal["passes", "scores"] = "passes"
    noisy: bool = False
    shift: float = 0.0
    form: Literal["some break", "all worse", "ramp"] = "some break"
    mood: float = 0.0


class Series:
    """One series: `run(day)` draws one more run of that day; the drop begins on day `falls`."""

    def __init__(self, shape: Shape, chance: np.random.Generator, falls: int) -> None:
        self.shape, self.chance, self.falls = shape, chance, falls
        if shape.kind == "passes":
            self.old = chances(chance, shape.items, noisy=shape.noisy)
            self.new = dropped(self.old, shape, chance)
        else:
            self.old = np.clip(chance.normal(4.0, 0.7, shape.items), 1.2, 4.8)
            broken = chance.permutation(shape.items)[: max(1, round(shape.items * shape.shift / 2))]
            self.new = self.old.copy()
            if shape.shift:
                self.new[broken] -= shape.shift * shape.items / broken.size

    def run(self, day: int) -> Floats:
        """Scores of one run."""
        since = day - self.falls + 1
        share = min(max(since, 0) / RAMP, 1.0) if self.shape.form == "ramp" else float(since > 0)
        centre = (1 - share) * self.old + share * self.new
        mood = self.chance.normal(0, self.shape.mood) if self.shape.mood else 0.0
        if self.shape.kind == "passes":
            if mood:
                centre = expit(logit(centre) + mood)
            return (self.chance.random(self.shape.items) < centre).astype(float)
        noise = self.chance.normal(0, 0.8 if self.shape.noisy else 0.35, self.shape.items)
        return np.asarray(np.clip(np.rint(centre + noise + mood), 1, 5))


def chances(chance: np.random.Generator, items: int, *, noisy: bool) -> Floats:
    """The chance of each item to pass, with a mean of exactly 0.8."""
    spread = 6.0 if noisy else 1.0
    drawn = np.clip(chance.beta(PASS * spread, (1 - PASS) * spread, items), 0.002, 0.998)
    return shifted(drawn, PASS)


def dropped(old: Floats, shape: Shape, chance: np.random.Generator) -> Floats:
    """The chances after the drop."""
    target = float(old.mean()) - shape.shift
    if not shape.shift or shape.form != "some break":
        return shifted(old, target) if shape.shift else old
    new = old.copy()
    for item in chance.permutation(old.size):
        need = float(new.mean()) - target
        if need <= 1e-9:
            break
        new[item] -= min(0.95 * new[item], need * old.size)
    return new


def shifted(old: Floats, target: float) -> Floats:
    """All chances moved by as much on the logit scale, so that their mean is `target`."""
    at, low, high = logit(old), -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if expit(at + middle).mean() < target else (low, middle)
    return expit(at + high)


def logit(share: Floats) -> Floats:
    """log p / (1 − p), a hair away from both ends."""
    inside = np.clip(share, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside / (1 - inside)))


def expit(x: Floats) -> Floats:
    """The inverse of `logit`."""
    return np.asarray(1 / (1 + np.exp(-x)))
