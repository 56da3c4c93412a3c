"""The demo's leak, spike and level shift: found, with whose they are; and when its budget breaks.

    python -m bench.demo_costs [--seeds 20] [--first 1]

Tells the story of each seed, prices its spans and adds them to the figures as intake does, then
lets the product read them. Prints JSON; the exit code is 1 where one is not found, is not named, or
the day on which the budget breaks is more than two days from the true one.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import django
import zstandard
from django.db import connection

from bench.installation import running, use_settings_of

LAST = date(2026, 11, 30)
_AHEAD = 8  # days before its last that the forecast is made
_PART = 0.25  # of what is over, that the factor of its story explains
_TRACE = """
insert into trace (project_id, trace_id, start_time, end_time, duration_us, feature, user_id,
  environment, cost_nano, tokens_in, tokens_out, span_count, error_count, call_count, metered_count,
  unpriced_count, open_count, facets, ranks)
values (%s, %s, %s, %s, 0, %s, %s, %s, %s, 0, 0, 1, 0, 0, 0, 0, 0, '{}', '{}')
"""


@dataclass
class Story:
    """A project that has seen the sixty days."""

    project_id: int
    now: datetime
    by_day: dict[date, int] = field(default_factory=dict)  # nano-dollars


def tell(project_id: int, seed: int, last: date = LAST) -> Story:
    """Add the story's spans up to the end of `last` to the figures of a project."""
    from pricing.pricer import PRICER
    from traces.demo import story
    from traces.demo.calendar import Calendar
    from traces.demo.otlp import posts
    from traces.ingest.costing import price_records
    from traces.ingest.rows import written
    from traces.ingest.wire.decode import decode_otlp
    from traces.ingest.wire.limits import DEFAULT
    from traces.rollups.usage import UsageRows

    told = Story(project_id, datetime.combine(last + timedelta(days=1), datetime.min.time(), UTC))
    table, squeeze = PRICER.table(project_id), zstandard.ZstdCompressor()
    usage, traces = UsageRows(), _Traces()
    now_ns = int(told.now.timestamp()) * 10**9
    for post in posts(story.support_agent(Calendar(last), seed, now_ns)):
        batch = decode_otlp(post.body, post.content_type, limits=DEFAULT)
        price_records(batch.records, table)
        for record in batch.records:
            usage.add(written(record, project_id, squeeze).row)
            traces.add(record)
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        usage.copy_to(cursor)
        cursor.executemany(_TRACE, list(traces.rows(project_id)))
    told.by_day = traces.by_day
    return told


class _Traces:
    """What of each trace is asked for: whose it is, and what it cost."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, Any]] = {}
        self.by_day: dict[date, int] = defaultdict(int)

    def add(self, record: Any) -> None:
        """Count a span in."""
        at = datetime.fromtimestamp(record.start_ns / 1e9, UTC)
        one = self._kept.setdefault(record.trace_id, {"at": at, "cost": 0})
        one["at"] = min(one["at"], at)
        for name in ("feature", "user_id", "environment"):
            one[name] = one.get(name) or getattr(record, name)
        one["cost"] += record.cost_nano or 0
        self.by_day[at.date()] += record.cost_nano or 0

    def rows(self, project_id: int) -> Any:
        """Values of `trace`."""
        for trace_id, one in self._kept.items():
            yield (
                project_id, trace_id, one["at"], one["at"], one["feature"], one["user_id"],
                one["environment"], one["cost"],
            )  # fmt: skip


def read(told: Story) -> list[Any]:
    """Read the project's spend by hour and by day; its anomalies."""
    from accounts.models import Project
    from costs.detection.settings import DAILY, HOURLY
    from costs.models import Anomaly, SpendReading
    from costs.services.anomalies import read_project

    project = Project.objects.get(pk=told.project_id)
    # A worker that runs beside may have read while the story was told.
    for model in (SpendReading, Anomaly):
        model.objects.filter(project=project).delete()
    for grain in (HOURLY, DAILY):
        read_project(project, grain, told.now + timedelta(hours=1))
    return list(Anomaly.objects.filter(project_id=told.project_id).order_by("since"))


