"""How often guards halt a rollout that they should let pass, and how soon one that they should not.

    python -m bench.halts [--rollouts 500] [--processes 2] [--seed 1]

Every rollout is looked at each minute, by the guards and by a z-test that is naively repeated with
the same part of alpha. Prints JSON; the exit code is 1 when the guards halt more often than they
may: over 5 % of the rollouts without fault, but for the error of counting (three deviations).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from math import sqrt
from multiprocessing import Pool
from statistics import median
from typing import Any

import numpy as np

from bench.dependent import keyed_rollout, late_rollout, shaken_rollout
from bench.rollouts import Traffic, arrivals, bins_of, metrics
from kit.intervals import Bin, Guard, judge, judge_all, normal_quantile

ALPHA = 0.05
GUARDS = 5
TRAFFICS = {
    "2 a minute, stages of 8 h": Traffic(2, 480),
    "20 a minute, stages of 8 h": Traffic(20, 480),
    "200 a minute, stages of 2 h": Traffic(200, 120),
}
# What the new version adds, by metric: see `rollouts.metrics`.
FAULTS = {
    "errors": (0.02, 0.03, 0.08, 0.48),
    "thumbs down": (0.10, 0.25),
    "score": (0.05, 0.10, 0.30),
    "latency": (0.4, 1.0, 4.0),
    "cost": (0.5, 1.0, 4.0),
}
NAIVE_FROM = 30  # new values, as a careful dashboard would wait for
Halted = tuple[bool, bool]  # by the guards, by the z-test


def naive_halts(guard: Guard, bins: Sequence[Bin], alpha: float) -> bool:
    """Whether a one-sided z-test on the sums so far, looked at each minute, ever says "worse"."""
    old, new = (np.cumsum([arm[place] for arm in bins], axis=0) for place in (0, 1))
    enough = (new[:, 0] >= NAIVE_FROM) & (old[:, 0] >= NAIVE_FROM)
    old, new = old[enough], new[enough]
    means = [arm[:, 1] / arm[:, 0] for arm in (old, new)]
    errors = [
        (arm[:, 2] / arm[:, 0] - mean**2) / arm[:, 0]
        for arm, mean in zip((old, new), means, strict=True)
    ]
    factor = 1 + guard.margin if guard.measure == "ratio" else 1.0
    added = 0.0 if guard.measure == "ratio" else guard.margin
    sign = 1 if guard.worse == "higher" else -1
    above = sign * (means[1] - factor * means[0]) - added
    bound = normal_quantile(1 - alpha) * np.sqrt(errors[1] + factor**2 * errors[0])
    return bool(np.any(above > bound))


def guarded(seed: int, traffic: Traffic, *, at_edge: bool) -> Halted:
    """One rollout under all guards; nothing is wrong with its new version."""
    chance = np.random.default_rng(seed)
    counts = arrivals(chance, traffic)
    bins = {
        metric.guard: bins_of(chance, metric, counts, metric.edge if at_edge else 0.0)
        for metric in metrics().values()
    }
    verdicts = judge_all(bins, alpha=ALPHA)
    return (
        any(verdict.state == "halt" for verdict in verdicts.values()),
        any(naive_halts(guard, some, ALPHA / GUARDS) for guard, some in bins.items()),
    )


def faulty(seed: int, name: str, added: float, traffic: Traffic) -> tuple[int, int] | None:
    """New requests and minutes until the guard of this metric halts; None where it does not."""
    chance = np.random.default_rng(seed)
    metric = metrics()[name]
    counts = arrivals(chance, traffic)
    found = judge(
        metric.guard, bins_of(chance, metric, counts, added), alpha=ALPHA / GUARDS
    ).halted_at
    if found is None:
        return None
    return int(counts[1][: found + 1].sum()), found + 1 - traffic.before


def share(found: Sequence[bool]) -> float:
    """Of True."""
    return round(sum(found) / len(found), 4)


def false_halts(rollouts: int, seed: int, over: Callable[..., Any]) -> dict[str, Any]:
    """Shares of rollouts without fault that were halted, by traffic and kind."""
    figures: dict[str, Any] = {}
    for words, traffic in TRAFFICS.items():
        for kind in ("no difference", "edge"):
            one = partial(guarded, traffic=traffic, at_edge=kind == "edge")
            ours, naive = zip(*over(one, range(seed, seed + rollouts)), strict=True)
            figures[f"{words}; {kind}"] = {"guards": share(ours), "naive": share(naive)}
    dependent = {
        "an incident and a changing mix in both arms": shaken_rollout,
        "late feedback, recomputed every 10 minutes": late_rollout,
        "dependent requests of 2,000 users, counted as independent": keyed_rollout,
        "the same with their design effect": partial(keyed_rollout, is_adjusted=True),
    }
    for words, kind_of in dependent.items():
        few = max(rollouts // (4 if kind_of is late_rollout else 1), 1)
        figures[words] = {"guards": share(over(kind_of, range(seed, seed + few)))}
    return figures


def time_to_halt(rollouts: int, seed: int, over: Callable[..., Any]) -> dict[str, Any]:
    """By fault: the share that was halted, and the median of new requests and minutes till then."""
    figures: dict[str, Any] = {}
    traffic = TRAFFICS["20 a minute, stages of 8 h"]
    for name, faults in FAULTS.items():
        for added in faults:
            one = partial(faulty, name=name, added=added, traffic=traffic)
            found = [one for one in over(one, range(seed, seed + rollouts)) if one]
            figures[f"{name} +{added}"] = {
                "halted": round(len(found) / rollouts, 3),
                "new_requests": median(requests for requests, _ in found) if found else None,
                "minutes": median(minutes for _, minutes in found) if found else None,
            }
    return figures


def allowed(rollouts: int) -> float:
    """The share of false halts that a count over so many rollouts may show."""
    return ALPHA + 3 * sqrt(ALPHA * (1 - ALPHA) / rollouts)


def is_right(figures: dict[str, Any]) -> bool:
    """True when guards keep their promise and the naive test is seen to break it."""
    halts = figures["false_halts"]
    bound = allowed(figures["rollouts"])
    ours = [one["guards"] for words, one in halts.items() if "counted as independent" not in words]
    naive = [one["naive"] for one in halts.values() if "naive" in one]
    return bool(max(ours) <= bound < max(naive))


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_KEEP_LINES)
    parser.add_argument("--rollouts", type=int, default=500)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with Pool(chosen.processes) as pool:
        over = partial(pool.map, chunksize=4)
        figures = {
            "rollouts": chosen.rollouts,
            "false_halts": false_halts(chosen.rollouts, chosen.seed, over),
            "time_to_halt": time_to_halt(max(chosen.rollouts // 5, 1), chosen.seed, over),
        }
    json.dump(figures, sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0 if is_right(figures) else 1


_KEEP_LINES = argparse.RawDescriptionHelpFormatter

if __name__ == "__main__":
    sys.exit(main())
