"""How often intervals of evaluations hold the truth, and how often tests reject it.

    python -m bench.statistics [--runs 20000] [--seed 1]

Prints JSON; the exit code is 1 where paired intervals cover outside of .93 to .97 (50 items or
more), clustered ones outside of .90 to .97 (20 clusters or more), or a test of true equality
rejects more than .055 of the runs.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from math import sqrt

import numpy as np

from evals.statistics import clustering, discordant, paired, permutation, resampling
from evals.statistics.arrays import Floats

Draw = Callable[[np.random.Generator, int], tuple[Floats, Floats, float]]


def _sharp(chance: np.random.Generator, n: int) -> tuple[Floats, Floats, float]:
    """Items that pass nearly always or never; the new version fixes some and breaks others."""
    old = (chance.random(n) < 0.8).astype(float)
    flipped = chance.random(n) < np.where(old == 1, 0.10, 0.30)
    return old, np.where(flipped, 1 - old, old), 0.2 * 0.30 - 0.8 * 0.10


def _noisy(chance: np.random.Generator, n: int) -> tuple[Floats, Floats, float]:
    """Items with chances of their own, and a version that is five points worse on each."""
    truth = chance.beta(5, 2, n)
    old = chance.binomial(1, truth).astype(float)
    new = chance.binomial(1, np.maximum(truth - 0.05, 0)).astype(float)
    return old, new, _noisy_effect()


@lru_cache(maxsize=1)
def _noisy_effect() -> float:
    truth = (np.arange(200_000) + 0.5) / 200_000
    density = truth**4 * (1 - truth)
    return float((density * (np.maximum(truth - 0.05, 0) - truth)).sum() / density.sum())


def _scores(chance: np.random.Generator, n: int) -> tuple[Floats, Floats, float]:
    """Scores of 1 to 5, half of a step better."""
    quality = chance.normal(3.2, 0.8, n)
    old = quality + chance.normal(0, 0.7, n)
    new = quality + 0.5 + chance.normal(0, 0.7, n)
    return old, new, 0.5


def _repeated(chance: np.random.Generator, n: int) -> tuple[Floats, Floats, float]:
    """Means of three repeats of the same chance."""
    truth = chance.beta(4, 1.5, n)
    return chance.binomial(3, truth) / 3, chance.binomial(3, truth) / 3, 0.0


PAIRS: dict[str, Draw] = {
    "sharp": _sharp, "noisy": _noisy, "scores": _scores, "three repeats": _repeated,
}  # fmt: skip


def paired_coverage(shape: str, *, n: int, runs: int, seed: int) -> float:
    """The share of runs whose interval holds the true difference."""
    chance = np.random.default_rng(seed)
    held = 0
    for _ in range(runs):
        old, new, truth = PAIRS[shape](chance, n)
        found = paired.interval(new - old)
        held += found is not None and not found.excludes(truth)
    return held / runs


def clustered_coverage(*, clusters: int, each: int, runs: int, seed: int) -> tuple[float, float]:
    """The shares of runs whose clustered interval, and whose naive one, holds the true mean."""
    chance = np.random.default_rng(seed)
    names = np.repeat(np.arange(clusters), each).tolist()
    held, naive = 0, 0
    for _ in range(runs):
        shared = np.repeat(chance.normal(0, 0.25, clusters), each)
        values = 0.05 + shared + chance.normal(0, 0.3, clusters * each)
        found = clustering.clustered_mean(values, names)
        if found.low is None or found.high is None or found.mean is None or found.naive is None:
            continue
        held += found.low <= 0.05 <= found.high
        naive += abs(found.mean - 0.05) <= 1.96 * found.naive
    return held / runs, naive / runs


def mcnemar_size(*, n: int, runs: int, seed: int) -> float:
    """How often McNemar's exact test rejects two versions of equal quality at .05."""
    chance = np.random.default_rng(seed)
    truth = chance.beta(4, 2, n)
    rejected = 0
    for _ in range(runs):
        counts = discordant.count(chance.binomial(1, truth), chance.binomial(1, truth))
        rejected += discordant.mcnemar_exact(counts.improved, counts.regressed) <= 0.05
    return rejected / runs


def permutation_size(*, n: int, runs: int, seed: int) -> float:
    """How often the sign-flip test rejects two versions of equal quality at .05."""
    chance = np.random.default_rng(seed)
    rejected = 0
    for run in range(runs):
        change = chance.normal(0, 1, n) - chance.normal(0, 1, n)
        found = permutation.sign_flip(change, draws=2_000, seed=run)
        rejected += found is not None and found.p <= 0.05
    return rejected / runs


def bootstrap_seconds() -> float:
    """10,000 draws of 1,000 items; the best of three."""
    values = np.random.default_rng(0).normal(size=1_000)
    best = 1e9
    for _ in range(3):
        start = time.perf_counter()
        resampling.bootstrap_mean(values)
        best = min(best, time.perf_counter() - start)
    return best


def main() -> int:
    """Run all, print, and say whether each holds what it promises."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    runs, seed = asked.runs, asked.seed
    found: dict[str, dict[str, float]] = {"paired": {}, "clustered": {}, "naive": {}, "size": {}}
    for shape in PAIRS:
        for n in (50, 200):
            found["paired"][f"{shape}, n={n}"] = paired_coverage(shape, n=n, runs=runs, seed=seed)
    for clusters in (6, 20, 50):
        name = f"{clusters} clusters of 8"
        found["clustered"][name], found["naive"][name] = clustered_coverage(
            clusters=clusters, each=8, runs=runs, seed=seed
        )
    for n in (50, 200):
        found["size"][f"McNemar, n={n}"] = mcnemar_size(n=n, runs=runs, seed=seed)
        few = max(runs // 4, 1)
        found["size"][f"sign flips, n={n}"] = permutation_size(n=n, runs=few, seed=seed)
    print(json.dumps(found | {"bootstrap_seconds": round(bootstrap_seconds(), 3)}, indent=1))
    slack = 3 * sqrt(0.05 * 0.95 / runs)  # of counting
    is_good = (
        all(0.93 - slack <= one <= 0.97 + slack for one in found["paired"].values())
        and all(0.90 - slack <= one <= 0.97 + slack for one in found["clustered"].values())
        and all(one <= 0.055 + slack for one in found["size"].values())
    )
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
