"""Kills web processes and PostgreSQL in mid-intake, and looks for what was acknowledged.

    python -m bench.faults [--web-kills 20] [--engine-kills 5] [--connections 6]

Senders repeat what was not acknowledged, as exporters do, and each trace comes in two requests.
Prints JSON; the exit code is 1 when an acknowledged span is missing or stored twice, or when the
totals of a trace differ from the sums over its spans.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bench.installation import SECRET_KEY, Installation, running, wait_ready
from bench.load import Sent, send_all
from bench.payloads import Shape, requests

SPANS = 32  # a request; each brings half of the spans of its traces
SECONDS_A_KILL = 5.0

WRONG_TRACES = """
select count(*) from (
  select project_id, trace_id, count(*) as spans, count(*) filter (where level = 3) as errors,
    count(*) filter (where counts) as calls, coalesce(sum(cost_nano), 0) as cost,
    coalesce(sum(coalesce(in_uncached, 0) + coalesce(in_cached, 0) + coalesce(in_cache_write, 0)
      + coalesce(in_audio, 0)) filter (where counts), 0) as tokens_in,
    coalesce(sum(coalesce(out_text, 0) + coalesce(out_reasoning, 0) + coalesce(out_audio, 0))
      filter (where counts), 0) as tokens_out,
    min(start_time) as first,
    max(start_time + coalesce(duration_us, 0) * interval '1 microsecond') as last
  from span group by 1, 2
) s full join trace t using (project_id, trace_id)
where (t.span_count, t.error_count, t.call_count, t.cost_nano, t.tokens_in, t.tokens_out,
       t.start_time, t.end_time)
  is distinct from (s.spans, s.errors, s.calls, s.cost, s.tokens_in, s.tokens_out, s.first, s.last)
"""


@dataclass
class Bodies:
    """What is sent, and which spans each request brings."""

    packed: list[bytes] = field(default_factory=list)
    spans: list[list[tuple[str, str]]] = field(default_factory=list)

    def add(self, message: ExportTraceServiceRequest) -> None:
        """One more request."""
        self.packed.append(gzip.compress(message.SerializeToString(), 1))
        scope = message.resource_spans[0].scope_spans[0]
        self.spans.append([(span.trace_id.hex(), span.span_id.hex()) for span in scope.spans])


def halved(count: int, seed: int) -> Bodies:
    """`count` pairs of requests; the second of a pair brings the other spans of the same traces."""
    bodies = Bodies()
    shape = Shape(spans=2 * SPANS, start_ns=time.time_ns() - 3_600 * 10**9)
    for body in requests(count, seed=seed, shape=shape):
        whole = ExportTraceServiceRequest.FromString(body)
        every = list(whole.resource_spans[0].scope_spans[0].spans)
        for half in (every[::2], every[1::2]):
            part = ExportTraceServiceRequest.FromString(body)
            del part.resource_spans[0].scope_spans[0].spans[:]
            part.resource_spans[0].scope_spans[0].spans.extend(half)
            bodies.add(part)
    return bodies


def children(parent: int) -> Iterator[tuple[int, str]]:
    """Processes started by `parent`, with their command lines (Linux)."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(after_name[1]) == parent:
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                yield int(folder.name), words.decode(errors="replace").strip()
        except OSError:
            continue


def web_processes(installation: Installation) -> list[int]:
    """Their process ids, oldest first."""
    ours = children(installation.process.pid)
    return sorted(pid for pid, words in ours if "config.processes.web" in words)


def engine(installation: Installation) -> int:
    """Process id of PostgreSQL's postmaster. Raises: LookupError while there is none."""
    for pid, words in children(installation.process.pid):
        if "postgres" in words.split(" ")[0]:
            return pid
    raise LookupError("no postmaster runs")


