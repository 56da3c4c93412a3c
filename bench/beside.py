"""List and trace pages beside those of a real Phoenix and a real MLflow over the same spans.

    python -m bench.beside [--spans 100000] [--times 20]

Installs both servers in environments of their own (minutes, once) and sends all three the same
requests of OpenTelemetry's GenAI spans. What their pages ask of their servers is asked as their own
scripts do it: Phoenix's GraphQL texts are read from what it serves, MLflow's page posts a search.
Prints JSON: p50 and p95 in milliseconds at the client, one at a time in turns, and how many times
as long as here each took: as our whole page, ready to be read, where theirs is data that a script
has yet to draw, and as the same data over REST.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import httpx
import psycopg

from bench.browse import Browser
from bench.installation import SECRET_KEY, Installation, running, use_settings_of
from bench.load import packed, send_all
from bench.moving import PROTOBUF, mlflow, phoenix
from bench.payloads import Shape, requests

SPANS = 512  # a request
PLACE = "default"  # Phoenix's own project for spans that name none
EXPERIMENT = "0"  # MLflow's
ROWS = 50
STORED_SECONDS = 3600.0
Ask = Callable[[], int]  # asks for a page once; its bytes
_QUERY = re.compile(r"text:`(query (\w+)\([^`]*)`")


def fill_phoenix(http: httpx.Client, bodies: list[bytes], spans: int) -> None:
    """Send all of them, and wait until it has stored them: it does so in the background."""
    for body in bodies:
        while (
            answer := http.post("/v1/traces", content=body, headers=PROTOBUF)
        ).status_code == 503:
            time.sleep(1)
        answer.raise_for_status()
    began = time.monotonic()
    while _stored_in_phoenix(http) < spans:
        assert time.monotonic() - began < STORED_SECONDS
        time.sleep(2)


def _stored_in_phoenix(http: httpx.Client) -> int:
    asked = "{projects {edges {node {name recordCount}}}}"
    edges = http.post("/graphql", json={"query": asked}).json()["data"]["projects"]["edges"]
    found = {edge["node"]["name"]: edge["node"]["recordCount"] for edge in edges}
    return int(found.get(PLACE, 0))


def fill_mlflow(http: httpx.Client, bodies: list[bytes]) -> None:
    """Send all of them; they are stored when it answers."""
    headers = PROTOBUF | {"x-mlflow-experiment-id": EXPERIMENT}
    for body in bodies:
        http.post("/v1/traces", content=body, headers=headers).raise_for_status()


def fill(installation: Installation, bodies: list[bytes]) -> None:
    """Send all of them here, and wait until they have settled."""
    sent = send_all(
        f"{installation.url}/v1/traces", SECRET_KEY, packed(bodies), connections=2, retry=True
    )
    assert sent.acknowledged == len(bodies)
    with psycopg.connect(installation.database_url, autocommit=True) as link:
        while link.execute("select 1 from digest_queue limit 1").fetchone():
            time.sleep(1)


def pages_of_phoenix(http: httpx.Client, trace_id: str) -> dict[str, Ask]:
    """What its pages of traces and of one trace ask."""
    page = http.get("/").text
    script = next(found for found in re.findall(r'src="([^"]+\.js)"', page) if "index-" in found)
    texts = {name: text for text, name in _QUERY.findall(http.get(script).text)}
    asked = "{projects {edges {node {id name}}}}"
    projects = http.post("/graphql", json={"query": asked}).json()["data"]["projects"]["edges"]
    project = next(edge["node"]["id"] for edge in projects if edge["node"]["name"] == PLACE)

    def ask(name: str, **variables: Any) -> Ask:
        body = {"query": texts[name], "variables": {"id": project, **variables}}

        def once() -> int:
            answer = http.post("/graphql", json=body)
            answer.raise_for_status()
            assert "errors" not in answer.json()
            return len(answer.content)

        return once

    return {
        "list": ask("TracesTableQuery", first=ROWS),
        "trace": ask("TraceDetailsQuery", traceId=trace_id),
    }


def pages_of_mlflow(http: httpx.Client, trace_id: str) -> dict[str, Ask]:
    """What its pages of traces and of one trace ask."""
    place = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": EXPERIMENT}}
    listed = {"locations": [place], "max_results": ROWS, "order_by": ["timestamp_ms DESC"]}

    def rows() -> int:
        answer = http.post("/ajax-api/3.0/mlflow/traces/search", json=listed)
        answer.raise_for_status()
        assert len(answer.json()["traces"]) == ROWS
        return len(answer.content)

    def one() -> int:
        asked = {"trace_id": f"tr-{trace_id}", "allow_partial": "true"}
        answer = http.get("/ajax-api/3.0/mlflow/traces/get", params=asked)
        answer.raise_for_status()
        return len(answer.content)

    return {"list": rows, "trace": one}


def pages_here(installation: Installation, trace_id: str) -> dict[str, Ask]:
    """The same two pages, whole, and what programs ask."""
    browser = Browser(installation.url)
    key = {"Authorization": f"Bearer {SECRET_KEY}"}

    def ask(path: str, **headers: str) -> Ask:
        return lambda: len(browser.get(path, **headers)[0])

    return {
        "list": ask("/p/bench/traces/?t=7d"),
        "trace": ask(f"/p/bench/traces/{trace_id}/"),
        "REST list": ask(f"/api/v1/traces?limit={ROWS}", **key),
        "REST spans": ask(f"/api/v1/traces/{trace_id}/spans", **key),
    }


def in_turns(servers: dict[str, dict[str, Ask]], times: int) -> dict[str, Any]:
    """Ask each server for each page in turn, so that the machine is the same for all."""
    seconds: dict[tuple[str, str], list[float]] = {}
    sizes: dict[tuple[str, str], int] = {}
    for number in range(-1, times):
        for server, pages in servers.items():
            for page, ask in pages.items():
                began = time.perf_counter()
                sizes[server, page] = ask()
                if number >= 0:  # the first one warms
                    seconds.setdefault((server, page), []).append(time.perf_counter() - began)
    found: dict[str, Any] = {}
    for (server, page), taken in seconds.items():
        taken.sort()
        found.setdefault(page, {})[server] = {
            "p50_ms": round(taken[len(taken) // 2] * 1000, 1),
            "p95_ms": round(taken[int(len(taken) * 0.95)] * 1000, 1),
            "kb": round(sizes[server, page] / 1024, 1),
        }
    for page, data in (("list", "REST list"), ("trace", "REST spans")):
        for server in servers:
            if server != "here":
                theirs = found[page][server]
                for what, ours in (("page", found[page]["here"]), ("data", found[data]["here"])):
                    theirs[f"times the {what}"] = round(theirs["p50_ms"] / ours["p50_ms"], 2)
    return found


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--spans", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--tree", default="", help="a checkout of another commit")
    chosen = parser.parse_args()
    shape = Shape(spans=SPANS, start_ns=time.time_ns() - 86_400 * 10**9, spread_s=80_000.0)
    bodies = list(requests(max(chosen.spans // SPANS, 1), shape=shape))
    spans = len(bodies) * SPANS
    figures: dict[str, Any] = {"spans": spans}
    with ExitStack() as stack:
        installation = stack.enter_context(running(tree=chosen.tree))
        use_settings_of(installation)
        import django

        django.setup()
        logging.getLogger("httpx").setLevel(logging.WARNING)
        from tests.clients import python_of

        to_phoenix, to_mlflow = (
            stack.enter_context(
                httpx.Client(base_url=stack.enter_context(server(python_of(name))), timeout=300)
            )
            for name, server in (("phoenix", phoenix), ("mlflow", mlflow))
        )
        filling: dict[str, Callable[[], None]] = {
            "here": lambda: fill(installation, bodies),
            "mlflow": lambda: fill_mlflow(to_mlflow, bodies),
            "phoenix": lambda: fill_phoenix(to_phoenix, bodies, spans),
        }
        for name, fill_it in filling.items():
            began = time.monotonic()
            fill_it()
            figures[f"{name} filled, s"] = round(time.monotonic() - began, 1)
            print(name, figures[f"{name} filled, s"], file=sys.stderr, flush=True)
        with psycopg.connect(installation.database_url) as link:
            [(trace_id,)] = link.execute(
                "select trace_id from trace order by start_time desc limit 1 offset 20"
            ).fetchall()
        servers = {
            "here": pages_here(installation, trace_id),
            "phoenix": pages_of_phoenix(to_phoenix, trace_id),
            "mlflow": pages_of_mlflow(to_mlflow, trace_id),
        }
        figures |= in_turns(servers, chosen.times)
    json.dump(figures, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