def misses(found: list[Any], last: date = LAST) -> list[str]:
    """What of the story was not found, or not named, in words."""
    from traces.demo.calendar import LEAK, LEAK_FIXED, MODEL_SWITCH, SCRIPT
    from traces.demo.people import SCRIPTED

    wanted = (
        ("leak", "kb-search", LEAK, LEAK_FIXED, ("prompt", "kb-answer"), "tokens"),
        ("spike", "summaries", SCRIPT, SCRIPT, ("user", SCRIPTED.user_id), "volume"),
        ("shift", "ticket-triage", MODEL_SWITCH, MODEL_SWITCH - 5, ("version", "8"), "tokens"),
    )
    missed = []
    for name, feature, first, end, (part, value), factor in wanted:
        low, high = last - timedelta(days=first), last - timedelta(days=end)
        near = [
            one for one in found
            if one.feature == feature and one.excess > 0 and low <= one.first_at.date() <= high
        ]  # fmt: skip
        if not near:
            missed.append(f"{name} of {feature}: not found")
            continue
        one = max(near, key=lambda each: each.excess)
        if not any(cause.get(part) == value for cause in one.causes):
            missed.append(f"{name} of {feature}: {part} {value} is no cause: {one.causes}")
        if one.factors and one.factors[factor] < _PART * sum(one.factors.values()):
            missed.append(f"{name} of {feature}: {factor} is no part of it: {one.factors}")
    return missed


def days_off(told: Story, last: date = LAST) -> int | None:
    """How far the forecast day of breaking is from the true one; None: it foresaw none.

    Seen from eight days before the last, a budget of the month that breaks four days later.
    """
    from accounts.models import Project
    from costs.models import Budget
    from costs.services.budgets import create_budget
    from costs.services.watching import watch_budget

    seen = last - timedelta(days=_AHEAD)
    breaks = seen + timedelta(days=4)
    first = seen.replace(day=1)
    before = sum(nano for day, nano in told.by_day.items() if first <= day < breaks)
    limit = before + told.by_day[breaks] // 2
    budget = create_budget(
        Project.objects.get(pk=told.project_id), name=f"Forecast {told.project_id}",
        scope="project", limit=limit, is_hard=False, actor=None,
    )  # fmt: skip
    watch_budget(budget.pk, datetime.combine(seen, datetime.min.time(), UTC) + timedelta(hours=1))
    foreseen = Budget.objects.get(pk=budget.pk).breaks_on
    return None if foreseen is None else abs((foreseen - breaks).days)


def main() -> int:
    """Tell and read the stories of some seeds; 1 where something is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1)
    asked = parser.parse_args()
    with running() as installation:
        use_settings_of(installation)
        django.setup()
        from accounts.models import Organization, Project

        home = Organization.objects.order_by("pk").first()
        assert home is not None
        results: list[dict[str, Any]] = []
        for seed in range(asked.first, asked.first + asked.seeds):
            began = time.monotonic()
            project = Project.objects.create(organization=home, slug=f"s{seed}", name=f"S{seed}")
            told = tell(project.pk, seed)
            found = read(told)
            results.append(
                {
                    "seed": seed,
                    "missed": misses(found),
                    "days_off": days_off(told),
                    "anomalies": [
                        f"{one.grain} {one.kind} {one.feature or 'all'} {one.first_at.date()}"
                        for one in found
                    ],
                    "seconds": round(time.monotonic() - began, 1),
                }
            )
            sys.stderr.write(json.dumps(results[-1]) + "\n")
    ok = [
        one
        for one in results
        if not one["missed"] and one["days_off"] is not None and one["days_off"] <= 2
    ]
    told_all = {
        "seeds": asked.seeds,
        "right": len(ok),
        "days_off": [one["days_off"] for one in results],
        "anomalies_each": sum(len(one["anomalies"]) for one in results) / len(results),
        "wrong": [one for one in results if one not in ok],
    }
    sys.stdout.write(json.dumps(told_all, indent=1) + "\n")
    return int(len(ok) < asked.seeds)


if __name__ == "__main__":
    sys.exit(main())
