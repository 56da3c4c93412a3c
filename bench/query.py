"""Random queries of the language: read and compiled by the hundred thousand, run by the thousand.

    python -m bench.query [--parsed 100000] [--run 3000] [--asked 300] [--spans 20000]

Every query is understood or refused at a place inside it; every statement holds our project for
each table it reads, and no value in its text; every run ends in time and shows no row of another
project with the same data; asked over HTTP, no answer is a 500. Prints a line of JSON for each of
the three; the exit code is 1 where one of that is not so.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import psycopg

from bench.browse import fill
from bench.installation import SECRET_KEY, Installation, running, use_settings_of

OTHER = 1_000_000  # added to the id of the project whose rows must never be seen
MARK = "~other"  # added to the ids of its traces
MOST_SECONDS = 6.0  # the hard limit, and what a busy machine adds
_READ = re.compile(r'(?:FROM|JOIN) "(\w+)"(?: ([TUVW]\d+))?')
_READ_RAW = re.compile(r"from (trace_words|digest_queue)( where project_id = %s)?")
_OURS = {"span", "span_content", "trace", "score", "outcome", "digest_queue", "trace_words"}
COPIED = ("span", "span_content", "trace")


def unguarded(sql: str, parameters: Sequence[Any], project_id: int) -> list[str]:
    """The tables that a statement reads without our project, and what of it is no parameter."""
    wrong = []
    held: Counter[str] = Counter()
    for match in re.finditer(r'"?(\w+)"?\."project_id" = %s', sql):
        place = sql[: match.end()].count("%s") - 1
        if parameters[place] == project_id:
            held[match[1]] += 1
        else:
            wrong.append(f"{match[0]} is {parameters[place]!r}")
    read: Counter[str] = Counter()
    for match in _READ.finditer(sql):
        if match[1] in _OURS:
            read[match[2] or match[1]] += 1
    wrong += [f"{name} is read without a project" for name in read if held[name] < read[name]]
    wrong += [f"{m[1]} is read without a project" for m in _READ_RAW.finditer(sql) if not m[2]]
    if "'" in sql:
        wrong.append("a value stands in the text")
    return wrong


def read_and_compile(count: int, seed: int, project_id: int) -> dict[str, Any]:
    """Read `count` random texts, compile those that are queries; what went wrong is in `wrong`."""
    from bench.query_texts import query
    from traces.queries.verifying import answered
    from traces.query import QueryError, Scope, compile, parse, render

    random = Random(seed)
    understood = 0
    wrong: list[str] = []
    for _ in range(count):
        text = query(random)
        try:
            found = parse(text)
        except QueryError as error:
            end = error.position + error.length
            if not (0 <= error.position <= end <= len(text) and error.expected and error.message):
                wrong.append(f"{text!r}: refused at {error.position}, {error.length}")
            continue
        understood += 1
        if parse(render(found)) != found:
            wrong.append(f"{text!r}: reads otherwise as {render(found)!r}")
        plan = compile(found, Scope(project_id=project_id))
        rows, _ = answered(plan.rows, plan)
        sql, parameters = rows.values_list("trace_id").query.sql_with_params()
        wrong += [f"{text!r}: {one}" for one in unguarded(sql, parameters, project_id)]
    return {"texts": count, "understood": understood, "wrong": wrong}


def run(count: int, seed: int, project_id: int) -> dict[str, Any]:
    """Run `count` random sentences as the list does; look at each statement and each row."""
    from django.db import connection

    from bench.query_texts import sentence
    from traces.queries.criteria import ANY_ENVIRONMENT, Criteria
    from traces.queries.lists import list_traces
    from traces.queries.orders import NEWEST, Order
    from traces.query import parse

    random = Random(seed)
    wrong: list[str] = []
    took: list[float] = []
    states: Counter[str] = Counter()
    orders = [
        NEWEST,
        NEWEST,
        NEWEST,
        Order("cost"),
        Order("latency", False),
        Order("score.helpful"),
    ]

    def look(
        execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any
    ) -> Any:
        if " FROM " in sql or " from " in sql:
            wrong.extend(f"{text!r}: {one}" for one in unguarded(sql, parameters or (), project_id))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(look):
        for _ in range(count):
            text = sentence(random)
            order = random.choice(orders)
            began = time.monotonic()
            criteria = Criteria(query=parse(text), environment=ANY_ENVIRONMENT)
            page = list_traces(project_id, criteria, order=order)
            took.append(time.monotonic() - began)
            states[
                "too wide"
                if page.is_too_wide
                else "complete"
                if page.is_complete
                else "searched to"
            ] += 1
            states["with rows"] += bool(page.rows)
            if took[-1] > MOST_SECONDS:
                wrong.append(f"{text!r}: took {took[-1]:.1f} s")
            if any(row.trace_id.endswith(MARK) for row in page.rows):
                wrong.append(f"{text!r}: shows rows of another project")
    took.sort()
    figures = {"p50": took[len(took) // 2], "p95": took[len(took) * 95 // 100], "most": took[-1]}
    seconds = {name: round(value, 3) for name, value in figures.items()}
    return {"run": count, "states": dict(states), "seconds": seconds, "wrong": wrong}


def ask(url: str, count: int, seed: int, secret: str = SECRET_KEY) -> dict[str, Any]:
    """Ask `count` random texts over REST: 200, or 400 with a place."""
    from bench.query_texts import query

    random = Random(seed)
    statuses: Counter[int] = Counter()
    wrong = []
    for _ in range(count):
        text = query(random).encode("utf-8", "replace").decode()
        address = f"{url}/api/v1/traces?{urllib.parse.urlencode({'q': text})}"
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {secret}"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, body = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read()
        statuses[status] += 1
        if status == 400 and "position" not in json.loads(body)["errors"][0]:
            wrong.append(f"{text!r}: refused without a place")
        elif status not in (200, 400):
            wrong.append(f"{text!r}: {status}")
    return {"asked": count, "statuses": dict(statuses), "wrong": wrong}


def copy_to_another_project(installation: Installation) -> int:
    """The same rows once more under another project; returns the id of the first."""
    with psycopg.connect(installation.database_url, autocommit=True) as link:
        row = link.execute("select id from accounts_project where slug = 'bench'").fetchone()
        assert row is not None
        project_id = int(row[0])
        for table in COPIED:
            link.execute(
                f"insert into {table} select (jsonb_populate_record(null::{table}, to_jsonb(t) || "
                f"jsonb_build_object('project_id', project_id + {OTHER}, "
                f"'trace_id', trace_id || '{MARK}'))).* from {table} t where project_id = %s",
                [project_id],
            )
        link.execute("vacuum analyze")
    return project_id


def main() -> None:
    """Fill an installation of its own, try everything and print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parsed", type=int, default=100_000)
    parser.add_argument("--run", type=int, default=3_000)
    parser.add_argument("--asked", type=int, default=300)
    parser.add_argument("--spans", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with running() as installation:
        fill(installation, chosen.spans)
        project_id = copy_to_another_project(installation)
        use_settings_of(installation)
        import django

        django.setup()
        is_good = True
        parts: list[Callable[[], dict[str, Any]]] = [
            lambda: read_and_compile(chosen.parsed, chosen.seed, project_id),
            lambda: run(chosen.run, chosen.seed + 1, project_id),
            lambda: ask(installation.url, chosen.asked, chosen.seed + 2),
        ]
        for part in parts:
            report = part()
            is_good &= not report["wrong"]
            report["wrong"] = report["wrong"][:20]
            print(json.dumps(report, ensure_ascii=False), flush=True)
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
