"""Intake of this tree beside that of another commit, turn by turn in one run.

    git worktree add ../before COMMIT
    python -m bench.before --tree ../before [--rounds 6] [--requests 40]

Prints JSON: spans a second and CPU microseconds a span of both, and the ratio of each turn. CPU
is that of web, worker and PostgreSQL together, so it holds on a busy machine too.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.installation import SECRET_KEY, Installation, running
from bench.load import packed, send_all
from bench.payloads import Shape, requests

SPANS = 512
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(root: int) -> dict[int, float]:
    """CPU seconds of a process and everything below it, by process, its ended children in it."""
    parents: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(entry.name))
        used[int(entry.name)] = sum(int(field) for field in fields[11:15]) / TICKS
    found, waiting = {}, [root]
    while waiting:
        at = waiting.pop()
        found[at] = used.get(at, 0.0)
        waiting += parents.get(at, [])
    return found


def turn(installation: Installation, bodies: list[bytes]) -> tuple[float, float]:
    """Spans a second of one load, and CPU microseconds a span of the installation's processes."""
    before = sum(cpu_seconds(installation.process.pid).values())
    sent = send_all(f"{installation.url}/v1/traces", SECRET_KEY, bodies, connections=4)
    after = sum(cpu_seconds(installation.process.pid).values())
    spans = sent.acknowledged * SPANS
    return spans / sent.seconds, (after - before) / spans * 1e6


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tree", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--requests", type=int, default=40)
    chosen = parser.parse_args()
    start = time.time_ns() - 6 * 3_600 * 10**9
    with ExitStack() as stack:
        trees: dict[str, Installation] = {
            "before": stack.enter_context(running(tree=str(chosen.tree.resolve()))),
            "now": stack.enter_context(running()),
        }
        figures: dict[str, Any] = {name: {"rate": [], "cpu": []} for name in trees}
        for number in range(-1, chosen.rounds):
            shape = Shape(spans=SPANS, start_ns=start)
            bodies = packed(list(requests(chosen.requests, seed=10 + number, shape=shape)))
            # In turn, and each first every other time: the machine's speed drifts.
            for name in sorted(trees, reverse=number % 2 == 0):
                rate, cpu = turn(trees[name], bodies)
                if number >= 0:  # the first load warms
                    figures[name]["rate"].append(round(rate))
                    figures[name]["cpu"].append(round(cpu, 1))
    for what in ("rate", "cpu"):
        pairs = zip(figures["now"][what], figures["before"][what], strict=True)
        ratios = [round(now / before, 3) for now, before in pairs]
        figures[f"{what}_ratios"] = ratios
        figures[f"{what}_ratio"] = statistics.median(ratios)
    json.dump(figures, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
