"""Five hundred alert rules over a million spans: how long one look at all of them takes.

    python -m bench.alert_rules [--spans 1000000] [--rules 500] [--days 2] [--times 5] [--data DIR]

The spans lie in the last days before midnight (`bench.seeding`), so that each window is full. Three
lots of rules are made, and all of them are let look in one process, as beat does each minute, the
last at midnight: a mix as people write it, of which some are due each minute; the same with every
rule due at once; and the worst that the editor allows, where no two rules have a scope in common
and each scope reads what neither figures by hour nor groups of alike traces know. Prints JSON:
seconds by lot on the clock and of one core, how many looked, and how many could not; the exit code
is 1 where a minute takes ten seconds of a core.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.browse import fill
from bench.installation import running

MOST_SECONDS = 10.0
MODELS = ("gpt-4o", "gpt-4o-mini", "claude-sonnet-4-5", "claude-haiku-4-5")


def said_of(number: int) -> dict[str, Any]:
    """A rule as people write them: features and environments, a few windows, all kinds."""
    feature, minutes = f"feature-{number % 20}", (5, 15, 15, 60, 60, 360, 1440)[number % 7]
    scope = (
        f"feature:{feature}", f"feature:{feature} env:production", "env:production",
        f"feature:{feature} model:{MODELS[number % 4]}", f"name:agent.feature_{number % 20}", "",
        f"env:staging -feature:{feature}",
    )[number // 7 % 7]  # fmt: skip
    metric: dict[str, Any] = (
        {"metric": "error_rate", "amount": Decimal("0.5")},
        {"metric": "p95", "amount": 60_000_000},
        {"metric": "cost", "amount": 10**15},
        {"metric": "requests", "condition": "silent"},
        {"metric": "score_missed", "score": "helpfulness", "score_bar": 0.01, "amount": 0.9},
        {"metric": "thumbs_down", "amount": 0.9},
        {"metric": "tokens_per_request", "amount": 10**9},
        {"metric": "error_rate", "condition": "rises", "baseline": "day", "amount": 50},
        {"metric": "ttft_p95", "amount": 60_000_000},
        {"metric": "requests", "condition": "falls", "baseline": "median", "amount": 1},
    )[number % 10]
    return {"scope": scope, "window_minutes": minutes, "least": 20, **metric}


def worst_of(number: int) -> dict[str, Any]:
    """No two alike: each scope reads what no figure by hour knows, many of them spans."""
    scope = (
        f"user:user-{number} status:error", f"latency>{number + 9}ms", f"cost>${number / 1e5:.5f}",
        f"span(kind:tool latency>{number + 1}ms)", f"score.helpfulness<{number / 1000 + 0.1:.3f}",
        f"prompt:prompt-{number}/3 OR model:gpt-4o", f"-session:s-{number} tokens>{number * 10}",
        f"span(provider:openai cost>${number / 1e6:.6f}) -tag:t{number}",
    )[number % 8]  # fmt: skip
    metric: dict[str, Any] = (
        {"metric": "error_rate", "amount": Decimal("0.9")},
        {"metric": "ttft_p95", "amount": 10**12},
        {"metric": "score_missed", "score": "helpfulness", "score_bar": number / 1000, "amount": 1},
        {"metric": "fluent_wrong", "score": "helpfulness", "score_bar": 0.1, "other": "thumbs",
         "other_bar": number / 1000, "amount": 1},
        {"metric": "matching", "match": f"latency>{number}s", "amount": 1},
    )[number % 5]  # fmt: skip
    change: dict[str, Any] = {}
    if metric["metric"] == "error_rate":
        change = {"condition": "rises", "baseline": "median", "baseline_days": 14, "amount": 90}
    minutes = (5, 10, 15, 30, 60)[number % 5]
    return (
        {"scope": scope, "window_minutes": minutes, "windows": 3, "breaches": 3} | metric | change
    )


def main() -> int:
    """Measure, print, and say by the exit code whether a minute is enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=1_000_000)
    parser.add_argument("--rules", type=int, default=500)
    parser.add_argument("--days", type=int, default=2)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    with running(given.data) as installation:
        spans = fill(installation, given.spans, content=0, over=given.days)
        found = _measured(given.rules, given.times)
    print(json.dumps({"spans": spans, "days": given.days, "rules": given.rules, **found}))
    return int(
        any(lot["seconds of one core"] >= MOST_SECONDS or lot["failed"] for lot in found.values())
    )


def _measured(rules: int, times: int) -> dict[str, Any]:
    from accounts.models import Project
    from kit.jobs import alone

    project = Project.objects.select_related("organization").get(slug="bench")
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight - timedelta(minutes=times)
    with alone("alerts.watch_rules"):  # the worker of the installation does not look meanwhile
        return {
            "a mix, minute by minute": _lot(project, said_of, rules, times, start, all_due=False),
            "a mix, all at once": _lot(project, said_of, rules, times, start, all_due=True),
            "the worst": _lot(project, worst_of, rules, times, start, all_due=True),
        }


def _lot(
    project: Any, say: Callable[[int], dict[str, Any]], rules: int, times: int, start: Any,
    *, all_due: bool,
) -> dict[str, Any]:  # fmt: skip
    """The median of some looks at one lot of rules."""
    from alerts.models import AlertRule, RuleEvent
    from alerts.services.rule_watch import watch_rules
    from alerts.services.rules import create_rule

    RuleEvent.objects.filter(rule__project=project).delete()
    AlertRule.objects.filter(project=project).delete()
    for number in range(rules):
        told = {"condition": "above", "name": f"rule {number}", **say(number)}
        create_rule(project, actor=None, **told)
    AlertRule.objects.filter(project=project).update(next_at=start)
    took, cpu, cores, looked, failed = [], [], [], 0, 0
    for minute in range(times + 1):
        now = start + timedelta(minutes=minute)
        if all_due:
            AlertRule.objects.filter(project=project).update(next_at=start)
        began, used, database = time.perf_counter(), time.process_time(), _database_seconds()
        watched = watch_rules(now)
        if minute:  # the first warms up
            took.append(time.perf_counter() - began)
            cpu.append(time.process_time() - used)
            cores.append(cpu[-1] + _database_seconds() - database)
            looked, failed = looked + watched.looked, failed + watched.failed
    return {
        "seconds": round(sorted(took)[len(took) // 2], 2),
        "most": round(max(took), 2),
        "seconds of one core": round(sorted(cores)[len(cores) // 2], 2),
        "of it python": round(sorted(cpu)[len(cpu) // 2], 2),
        "looked": looked // times,
        "failed": failed,
    }


def _database_seconds() -> float:
    """What the database's process of this connection has used of a core, on the same machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        [pid] = cursor.fetchone()
    spent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
