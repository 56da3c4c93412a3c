"""How soon four loaded web processes stop to serve what was rolled back.

    python -m bench.rollbacks [--rounds 10] [--rate 200]

Each process of one installation is asked at its own port, all the while. A label is rolled back
over REST at the first of them; for each process the last answer with the version that was rolled
back counts, from the moment at which the rollback was asked for. The last round ends the
connections that hear of changes just before, so that only the epoch in the database tells. Prints
JSON; the exit code is 1 where a process took longer than a second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
import uvloop

from bench.asking import offered, request
from bench.installation import Installation, running
from bench.reads import KEY, web_process

PROCESSES = 4
NAME = "refund-agent"
ALLOWED_MS = 1000
SETTLED_SECONDS = 1.5
LONGEST_SECONDS = 600.0
_VERSION = re.compile(rb"\r\nx-prompt-version: (\d+)")


@dataclass
class Seen:
    """What one process answered: when each version was served for the last time."""

    last: dict[int, float] = field(default_factory=dict)

    def hear(self, at: float, answer: bytes) -> None:
        """Note one answer."""
        found = _VERSION.search(answer)
        assert found is not None
        self.last[int(found[1])] = at


def end_listeners(installation: Installation) -> int:
    """End the connections on which processes hear of changes; how many there were."""
    with psycopg.connect(installation.database_url, autocommit=True) as link:
        ended = link.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where query ilike 'listen %' and pid <> pg_backend_pid()"
        ).fetchall()
    return len(ended)


async def roll_back(http: httpx.AsyncClient, seen: list[Seen]) -> dict[str, Any]:
    """Roll back; milliseconds until it was answered, and until the last of version 2 came."""
    asked_at = time.perf_counter()
    done = await http.post(f"/api/v1/prompts/{NAME}/rollback", json={"label": "production"})
    answered_at = time.perf_counter()
    done.raise_for_status()
    await asyncio.sleep(SETTLED_SECONDS)
    last = [round((one.last[2] - asked_at) * 1000) for one in seen]
    assert all(one.last[1] > one.last[2] for one in seen), "a process still serves it"
    return {"answered_ms": round((answered_at - asked_at) * 1000), "last_ms": last}


async def rounds_of(
    installation: Installation, urls: list[str], *, rounds: int, rate: float
) -> dict[str, Any]:
    """Roll back again and again under load, at last with nobody listening."""
    path = f"/api/v1/prompts/{NAME}"
    async with httpx.AsyncClient(
        base_url=urls[0], headers={"Authorization": KEY}, timeout=30
    ) as http:

        async def serve(number: int) -> None:
            moved = await http.put(f"{path}/labels/production", json={"version": number})
            moved.raise_for_status()

        for text in ("Be kind.", "Be brief."):
            new = {"name": NAME, "type": "text", "prompt": text * 40}
            (await http.post("/api/v1/prompts", json=new)).raise_for_status()
        await serve(1)
        seen = [Seen() for _ in urls]
        stop = asyncio.Event()
        loads = [
            asyncio.create_task(
                offered(
                    url,
                    [[request(url, path, Authorization=KEY)]],
                    rate=rate,
                    seconds=LONGEST_SECONDS,
                    connections=8,
                    heard=one.hear,
                    stop=stop,
                )
            )
            for url, one in zip(urls, seen, strict=True)
        ]
        found: list[dict[str, Any]] = []
        for number in range(rounds + 1):
            await serve(2)
            await asyncio.sleep(SETTLED_SECONDS)
            ended = await asyncio.to_thread(end_listeners, installation) if number == rounds else 0
            found.append({"listeners_ended": ended, **await roll_back(http, seen)})
        stop.set()
        told = await asyncio.gather(*loads)
    return {
        "reads": sum(len(one.waited) for one in told),
        "failed": sum(one.failed for one in told),
        "p99_ms": [round(one.percentile(0.99), 1) for one in told],
        "worst_ms": max(ms for one in found[:-1] for ms in one["last_ms"]),
        "worst_unheard_ms": max(found[-1]["last_ms"]),
        "rounds": found,
    }


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--rate", type=float, default=200.0, help="reads a second and process")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        installation = stack.enter_context(running(WEB_PROCESSES="1"))
        urls = [stack.enter_context(web_process(installation))[0] for _ in range(PROCESSES)]
        figures = uvloop.run(rounds_of(installation, urls, rounds=chosen.rounds, rate=chosen.rate))
    json.dump(figures, sys.stdout, indent=2)
    print()
    worst = max(figures["worst_ms"], figures["worst_unheard_ms"])
    return 1 if figures["failed"] or worst > ALLOWED_MS else 0


if __name__ == "__main__":
    sys.exit(main())
