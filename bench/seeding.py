"""A project with any number of spans, made in the database: sixty days, a fifth in the last week.

Three environments, twenty features, two hundred users with heavy tails, eight spans a trace. The
totals of traces, the figures by hour and the index of words are those that intake would have made.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import psycopg
import zstandard

DAYS = 60
LAST_DAYS, LAST_SHARE = 7, 0.2
POOL = 2000  # distinct texts of calls
SPANS_PER_TRACE = 8
VOCABULARY = 20_000
_STATEMENTS = (Path(__file__).parent / "seeding.sql").read_text()
_POOL = """
create temp table seed_pool (n int primary key, size int, body bytea, words int[]);
create or replace aggregate array_cat_agg(anycompatiblearray)
  (sfunc = array_cat, stype = anycompatiblearray, initcond = '{}')
"""


def seed(
    link: psycopg.Connection[Any],
    project_id: int,
    spans: int,
    *,
    content: int = 100,
    over: int = DAYS,
) -> int:
    """Make about `spans` spans, `content` percent of the traces with content; returns how many.

    `over` so many days; over a week or less as many on each.
    `link` is in autocommit. Partitions are made; the settings of the product must be configured.
    """
    from traces import partitions
    from traces.rollups import compaction, repair, users

    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight - timedelta(days=back) for back in range(over, 0, -1)]
    partitions.make(link, days)
    link.execute("set synchronous_commit = off")
    link.execute("set work_mem = '256MB'")
    for statement in _POOL.split(";"):
        link.execute(statement)
    _fill_pool(link, project_id)
    traces = spans // SPANS_PER_TRACE
    offset = 1
    for place, day in enumerate(days):
        is_last = place >= over - LAST_DAYS
        share = LAST_SHARE / LAST_DAYS if is_last else (1 - LAST_SHARE) / (over - LAST_DAYS)
        share = share if over > LAST_DAYS else 1 / over
        wanted = max(1, round(traces * share))
        values = {
            "project": project_id,
            "day": day,
            "traces": wanted,
            "offset": offset,
            "content": content,
            "pool": POOL,
        }
        for statement in _STATEMENTS.split(";\n"):
            if statement.strip():
                link.execute(statement, values)
        offset += wanted
    link.execute("reset synchronous_commit")
    link.execute("vacuum analyze")
    for place in range(0, over, 10):
        repair.compare(link, days[place], days[place] + timedelta(days=10))
    for day in days:
        users.compare_users(link, day.date())
    compaction.fold(link)
    users.fold_users(link)
    link.execute("vacuum analyze usage_hour, usage_day, trace_hour, trace_counted, trace_words")
    return (offset - 1) * SPANS_PER_TRACE


def vocabulary() -> list[str]:
    """The words that are said, the most frequent first."""
    return [f"{'bcdfgklmnprst'[number % 13]}{number:x}word" for number in range(VOCABULARY)]


def _fill_pool(link: psycopg.Connection[Any], project_id: int) -> None:
    from traces.search.words import word_hashes

    chance, words = random.Random(1), vocabulary()
    compress = zstandard.ZstdCompressor(level=1).compress
    with link.cursor() as cursor, cursor.copy("copy seed_pool from stdin") as copy:
        for number in range(-1, POOL):
            document: dict[str, Any] = {"attributes": {"service.name": "bench", "tier": "gold"}}
            hashes: list[int] = []
            if number >= 0:
                # Zipf-like: few words everywhere, most of them rare.
                said = [words[int(VOCABULARY * chance.random() ** 4)] for _ in range(160)]
                asked, answered = " ".join(said[:100]), " ".join(said[100:])
                document |= {
                    "input": [{"role": "user", "parts": [{"type": "text", "content": asked}]}],
                    "output": [
                        {"role": "assistant", "parts": [{"type": "text", "content": answered}]}
                    ],
                    "attributes": {"tier": ("gold", "silver", "free")[number % 3], "region": "eu"},
                }
                hashes = word_hashes(f"user assistant text {asked} {answered}", project_id)
            body = orjson.dumps(document)
            packed = "\\x" + compress(body).hex()
            listed = "{" + ",".join(map(str, hashes)) + "}"
            copy.write_row((number, len(body), packed, listed))
