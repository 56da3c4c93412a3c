"""Pages of costs over 90 days at ten million spans: server times, weight, statements.

    python -m bench.cost_pages [--spans 10000000] [--times 40] [--data DIR] [--only WORD …]
                               [--processor] [--before]

Fills the roll-ups as `bench.seeding` does with so many spans in the last 90 days: 20 features, 3
environments, 5 models of calls with 5 versions of a prompt each, embeddings, tools and retrievers,
200 users; with `--before` the same once more in the 90 days before. The pages read roll-ups and no
spans, and how many rows these have hardly depends on the spans. `--processor` counts processor time
of view and database in place of the time that passes, for busy machines. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import psycopg

from bench.browse import Browser, measure
from bench.installation import Installation, running, use_settings_of
from bench.totals import fill_totals

DAYS = 90
DIMENSIONS = ("feature", "model", "environment", "user", "prompt")
_SUMS = "in_uncached, in_cached, in_cache_write, in_audio, out_text, out_reasoning, out_audio"
# Kind 1 are calls, 2 embeddings, 4 to 9 what has no model.
_HOURS = f"""
insert into usage_hour (project_id, hour, environment, feature, model, provider, prompt_name,
  prompt_version, kind, sampled, spans, errors, calls, unpriced, {_SUMS}, cost_nano,
  evaluator_nano, duration_us, lat_b, lat_n, fresh)
select %(project)s, date_trunc('hour', now(), 'UTC') - h * interval '1 hour', e,
  'feature-' || f, k.model, k.provider, case when k.kind = 1 then 'prompt-' || f else '' end,
  case when k.kind = 1 then v::text else '' end, k.kind, false, %(each)s, 0,
  case when k.kind < 3 then %(each)s else 0 end, 0, 900 * %(each)s, 100 * %(each)s, 0, 0,
  case when k.kind = 1 then 120 * %(each)s else 0 end, 0, 0,
  case when k.kind = 1 then 2500000::int8 * %(each)s * (20 - f) / 10 else 0 end, 0,
  1000000::int8 * %(each)s, array[40], array[%(each)s], false
from generate_series(0, %(days)s * 24 - 1) h, generate_series(0, 19) f,
  unnest(array['production', 'staging', 'development']) e,
  (values ('gpt-4o', 'openai', 1), ('gpt-4o-mini', 'openai', 1),
    ('claude-sonnet-4-5', 'anthropic', 1), ('gpt-5-mini', 'openai', 1),
    ('gemini-2.5-flash', 'google', 1), ('text-embedding-3-small', 'openai', 2), ('', '', 4),
    ('', '', 5), ('', '', 6), ('', '', 9)) k (model, provider, kind),
  generate_series(1, 5) v
where (v = 1 or k.kind = 1) and (h + f + v + k.kind + length(e) + length(k.model)) %% 3 = 0
"""
_DAYS = f"""
insert into usage_day (project_id, day, environment, feature, model, provider, kind, sampled, spans,
  errors, calls, unpriced, {_SUMS}, cost_nano, evaluator_nano, duration_us, lat_b, lat_n)
select project_id, (hour at time zone 'UTC')::date - back, environment, feature, model, provider,
  kind, sampled, sum(spans), 0, sum(calls), 0, sum(in_uncached), sum(in_cached), 0, 0,
  sum(out_text), 0, 0, sum(cost_nano), 0, sum(duration_us), min(lat_b), array[sum(spans)::int8]
from usage_hour, unnest(%(back)s::int[]) back where project_id = %(project)s
group by 1, 2, 3, 4, 5, 6, 7, 8
"""
_USERS = """
insert into user_day (project_id, day, environment, user_id, sampled, traces, errors, calls,
  metered, unpriced, tokens_in, tokens_out, cost_nano, duration_us, fresh)
select %(project)s, current_date - d, e, 'user-' || u, false, 20, 1, 40, 40, 0, 40000, 5000,
  90000000, 60000000, false
