"""Ten thousand reservations at once against a hard budget that allows a thousand.

    python -m bench.budgets [--asks 10000] [--clients 200] [--allowed 1000] [--kills 3] [--tree DIR]

Each client asks with an id of its own and asks again where it got no answer; the web process is
killed meanwhile. A part of what got through is settled. Prints JSON, with the CPU of web processes
and PostgreSQL for a call; the exit code is 1 where another number got through than allowed, or the
books say something else. `--tree` is a checkout of another commit whose code is to run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import aiohttp
import psycopg

from bench.before import cpu_seconds
from bench.faults import kill, web_processes
from bench.installation import SECRET_KEY, Installation, running

EACH = Decimal("0.001")
NANO = 10**9
LONGEST_SECONDS = 900.0
_BOOKS = """
select (select coalesce(sum(settled), 0) from costs_budgetuse where budget_id = %(pk)s),
  (select coalesce(sum(reserved), 0) from costs_budgetuse where budget_id = %(pk)s),
  (select coalesce(sum(nano), 0) from costs_reservation where state = 'reserved'),
  (select coalesce(sum(settled_nano), 0) from costs_reservation where state = 'settled'),
  (select count(*) from costs_reservation)
"""


@dataclass
class Told:
    """What was answered, by status, and to whom yes was said."""

    statuses: Counter[int] = field(default_factory=Counter)
    reserved: list[str] = field(default_factory=list)
    again: int = 0  # asks without an answer
    reason: str = ""


async def _until_answered(
    http: aiohttp.ClientSession, path: str, body: dict[str, Any], told: Told
) -> tuple[int, Any]:
    """Status and document: asked until there is an answer of the product's; busy is none."""
    while True:
        try:
            async with http.post(path, json=body) as answer:
                if answer.status < 500:
                    return answer.status, await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError):
            pass
        told.again += 1
        await asyncio.sleep(0.2)


async def _client(
    http: aiohttp.ClientSession, number: int, asks: int, told: Told, chance: random.Random
) -> None:
    for place in range(asks):
        body = {"id": f"c{number}-{place}", "amount_usd": str(EACH), "feature": "bench"}
        status, said = await _until_answered(http, "/api/v1/budgets/reserve", body, told)
        told.statuses[status] += 1
        if status == 201:
            told.reserved.append(body["id"])
            if chance.random() < 0.5:
                spent = {"id": body["id"], "amount_usd": str(EACH)}
                done, _ = await _until_answered(http, "/api/v1/budgets/settle", spent, told)
                if done != 200:
                    told.statuses[done] += 1
        elif not told.reason:
            told.reason = said["detail"]


async def _kills(installation: Installation, number: int, asks: int, told: Told) -> int:
    """Spread over the first two thirds of the answers, whatever time these take."""
    done = 0
    for place in range(number):
        while told.statuses.total() < asks * (place + 0.5) / number * 2 / 3:
            await asyncio.sleep(0.02)
        pids = web_processes(installation)
        done += bool(pids and kill(pids[0]))
    return done


async def _trial(
    installation: Installation, asks: int, clients: int, allowed: int, kills: int
) -> dict[str, Any]:
    chance, told = random.Random(1), Told()
    pk = _make_budget(installation, EACH * allowed)
    async with aiohttp.ClientSession(
        base_url=installation.url,
        connector=aiohttp.TCPConnector(limit=clients),
        timeout=aiohttp.ClientTimeout(60),
        headers={"Authorization": f"Bearer {SECRET_KEY}"},
    ) as http:
        before = sum(cpu_seconds(installation.process.pid).values())
        began = time.perf_counter()
        each = [asks // clients + (place < asks % clients) for place in range(clients)]
        work = asyncio.gather(
            *(_client(http, place, count, told, chance) for place, count in enumerate(each))
        )
        killed, _ = await asyncio.wait_for(
            asyncio.gather(_kills(installation, kills, asks, told), work), LONGEST_SECONDS
        )
        seconds = time.perf_counter() - began
        used = sum(cpu_seconds(installation.process.pid).values()) - before
    return {
        "asks": asks, "clients": clients, "seconds": round(seconds, 1),
        "asks_a_second": round(asks / seconds), "cpu_ms_a_call": round(used / asks * 1000, 2),
        "killed": killed, "asked_again": told.again,
        "statuses": dict(told.statuses), "reason": told.reason,
        **_books(installation, pk, told, allowed),
    }  # fmt: skip


def _make_budget(installation: Installation, limit: Decimal) -> int:
    with psycopg.connect(installation.database_url, autocommit=True) as link:
        row = link.execute(
            "insert into costs_budget (organization_id, project_id, name, scope, value, unit, "
            '"period", "limit", is_hard, is_enabled, note, created_at) '
            "select organization_id, id, 'Trial', 'feature', 'bench', 'money', 'month', %s, true, "
            "true, '', now() from accounts_project where slug = 'bench' returning id",
            [int(limit * NANO)],
        ).fetchone()
    assert row is not None
    return int(row[0])


def _books(installation: Installation, pk: int, told: Told, allowed: int) -> dict[str, Any]:
    with psycopg.connect(installation.database_url) as link:
        row = link.execute(_BOOKS, {"pk": pk}).fetchone()
    assert row is not None
    settled, reserved, open_nano, ended_nano, rows = (int(one) for one in row)
    limit = int(EACH * allowed * NANO)
    wrong = []
    if len(set(told.reserved)) != allowed:
        wrong.append(f"{len(set(told.reserved))} got through, not {allowed}")
    if rows != allowed:
        wrong.append(f"{rows} reservations stand, not {allowed}")
    if settled + reserved > limit:
        wrong.append(f"{settled + reserved} are settled and reserved of {limit}")
    if (settled, reserved) != (ended_nano, open_nano):
        wrong.append("the uses say something else than the reservations")
    if set(told.statuses) - {201, 402}:
        wrong.append("other answers than 201 and 402")
    return {
        "settled_nano": settled, "reserved_nano": reserved, "limit_nano": limit, "wrong": wrong,
    }  # fmt: skip


def trial(asks: int, clients: int, allowed: int, kills: int, tree: str = "") -> dict[str, Any]:
    """Run it in an installation of its own."""
    with running(tree=tree) as installation:
        return asyncio.run(_trial(installation, asks, clients, allowed, kills))


def main() -> int:
    """Run the trial."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--asks", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--allowed", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--tree", default="")
    asked = parser.parse_args()
    told = trial(asked.asks, asked.clients, asked.allowed, asked.kills, asked.tree)
    json.dump(told, sys.stdout, indent=1)
    return int(bool(told["wrong"]))


if __name__ == "__main__":
    sys.exit(main())
