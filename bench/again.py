"""A large trace that comes again: the same spans, and the same with other starts.

    python -m bench.again [--spans 5000] [--times 3] [--data DIR] [--tree DIR]

Sends one trace over HTTP, then as it was, a second later, with one more attribute, and three days
earlier, against a throwaway `roadworthy up`, or one over the folder --data (that of `bench.browse`
has ten million other spans). Prints JSON: the seconds until each was acknowledged, the 503s in
between included, and how many of these there were. `--tree` runs the code of another checkout.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from bench.installation import SECRET_KEY, Installation, running

SECOND = 10**9
DAY = 86_400 * SECOND
LONGEST = 180.0  # seconds that a sender goes on trying


def spans_of(trace_id: str, count: int, began: int, **attributes: str) -> list[dict[str, Any]]:
    """The spans of one trace that starts at `began` (nanoseconds), fifty below each parent."""
    return [
        {
            "trace_id": trace_id,
            "span_id": f"{number:016x}",
            "parent_span_id": f"{(number - 1) // 50:016x}" if number else None,
            "name": f"step {number % 400}",
            "kind": ("agent", "tool", "generation", "retriever")[number % 4],
            "start": began + number * 10**6,
            "end": began + number * 10**6 + 5 * 10**6,
            "input": {"question": f"what of {number}? " * 20},
            "attributes": {"place": str(number), **attributes},
        }
        for number in range(count)
    ]


def send(installation: Installation, spans: list[dict[str, Any]]) -> dict[str, float]:
    """Send until it is acknowledged, as exporters do; says how long and how often refused."""
    request = urllib.request.Request(
        f"{installation.url}/api/v1/traces",
        json.dumps({"spans": spans}).encode(),
        {"Authorization": f"Bearer {SECRET_KEY}", "Content-Type": "application/json"},
    )
    began, refused = time.monotonic(), 0
    while time.monotonic() - began < LONGEST:
        try:
            with urllib.request.urlopen(request, timeout=LONGEST):
                return {"seconds": round(time.monotonic() - began, 2), "refused": refused}
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
            refused += 1
            time.sleep(float(error.headers.get("Retry-After") or 1))
    return {"seconds": LONGEST, "refused": refused}


def one_turn(installation: Installation, count: int) -> dict[str, Any]:
    """What becomes of a fresh trace."""
    now = time.time_ns()
    trace_id = f"{now:032x}"
    began = now - 600 * SECOND
    sent = {
        "fresh": spans_of(trace_id, count, began),
        "the same": spans_of(trace_id, count, began),
        "a second later": spans_of(trace_id, count, began + SECOND),
        "and changed": spans_of(trace_id, count, began + 2 * SECOND, tier="gold"),
        "three days earlier": spans_of(trace_id, count, began - 3 * DAY, tier="silver"),
    }
    return {name: send(installation, spans) for name, spans in sent.items()}


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=5000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--tree", default="", help="a checkout of another commit")
    chosen = parser.parse_args()
    with running(data=chosen.data, tree=chosen.tree) as installation:
        turns = [one_turn(installation, chosen.spans) for _ in range(chosen.times)]
    json.dump({"spans": chosen.spans, "turns": turns}, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
