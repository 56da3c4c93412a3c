"""Pages and reads over a seeded project: server times of what engineers open all day.

    python -m bench.browse [--spans 1000000] [--content 100] [--times 40] [--data DIR] [--tree DIR]
                           [--only WORD …]

Sixty days of data (`bench.seeding`) in the folder --data, filled once and used again, else in a
throwaway one. Prints JSON: p50 and p95 in milliseconds and the gzip size of each page or fragment,
for ranges of 24 hours, 7 and 60 days. `--tree` runs the code of another checkout.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
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

RANGES = ("24h", "7d", "60d")
# In the words of the list's query language. `0word` is said everywhere, `4e1fword` hardly ever.
FILTERS = {
    "all": "",
    "one model": "model:gpt-4o",
    "one user": "user:user-3",
    "errors": "status:error",
    "cost above": "cost>$0.02",
    "a low score": "score.helpfulness<0.02",
    "feature and environment and errors": "feature:feature-3 env:staging status:error",
    "a tool that failed": "span(kind:tool status:error)",
    "an attribute": "attr.tier:silver",
    "a common word": "{common}",
    "a rare word": "{rare}",
    "a word nobody said": "neversaidbyanyone",
    "a name that nothing has": "name:nothing-has-this",
}
LARGE = (5_000, 20_000)
FRAGMENTS = {
    "histogram": "?piece=histogram&",
    "histogram of p95": "?piece=histogram&chart=p95&",
    "histogram of cost": "?piece=histogram&chart=cost&",
    "facets and count": "?piece=facets&",
    "column statistics": "?piece=stats&col=duration&",
}


def fill(installation: Installation, spans: int, content: int = 100, over: int = 60) -> int:
    """Seed the project once; returns how many spans stand."""
    use_settings_of(installation)
    import django

    django.setup()
    from bench.seeding import seed

    with psycopg.connect(installation.database_url, autocommit=True) as link:
        row = link.execute("select id from accounts_project where slug = 'bench'").fetchone()
        assert row is not None
        [(standing,)] = link.execute("select count(*) from span").fetchall()
        if not standing:
            seed(link, row[0], spans, content=content, over=over)
            link.execute(
                "update accounts_project set first_trace_at = now() where id = %s", [row[0]]
            )
            [(standing,)] = link.execute("select count(*) from span").fetchall()
    return int(standing)


def large_trace(installation: Installation, spans: int) -> str:
    """Send one trace of `spans` spans, 50 below each parent; returns its id."""
    now = time.time_ns()
    trace_id = f"{spans:08d}{now:024x}"[:32]
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


def pages_of(installation: Installation) -> dict[str, tuple[str, dict[str, str]]]:
    """What is measured, by name: its address and headers."""
    key = {"Authorization": f"Bearer {SECRET_KEY}"}
    piece = {"HX-Request": "true"}
    with psycopg.connect(installation.database_url) as link:
        [(trace_id, session_id)] = link.execute(
            "select trace_id, session_id from trace where name = 'agent.feature_0' "
            "and user_id = 'user-0' order by start_time desc limit 1 offset 20"
        ).fetchall()
    traces = "/p/bench/traces/"
    words = {"common": _word(0), "rare": _word(19_990)}
    pages: dict[str, tuple[str, dict[str, str]]] = {}
    for since in RANGES:
        for name, query in FILTERS.items():
            asked = urllib.parse.urlencode({"t": since, "q": query.format(**words)})
            pages[f"list, {name}, {since}"] = (f"{traces}?{asked}", {})
        for sort in ("cost", "latency"):
            pages[f"list by {sort}, {since}"] = (f"{traces}?t={since}&sort=-{sort}", {})
        for fragment, address in FRAGMENTS.items():
            for name in ("all", "one model", "errors"):
                asked = urllib.parse.urlencode({"t": since, "q": FILTERS[name]})
                pages[f"{fragment}, {name}, {since}"] = (f"{traces}{address}{asked}", piece)
        pages[f"overview, {since}"] = (f"/p/bench/?t={since}", {})
        pages[f"sessions, {since}"] = (f"/p/bench/sessions/?t={since}", {})
        pages[f"users, {since}"] = (f"/p/bench/users/?t={since}", {})
    pages["one session"] = (f"/p/bench/sessions/{session_id}/", {})
    pages["one user, 7d"] = ("/p/bench/users/user-0/?t=7d", {})
    pages["trace of 8 spans"] = (f"{traces}{trace_id}/", {})
    for spans in LARGE:
        large = large_trace(installation, spans)
        pages[f"trace of {spans:,} spans"] = (f"{traces}{large}/", {})
        pages[f"one span of {spans:,}"] = (f"{traces}{large}/?span={2:016x}", piece)
    pages["REST list"] = ("/api/v1/traces?limit=50", key)
    pages["REST list, one model"] = ("/api/v1/traces?limit=50&q=model%3Agpt-4o", key)
    pages[f"REST spans of {trace_id}"] = (f"/api/v1/traces/{trace_id}/spans", key)
    return pages


def _word(place: int) -> str:
    """A word of the seeded texts: the lower its place, the more often it is said."""
    from bench.seeding import vocabulary

    return vocabulary()[place]


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=1_000_000)
    parser.add_argument("--content", type=int, default=100, help="percent of the traces")
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--data", type=Path)
    parser.add_argument(
        "--only", nargs="+", default=[""], help="pages whose name holds one of these"
    )
    parser.add_argument("--tree", default="", help="a checkout of another commit")
    chosen = parser.parse_args()
    if chosen.data:
        chosen.data.mkdir(parents=True, exist_ok=True)
    with running(data=chosen.data, tree=chosen.tree) as installation:
        figures: dict[str, Any] = {"spans": fill(installation, chosen.spans, chosen.content)}
        pages = pages_of(installation)
        time.sleep(8)  # until the large traces have settled
        browser = Browser(installation.url)
        for name, (path, headers) in pages.items():
            if any(word in name for word in chosen.only):
                try:
                    figures[name] = measure(browser, path, chosen.times, **headers)
                except urllib.error.HTTPError as error:
                    figures[name] = {"status": error.code}
    json.dump(figures, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
