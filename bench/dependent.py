"""Rollouts without fault whose data are not as a textbook has them, each with one guard at 5 %.

Every function says whether its rollout was halted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.rollouts import Traffic, Values, arrivals, bins_from, metrics, summed
from kit.intervals import KeySums, Sums, design_effect, judge

TRAFFIC = Traffic(20, 480)
USERS, FAILING, FIRM = 2_000, 0.02, 10.0
EDGE = 0.01 / (1 - FAILING)  # of those requests that did not fail, so that 0.01 of all are added
LOOKS, MEAN_DELAY = 10, 30.0  # minutes


def shaken_rollout(seed: int) -> bool:
    """Errors of both arms rise to a fifth for two hours, and drift over the day, at the edge."""
    chance = np.random.default_rng(seed)
    counts = arrivals(chance, TRAFFIC)
    minutes = len(counts[0])
    level = 0.02 + 0.015 * np.sin(2 * np.pi * np.arange(minutes) / 1440)
    begins = int(chance.integers(TRAFFIC.before, minutes - 120))
    level[begins : begins + 120] = 0.2
    edge = metrics()["errors"].edge
    arms = []
    for count, added in zip(counts, (0.0, edge), strict=True):
        hits = chance.binomial(count, level + added)
        arms.append(
            [Sums.of_hits(*pair) for pair in zip(hits.tolist(), count.tolist(), strict=True)]
        )
    return judge(metrics()["errors"].guard, bins_from(*arms)).state == "halt"


def late_rollout(seed: int) -> bool:
    """Thumbs arrive half an hour late on average; every look counts what has arrived till then."""
    chance = np.random.default_rng(seed)
    metric = metrics()["thumbs down"]
    counts = [chance.binomial(arm, metric.share) for arm in arrivals(chance, TRAFFIC)]
    minutes = len(counts[0])
    arms = []
    for count, added in zip(counts, (0.0, metric.edge), strict=True):
        minute = np.repeat(np.arange(minutes), count)
        values = metric.draw(chance, len(minute), added)
        arms.append((minute, values, minute + chance.exponential(MEAN_DELAY, len(minute))))
    for look in range(TRAFFIC.before, minutes + 1, LOOKS):
        seen = [
            summed(values[known <= look], minute[known <= look], look)
            for minute, values, known in arms
        ]
        if judge(metric.guard, bins_from(*seen)).state == "halt":
            return True
    return False


def keyed_rollout(seed: int, *, is_adjusted: bool = False) -> bool:
    """Users come back and differ in how often their requests fail; the new version is at the edge.

    With `is_adjusted` the guard knows the design effect of as many requests of the old version.
    """
    chance = np.random.default_rng(seed)
    failing = chance.beta(FAILING * FIRM, (1 - FAILING) * FIRM, USERS)
    active = chance.lognormal(0, 1, USERS)
    place = chance.random(USERS)  # in the split, as a hash gives it
    guard = metrics()["errors"].guard
    old, new = arrivals(chance, TRAFFIC)
    count = old + new
    minute = np.repeat(np.arange(len(count)), count)
    if is_adjusted:
        user, fails = _requests(chance, failing, active, len(minute))
        guard = replace(guard, design_effect=_measured(user, fails))
    user, fails = _requests(chance, failing, active, len(minute))
    shares = np.concatenate(
        [np.zeros(TRAFFIC.before), np.repeat(TRAFFIC.stages, TRAFFIC.stage_minutes)]
    )
    is_new = place[user] < shares[minute]
    fails = np.maximum(fails, is_new & (chance.random(len(user)) < EDGE)).astype(float)
    arms = [summed(fails[arm], minute[arm], len(count)) for arm in (~is_new, is_new)]
    return judge(guard, bins_from(*arms)).state == "halt"


def _requests(
    chance: np.random.Generator, failing: Values, active: Values, n: int
) -> tuple[NDArray[Any], Values]:
    """Whose each request is, and whether it fails."""
    user = chance.choice(USERS, n, p=active / active.sum())
    return user, (chance.random(n) < failing[user]).astype(float)


def _measured(user: NDArray[Any], fails: Values) -> float:
    return design_effect(Sums.of(fails.tolist()), KeySums.of(summed(fails, user, USERS)))
