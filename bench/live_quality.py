"""The page of quality over long ranges: server times and weight with full roll-ups.

    python -m bench.live_quality [--days 365] [--times 30] [--features 8] [--data DIR]

Fills the roll-ups of a project as traffic does that stays for so many days: by day 8 features, 8
scores, 2 prompt versions, 2 models; by hour the calls of 8 features, 3 models, 4 versions of
prompts. Their number of rows depends on these and not on how many spans there were, so these are
the times at ten million spans as well. A schedule with a run a day stands beside. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import psycopg

from bench.browse import Browser, measure
from bench.installation import Installation, running
from bench.totals import fill_totals

_SCORES = """
insert into score_day (project_id, day, environment, feature, name, source, data_type, label,
  evaluator, prompts, models, n, weight, weight_squares, total, squares, thumbs, down, fresh)
select %(project)s, current_date - d, 'production', 'feature-' || f, 'score-' || s,
  case when s = 7 then 'user' else 'judge' end, case when s > 5 then 'boolean' else 'number' end,
  '', case when s = 7 then '' else (1 + (d < 100)::int)::text end,
  array['answer-' || f || '/' || (p + 2 * (d < 60)::int)], array['model-' || m],
  40, 40, 40, 40 * (0.8 + 0.02 * sin(d + s)), 40 * (0.66 + 0.02 * sin(d + s)),
  case when s = 7 then 40 else 0 end, case when s = 7 then 3 else 0 end, false
from generate_series(0, %(days)s - 1) d, generate_series(0, %(features)s - 1) f,
  generate_series(0, 7) s, generate_series(1, 2) p, generate_series(1, 2) m
"""
_HOURS = """
insert into usage_hour (project_id, hour, environment, feature, model, provider, prompt_name,
  prompt_version, kind, sampled, spans, errors, calls, unpriced, in_uncached, in_cached,
  in_cache_write, in_audio, out_text, out_reasoning, out_audio, cost_nano, evaluator_nano,
  duration_us, lat_b, lat_n, fresh)
select %(project)s, date_trunc('hour', now(), 'UTC') - h * interval '1 hour', 'production',
  'feature-' || f, 'model-' || m, 'openai', 'answer-' || f, p::text, 1, false, 60, 1, 60, 0, 1000,
  0, 0, 0, 100, 0, 0, 1000000, 0, 60000000, array[30,31,32,33,34,35,36,37,38,39,40,41],
  array[5,5,5,5,5,5,5,5,5,5,5,5], false
from generate_series(0, %(days)s * 24 - 1) h, generate_series(0, %(features)s - 1) f,
  generate_series(1, 3) m, generate_series(1, 4) p
"""
_DAYS = """
insert into usage_day (project_id, day, environment, feature, model, provider, kind, sampled, spans,
  errors, calls, unpriced, in_uncached, in_cached, in_cache_write, in_audio, out_text,
  out_reasoning, out_audio, cost_nano, evaluator_nano, duration_us, lat_b, lat_n)
select project_id, (hour at time zone 'UTC')::date, environment, feature, model, provider, kind,
  sampled, sum(spans), sum(errors), sum(calls), 0, sum(in_uncached), 0, 0, 0, sum(out_text), 0, 0,
  sum(cost_nano), 0, sum(duration_us), min(lat_b), array_fill(sum(spans)::int8 / 12, array[12])
from usage_hour where project_id = %(project)s group by 1, 2, 3, 4, 5, 6, 7, 8
"""
_WATCHED = """
insert into evals_textwatch (project_id, feature, inputs, outputs, method, provider, model,
  runs_gates, is_enabled, created_at)
select %(project)s, 'feature-' || f, true, true, 'pieces', '', '', false, false, now()
from generate_series(0, 1) f
"""
_TEXTS = """
insert into evals_textday (watch_id, side, day, state, due_at, attempts, error, way, n, reference_n,
  p, share, expected, distance, said, successive, examples)
select w.id, s, current_date - date '0001-01-01' + 1 - d, 'done', now(), 1, '', 'pieces', 500, 1000,
  0.4, 0.6, 0.6, 0.05, 'same', 0, '{}'
from evals_textwatch w, generate_series(1, %(days)s) d, unnest(array['input', 'output']) s
where w.project_id = %(project)s
"""


def fill(installation: Installation, days: int, features: int) -> dict[str, int]:
    """Write the roll-ups once; how many rows stand."""
    with psycopg.connect(installation.database_url, autocommit=True) as link:
        row = link.execute("select id from accounts_project where slug = 'bench'").fetchone()
        assert row is not None
        given = {"project": row[0], "days": days, "features": features}
        [(standing,)] = link.execute("select count(*) from score_day").fetchall()
        if not standing:
            for statement in (_SCORES, _HOURS, _DAYS, _WATCHED, _TEXTS):
                link.execute(statement, given)
            fill_totals(link, row[0], [0])
            link.execute("vacuum analyze")
        return {
            table: int(link.execute(f"select count(*) from {table}").fetchall()[0][0])
            for table in ("score_day", "usage_hour", "usage_day", "evals_textday")
        }


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--features", type=int, default=8)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--data", type=Path)
    chosen = parser.parse_args()
    if chosen.data:
        chosen.data.mkdir(parents=True, exist_ok=True)
    with running(data=chosen.data) as installation:
        figures: dict[str, Any] = {"rows": fill(installation, chosen.days, chosen.features)}
        browser = Browser(installation.url)
        base = "/p/bench/quality/"
        for days in (30, 90, 365):
            for name, query in (("all", ""), ("one feature", "&feature=feature-3")):
                at = f"?days={days}{query}"
                figures[f"page, {name}, {days} d"] = measure(browser, base + at, chosen.times)
                figures[f"latency, {name}, {days} d"] = measure(
                    browser, f"{base}latency/{at}", chosen.times, **{"HX-Request": "true"}
                )
    json.dump(figures, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
