"""Exports of many traces with content, beside those of another commit.

    python -m bench.exports [--traces 2560] [--times 3] [--tree ../before]

Sends traces of eight spans with OpenTelemetry's content, lets them settle, and exports all of them
in each format over REST, turn by turn. Prints JSON: traces a second while the job runs and CPU
microseconds a trace, which hold on a busy machine too, and with `--tree` the ratios to the code of
that checkout in the same run.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from bench.before import cpu_seconds
from bench.installation import SECRET_KEY, Installation, running
from bench.load import packed, send_all
from bench.payloads import Shape, requests

SPANS, SPANS_PER_TRACE = 512, 8
LONGEST = 300.0  # seconds an export may take


def fill(installation: Installation, traces: int) -> None:
    """Send that many traces, and wait until all of them have settled."""
    shape = Shape(spans=SPANS, start_ns=time.time_ns() - 3_600 * 10**9)
    bodies = packed(list(requests(traces * SPANS_PER_TRACE // SPANS, shape=shape)))
    url = f"{installation.url}/v1/traces"
    sent = send_all(url, SECRET_KEY, bodies, connections=2, retry=True)
    assert sent.acknowledged == len(bodies)
    with psycopg.connect(installation.database_url, autocommit=True) as link:
        while link.execute("select 1 from digest_queue limit 1").fetchone():
            time.sleep(0.5)
        link.execute("vacuum analyze")


def export(installation: Installation, form: str) -> tuple[float, float]:
    """Traces a second of one export with content, from its first turn until the file is there, and
    CPU microseconds a trace of the installation's processes."""
    before = cpu_seconds(installation.process.pid)
    began = time.monotonic()
    found = _asked(installation, "/api/v1/exports", {"format": form, "content": True})
    while found["state"] != "done":
        assert found["state"] in ("due", "running"), found["error"]
        assert time.monotonic() - began < LONGEST
        time.sleep(0.2)
        found = _asked(installation, f"/api/v1/exports/{found['id']}")
    after = cpu_seconds(installation.process.pid)
    used = sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())
    with psycopg.connect(installation.database_url) as link:
        [(took,)] = link.execute(
            "select extract(epoch from finished_at - started_at)::float8 from bulk_job "
            "where id = %s",
            [found["id"]],
        ).fetchall()
    return found["written"] / took, used / found["written"] * 1e6


def _asked(installation: Installation, path: str, body: Any = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {SECRET_KEY}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(installation.url + path, data, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=int, default=2560)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--tree", type=Path)
    chosen = parser.parse_args()
    with ExitStack() as stack:
        trees = {"now": stack.enter_context(running())}
        if chosen.tree:
            trees["before"] = stack.enter_context(running(tree=str(chosen.tree.resolve())))
        for installation in trees.values():
            fill(installation, chosen.traces)
        figures: dict[str, Any] = {"traces": chosen.traces}
        for form in ("jsonl", "csv", "parquet"):
            turns: dict[str, list[tuple[float, float]]] = {name: [] for name in trees}
            for number in range(-1, chosen.times):
                for name, installation in trees.items():
                    turn = export(installation, form)
                    if number >= 0:  # the first one warms
                        turns[name].append(turn)
            figures[form] = {
                name: {"rate": [round(r) for r, _ in found], "cpu": [round(c) for _, c in found]}
                for name, found in turns.items()
            }
            if chosen.tree:
                pairs = list(zip(turns["now"], turns["before"], strict=True))
                figures[form]["rate_ratio"] = round(median(n[0] / b[0] for n, b in pairs), 2)
                figures[form]["cpu_ratio"] = round(median(n[1] / b[1] for n, b in pairs), 2)
    json.dump(figures, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
