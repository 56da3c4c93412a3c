"""How many rows spend by user segment, key and route takes in each of three shapes.

    python -m bench.spend_shapes [--calls 1000000] [--segments 12] [--keys 6] [--routes 5]

Counts distinct keys of calls drawn as a product has them: features, models and segments unevenly
often, more by day than by night. Prints JSON.
"""

from __future__ import annotations

import argparse
import json

import numpy as np


def drawn(chance: np.random.Generator, many: int, calls: int) -> np.ndarray:
    """`calls` values of `many`, the n-th as often as 1/n."""
    weights = 1 / np.arange(1, many + 1)
    return chance.choice(many, calls, p=weights / weights.sum())


def distinct(*columns: np.ndarray) -> int:
    """Distinct combinations."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        key = key * (int(column.max()) + 1) + column
    return len(np.unique(key))


def main() -> None:
    """Draw and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--segments", type=int, default=12)
    parser.add_argument("--keys", type=int, default=6)
    parser.add_argument("--routes", type=int, default=5)
    chosen = parser.parse_args()
    chance, n = np.random.default_rng(8), chosen.calls
    by_hour = 1 + np.sin(np.pi * np.arange(24) / 24)
    hour = chance.integers(0, chosen.days, n) * 24 + chance.choice(24, n, p=by_hour / by_hour.sum())
    feature, model, prompt = drawn(chance, 8, n), drawn(chance, 5, n), drawn(chance, 3, n)
    environment = drawn(chance, 2, n)
    payers = [drawn(chance, many, n) for many in (chosen.segments, chosen.keys, chosen.routes)]
    day = hour // 24
    rows = {}
    for name, when in (("hour", hour), ("day", day)):
        rest, short = (when, environment, feature, model), (when, environment, feature)
        rows[name] = {
            "usage as it is": distinct(*rest, *([prompt] if when is hour else [])),
            "usage with three dimensions more": distinct(*rest, prompt, *payers),
            "a table of its own, all three together": distinct(*rest, *payers),
            "a row a dimension": sum(distinct(*rest, one) for one in payers),
            "a row a dimension, without models": sum(distinct(*short, one) for one in payers),
        }
    print(json.dumps({"calls": n, "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
