"""Pages and reads over a million spans: server times of what engineers open all day.

    python -m bench.browse [--spans 1000000] [--times 40]

Prints JSON: p50 and p95 in milliseconds and gzip size of each page or fragment.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from typing import Any

import psycopg

from bench.installation import (
    EMAIL,
    PASSWORD,
    SECRET_KEY,
    Installation,
    running,
    use_settings_of,
)
from bench.load import packed, send_all
from bench.payloads import Shape, requests
from traces.ingest.rows import COLUMNS

SEED_REQUESTS = (
    40  # of 512 spans, sent through intake; the rest are copies with other ids and times
)
WINDOW_DAYS = 30

_SHIFT = "- %(shift)s * interval '1 second'"
_SHIFTED = {"start_time": f"start_time {_SHIFT}", "trace_id": "trace_id || %(mark)s"}
COPY_SPANS = (
    f"insert into span ({', '.join(COLUMNS)}) select "
    f"{', '.join(_SHIFTED.get(name, name) for name in COLUMNS)} from span "
    "where project_id = %(project)s and length(trace_id) = 32"
)
COPY_CONTENT = (
    "insert into span_content (start_time, project_id, size, codec, trace_id, span_id, body) "
    f"select start_time {_SHIFT}, project_id, size, codec, trace_id || %(mark)s, span_id, body "
    "from span_content where project_id = %(project)s and length(trace_id) = 32"
)
COPY_TRACES = (
    "insert into trace select (jsonb_populate_record(null::trace, to_jsonb(t) || "
    "jsonb_build_object("
    f"'trace_id', trace_id || %(mark)s, 'start_time', start_time {_SHIFT}, "
    f"'end_time', end_time {_SHIFT}))).* from trace t "
    "where project_id = %(project)s and length(trace_id) = 32"
)


def fill(installation: Installation, spans: int) -> int:
    """Load spans through intake and copy them over thirty days; returns how many stand."""
    start = time.time_ns() - 2 * 3_600 * 10**9
    bodies = list(requests(SEED_REQUESTS, seed=1, shape=Shape(start_ns=start)))
    send_all(f"{installation.url}/v1/traces", SECRET_KEY, packed(bodies), connections=4)
    with psycopg.connect(installation.database_url, autocommit=True) as link:
        row = link.execute("select id from accounts_project where slug = 'bench'").fetchone()
        assert row is not None
        project, standing = row[0], SEED_REQUESTS * 512
        copies = max(1, spans // standing - 1)
        _make_partitions(installation)
        for number in range(1, copies + 1):
            shift = number * WINDOW_DAYS * 86_400 // (copies + 1)
            values = {"project": project, "shift": shift, "mark": f"-{number:04d}"}
            with link.transaction():
                link.execute(COPY_SPANS, values)
                link.execute(COPY_CONTENT, values)
                link.execute(COPY_TRACES, values)
        link.execute("vacuum analyze")
        count = link.execute("select count(*) from span").fetchone()
    return int(count[0]) if count else 0


def _make_partitions(installation: Installation) -> None:
    from datetime import UTC, datetime, timedelta

    from traces import partitions

    use_settings_of(installation)
    with psycopg.connect(installation.database_url, autocommit=True) as link:
        now = datetime.now(UTC)
        partitions.make(link, [now - timedelta(days=day) for day in range(WINDOW_DAYS + 2)])


def large_trace(installation: Installation, spans: int) -> str:
    """Send one trace of `spans` spans, 50 below each parent; returns its id."""
    now = time.time_ns()
    trace_id = "5000" * 8
    made: list[dict[str, Any]] = []
    for number in range(spans):
        start = now - 60 * 10**9 + number * 10**7
        made.append(
            {
                "trace_id": trace_id,
                "span_id": f"{number:016x}",
                "parent_span_id": f"{(number - 1) // 50:016x}" if number else None,
                "name": f"step {number % 400}" if number % 7 else "embed",
                "kind": ("agent", "tool", "generation", "retriever")[number % 4],
                "start": start,
                "end": start + 5 * 10**6,
                "input": {"question": f"what of {number}?"},
            }
        )
    body = json.dumps({"spans": made}).encode()
    request = urllib.request.Request(
        f"{installation.url}/api/v1/traces",
        body,
        {"Authorization": f"Bearer {SECRET_KEY}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.status == 200
    return trace_id


class Browser:
    """A person who is signed in."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        page = self.get("/login/")[0].decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        form = {"email": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": token.group(1)}
        form["username"] = EMAIL
        request = urllib.request.Request(
            f"{url}/login/", urllib.parse.urlencode(form).encode(), {"Referer": url}
        )
        with self._open.open(request, timeout=30):
            pass

    def get(self, path: str, **headers: str) -> tuple[bytes, float]:
        """The body and the seconds it took."""
        request = urllib.request.Request(self.url + path, headers=headers)
        began = time.perf_counter()
        with self._open.open(request, timeout=60) as answer:
            body = answer.read()
        return body, time.perf_counter() - began


def measure(browser: Browser, path: str, times: int, **headers: str) -> dict[str, Any]:
    """Open `path` many times, warm."""
    body, _ = browser.get(path, **headers)
    seconds = sorted(browser.get(path, **headers)[1] for _ in range(times))
    return {
        "p50_ms": round(seconds[len(seconds) // 2] * 1000, 1),
        "p95_ms": round(seconds[int(len(seconds) * 0.95)] * 1000, 1),
        "gzip_kb": round(len(gzip.compress(body)) / 1024, 1),
    }


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=40)
    chosen = parser.parse_args()
    with running() as installation:
        figures: dict[str, Any] = {"spans": fill(installation, chosen.spans)}
        trace_id = large_trace(installation, 5_000)
        browser = Browser(installation.url)
        key = {"Authorization": f"Bearer {SECRET_KEY}"}
        traces = "/p/bench/traces/"
        with psycopg.connect(installation.database_url) as link:
            some = link.execute(
                "select trace_id from trace where length(trace_id) = 37 limit 1"
            ).fetchone()
        assert some is not None
        pages: dict[str, tuple[str, dict[str, str]]] = {
            "list, 24 h": (f"{traces}?t=24h", {}),
            "list, 30 days": (f"{traces}?t=30d", {}),
            "list, errors, 30 days": (f"{traces}?t=30d&status=error", {}),
            "list, one model, 30 days": (f"{traces}?t=30d&model=gpt-5-mini-2025-08-07", {}),
            "list, name that nothing has, 30 days": (f"{traces}?t=30d&q=nothing-has-this", {}),
            "overview": ("/p/bench/", {}),
            "trace of 8 spans": (f"{traces}{some[0]}/", {}),
            "trace of 5,000 spans": (f"{traces}{trace_id}/", {}),
            "one span of it": (f"{traces}{trace_id}/?span={2:016x}", {"HX-Request": "true"}),
            "REST list": ("/api/v1/traces?limit=50", key),
            "REST spans of 8": (f"/api/v1/traces/{some[0]}/spans", key),
        }
        for name, (path, headers) in pages.items():
            figures[name] = measure(browser, path, chosen.times, **headers)
    json.dump(figures, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
