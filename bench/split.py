"""Splits a million keys under many salts, raises the share, and compares the rollouts.

    python -m bench.split [--keys 1000000] [--salts 20]

Prints JSON; the exit code is 1 when 10 % is off by more than 0.1 points (of fewer keys, by that
times √(1,000,000 / keys)), any share or two rollouts together by more than chance explains, or when
a key moved back.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from math import sqrt
from typing import Any

from prompts.splitting import BUCKETS, bucket, has_candidate

STAGES = (1_000, 2_500, 5_000)  # of 10,000
FORMS = ("user-{}", "{}", "session:{:032x}", "anna.{}@example.com")
MOST_POINTS = 0.1
MOST_DEVIATIONS = 4.5  # of the worst of some hundred figures: once in a thousand trials
CELLS = 100  # equal parts of all buckets; χ² is 99 on average, over 180 once in a million


def run(keys: int, salts: int) -> dict[str, Any]:
    """The whole trial, as figures."""
    texts = [form.format(number) for form in FORMS for number in range(keys // len(FORMS))]
    began = time.process_time()
    first = [bucket("rollout-0", text) for text in texts]
    seconds = time.process_time() - began
    at_ten = deviations = together = uneven = 0.0
    for salt in range(salts):
        buckets = first if salt == 0 else [bucket(f"rollout-{salt}", text) for text in texts]
        for share in STAGES:
            off, deviation = _off(sum(one < share for one in buckets), len(texts), share / BUCKETS)
            deviations = max(deviations, deviation)
            at_ten = max(at_ten, off if share == STAGES[0] else 0.0)
        uneven = max(uneven, _unevenness(buckets))
        if salt:
            both = sum(max(pair) < STAGES[0] for pair in zip(first, buckets, strict=True))
            together = max(together, _off(both, len(texts), (STAGES[0] / BUCKETS) ** 2)[1])
    return {
        "keys": len(texts),
        "salts": salts,
        "worst_points_off_10_percent": round(at_ten * 100, 4),
        "allowed_points": round(MOST_POINTS * sqrt(1_000_000 / len(texts)), 4),
        "worst_share_deviations": round(deviations, 2),
        "worst_joint_deviations": round(together, 2),
        "worst_chi_square_of_99": round(uneven, 1),
        **_moves(texts),
        "microseconds_a_key": round(seconds / len(texts) * 1e6, 2),
    }


def _moves(texts: list[str]) -> dict[str, int]:
    """How many keys the candidate won when 10 % became 25 %, and how many any stage lost it."""
    won = lost = 0
    for text in texts:
        ten, quarter, half = (has_candidate("rollout-0", text, share) for share in STAGES)
        won += quarter and not ten
        lost += ten > quarter or quarter > half
    return {"moved_from_10_to_25": won, "moved_back": lost}


def _off(found: int, n: int, expected: float) -> tuple[float, float]:
    """By how much a share is off, and by how many of its deviations."""
    off = abs(found / n - expected)
    return off, off / sqrt(expected * (1 - expected) / n)


def _unevenness(buckets: list[int]) -> float:
    counts = [0] * CELLS
    for one in buckets:
        counts[one * CELLS // BUCKETS] += 1
    expected = len(buckets) / CELLS
    return sum((count - expected) ** 2 for count in counts) / expected


def is_right(figures: dict[str, Any]) -> bool:
    """True when the split is even, independent of others, and moves no key back."""
    return bool(
        figures["worst_points_off_10_percent"] <= figures["allowed_points"]
        and figures["worst_share_deviations"] <= MOST_DEVIATIONS
        and figures["worst_joint_deviations"] <= MOST_DEVIATIONS
        and figures["worst_chi_square_of_99"] <= 180
        and figures["moved_back"] == 0
    )


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_KEEP_LINES)
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--salts", type=int, default=20)
    chosen = parser.parse_args()
    figures = run(chosen.keys, chosen.salts)
    json.dump(figures, sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0 if is_right(figures) else 1


_KEEP_LINES = argparse.RawDescriptionHelpFormatter

if __name__ == "__main__":
    sys.exit(main())