from generate_series(0, 2 * %(days)s - 1) d, generate_series(1, 200) u,
  unnest(array['production', 'staging', 'development']) e
"""
_COUNT = "select count(*), coalesce(sum(spans), 0) from usage_hour where project_id = %(project)s"


def fill(installation: Installation, spans: int, *, before: bool) -> dict[str, int]:
    """Write the roll-ups once; how many rows and spans stand."""
    with psycopg.connect(installation.database_url, autocommit=True) as link:
        row = link.execute("select id from accounts_project where slug = 'bench'").fetchone()
        assert row is not None
        rows = DAYS * 24 * 20 * 3 * 30 // 3
        given = {"project": row[0], "days": DAYS, "each": max(1, round(spans / rows))}
        given["back"] = [0, DAYS] if before else [0]
        [(standing, _)] = link.execute(_COUNT, given).fetchall()
        if not standing:
            for statement in (_HOURS, _DAYS, _USERS):
                link.execute(statement, given)
            fill_totals(link, row[0], given["back"])
            link.execute("vacuum analyze usage_hour, usage_day, user_day")
        [(hours, told)] = link.execute(_COUNT, given).fetchall()
        [(days,)] = link.execute("select count(*) from usage_day").fetchall()
        return {"spans": int(told), "usage_hour": int(hours), "usage_day": int(days)}


def processor(installation: Installation, pages: dict[str, str], times: int) -> dict[str, Any]:
    """Processor time of the view and of its database in ms, which a busy machine does not change.

    The pages are asked for inside this process, so that nothing but they is counted.
    """
    use_settings_of(installation)
    import django

    django.setup()
    from django.db import connection
    from django.test import Client

    from accounts.models import User

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get())
    with connection.cursor() as cursor:
        cursor.execute("set max_parallel_workers_per_gather = 0")
        cursor.execute("select pg_backend_pid()")
        (backend,) = cursor.fetchone()
    figures = {}
    for name, path in pages.items():
        assert client.get(path).status_code == 200
        spent = []
        for _ in range(times):
            began, database = time.process_time(), _seconds_of(backend)
            client.get(path)
            spent.append((time.process_time() - began, _seconds_of(backend) - database))
        spent.sort(key=sum)
        view, database = spent[len(spent) // 2]
        last = sum(spent[int(len(spent) * 0.95)])
        figures[name] = {
            "view_ms": round(view * 1000), "database_ms": round(database * 1000),
            "p95_ms": round(last * 1000),
        }  # fmt: skip
        print(name, figures[name], file=sys.stderr, flush=True)
    return figures


def _seconds_of(pid: int) -> float:
    """Processor time that a process of this machine has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=10_000_000)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--before", action="store_true", help="fill the days before, too")
    parser.add_argument("--processor", action="store_true", help="processor time alone")
    parser.add_argument("--only", nargs="*", default=[])
    chosen = parser.parse_args()
    if chosen.data:
        chosen.data.mkdir(parents=True, exist_ok=True)
    with running(data=chosen.data) as installation:
        figures: dict[str, Any] = {"rows": fill(installation, chosen.spans, before=chosen.before)}
        browser = Browser(installation.url)
        base = "/p/bench/costs/"
        pages = {f"overview, {text}": f"?t={text}" for text in ("90d", "28d", "month")}
        pages |= {f"spend by {by}, 90d": f"spend/?t=90d&by={by}" for by in DIMENSIONS}
        pages = {
            name: base + at
            for name, at in pages.items()
            if all(word in name for word in chosen.only)
        }
        if chosen.processor:
            figures["processor"] = processor(installation, pages, chosen.times)
        for name, at in ({} if chosen.processor else pages).items():
            figures[name] = measure(browser, at, chosen.times)
            print(name, figures[name], file=sys.stderr, flush=True)
    json.dump(figures, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