def kill(pid: int) -> bool:
    """End a process of the installation at once; False where it has ended by itself."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def kill_engine(installation: Installation, number: int) -> bool:
    """The postmaster, or, every other time, one backend: PostgreSQL then ends all the others."""
    postmaster = engine(installation)
    backends = [pid for pid, words in children(postmaster) if "INSERT" in words or "idle" in words]
    if number % 2 and backends:
        return kill(backends[-1])
    return kill(postmaster)


def trouble(installation: Installation, web_kills: int, engine_kills: int) -> dict[str, int]:
    """Kill evenly spread, each time once the service is ready again; what was killed."""
    done = {"web": 0, "engine": 0}
    every = max(1, web_kills // max(1, engine_kills))
    while done["web"] < web_kills or done["engine"] < engine_kills:
        began = time.monotonic()
        if done["engine"] < engine_kills and done["web"] >= (done["engine"] + 1) * every:
            done["engine"] += kill_engine(installation, done["engine"])
        elif done["web"] < web_kills:
            pids = web_processes(installation)
            done["web"] += bool(pids and kill(pids[0]))  # the oldest, so that both have lived
        else:
            done["engine"] += kill_engine(installation, done["engine"])
        wait_ready(installation.url, 60)
        time.sleep(max(0.0, SECONDS_A_KILL - (time.monotonic() - began)))
    return done


def stored(database_url: str, wanted: set[tuple[str, str]]) -> dict[str, int]:
    """What stands of the spans that were acknowledged, and of their traces."""
    with psycopg.connect(database_url) as link:
        counts: dict[tuple[str, str], int] = {}
        for trace_id, span_id in link.execute("select trace_id, span_id from span"):
            counts[trace_id, span_id] = counts.get((trace_id, span_id), 0) + 1
        contents = set(link.execute("select trace_id, span_id from span_content").fetchall())
        wrong = link.execute(WRONG_TRACES).fetchone()
    return {
        "stored_spans": len(counts),
        "lost": sum(1 for key in wanted if key not in counts),
        "stored_twice": sum(1 for count in counts.values() if count > 1),
        "without_content": sum(1 for key in counts if key not in contents),
        "wrong_traces": int(wrong[0]) if wrong else -1,
    }


def run(web_kills: int, engine_kills: int, connections: int, **environment: str) -> dict[str, Any]:
    """The whole trial, as figures."""
    seconds = (web_kills + engine_kills) * (SECONDS_A_KILL + 3)
    pause = 0.1
    bodies = halved(int(seconds * connections / pause / 2), seed=time.time_ns() % 10**6)
    with running(None, **environment) as installation:
        stop, sent = threading.Event(), Sent()

        def send() -> None:
            nonlocal sent
            sent = send_all(
                f"{installation.url}/v1/traces", SECRET_KEY, bodies.packed,
                connections=connections, pause=pause, retry=True, stop=stop,
            )  # fmt: skip

        sender = threading.Thread(target=send)
        sender.start()
        time.sleep(1)
        try:
            done = trouble(installation, web_kills, engine_kills)
            time.sleep(1)
        finally:
            stop.set()
            sender.join()
        wait_ready(installation.url, 60)
        time.sleep(5)  # what is still being written ends
        wanted = {key for position in sent.bodies for key in bodies.spans[position]}
        return {
            "web_kills": done["web"],
            "engine_kills": done["engine"],
            "acknowledged_requests": sent.acknowledged,
            "acknowledged_spans": len(wanted),
            "refused": sent.refused,
            "broken_connections": sent.failed,
            "longest_wait_s": round(max(sent.latencies, default=0.0), 2),
            **stored(installation.database_url, wanted),
        }


def is_whole(figures: dict[str, Any]) -> bool:
    """True when nothing that was acknowledged is lost, doubled or counted wrongly."""
    faults = ("lost", "stored_twice", "without_content", "wrong_traces")
    return figures["acknowledged_spans"] > 0 and not any(figures[name] for name in faults)


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_KEEP_LINES)
    parser.add_argument("--web-kills", type=int, default=20)
    parser.add_argument("--engine-kills", type=int, default=5)
    parser.add_argument("--connections", type=int, default=6)
    chosen = parser.parse_args()
    figures = run(chosen.web_kills, chosen.engine_kills, chosen.connections)
    json.dump(figures, sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0 if is_whole(figures) else 1


_KEEP_LINES = argparse.RawDescriptionHelpFormatter

if __name__ == "__main__":
    sys.exit(main())
