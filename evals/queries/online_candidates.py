"""Live traces that a rule looks at: settled ones that match, drawn by a hash of their id."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from evals.models import Judgement, OnlineRule
from gateway.client import PLATFORM_FEATURE
from traces.models import DigestQueue, Trace
from traces.queries.criteria import Criteria, matching, plan_of
from traces.queries.patience import Clock
from traces.queries.summaries import COLUMNS, summary
from traces.queries.verifying import Candidate, answered, matches
from traces.query import EVERYTHING, parse
from traces.query.compiling import PLATFORM_ENVIRONMENT

# Spans of a trace come for as long as it runs, and late senders come later still: what began so
# long ago is looked at again until it is settled. A trace that is later than this is not judged.
LOOKBACK = timedelta(hours=1)
SETTLED_AFTER = timedelta(seconds=10)  # a trace is settled 3 s after its last write
# A trace whose root has not come by then is judged as it is.
ROOT_AWAITED = timedelta(minutes=15)
MOST_A_SCAN = 500
_DRAWS = 2**32


class _Draw(Func):
    """A number from 0 to 2^32 that belongs to a trace and a rule: the same at every look."""

    template = "('x' || substr(md5(%(expressions)s), 1, 8))::bit(32)::bigint"
    output_field = BigIntegerField()


@dataclass(frozen=True, slots=True)
class Look:
    """The traces found, the oldest first; `to`: up to where all have been looked at."""

    trace_ids: list[str]
    to: datetime


def looked_from(moment: datetime) -> datetime:
    """What `scanned_to` says of a rule that judges what begins from `moment` on, nothing before."""
    return moment + LOOKBACK


def is_drawn(rule_id: int, trace_id: str, share: Decimal) -> bool:
    """Whether a trace is in a rule's sample; the database draws the same."""
    digest = hashlib.md5(f"{rule_id}:{trace_id}".encode(), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16) < _limit(share)


def look(rule: OnlineRule, now: datetime) -> Look:
    """What `rule` is to judge of what settled since its last look, at most MOST_A_SCAN.

    A trace that was judged for the rule before, by whatever version, is not found again.
    """
    end = now - SETTLED_AFTER
    criteria = Criteria(
        since=(rule.scanned_to or looked_from(rule.created_at)) - LOOKBACK,
        until=end,
        environment=rule.environment,
        feature=rule.feature,
        query=parse(rule.query) if rule.query.strip() else EVERYTHING,
    )
    plan = plan_of(rule.project_id, criteria)
    rows, names = answered(_settled(rule, matching(rule.project_id, criteria), now), plan)
    rows = rows.order_by("start_time", "trace_id")
    width = len(COLUMNS)
    found = [tuple(row) for row in rows.values_list(*COLUMNS, *names)[: MOST_A_SCAN + 1]]
    cut, found = len(found) > MOST_A_SCAN, found[:MOST_A_SCAN]
    candidates = [
        Candidate(summary(row[:width]), row[1], tuple(map(bool, row[width:]))) for row in found
    ]
    ids = _verified(plan, candidates)
    last = candidates[-1].row.start_time if candidates else end
    # What is cut off begins no earlier than the last one: the next look finds it.
    return Look(ids, min(last + LOOKBACK, end) if cut else end)


def _settled(rule: OnlineRule, rows: QuerySet[Trace], now: datetime) -> QuerySet[Trace]:
    waiting = DigestQueue.objects.filter(
        project_id=OuterRef("project_id"), trace_id=OuterRef("trace_id")
    )
    judged = Judgement.objects.filter(
        project_id=rule.project_id, rule=rule, trace_id=OuterRef("trace_id")
    )
    whole = Q(root_ok__isnull=False) | Q(start_time__lt=now - ROOT_AWAITED)
    return (
        rows.filter(whole)
        .exclude(environment=PLATFORM_ENVIRONMENT)
        .exclude(feature=PLATFORM_FEATURE)
        .alias(draw=_Draw(Concat(Value(f"{rule.pk}:"), F("trace_id"))))
        .filter(~Exists(waiting), ~Exists(judged), draw__lt=_limit(rule.share))
    )


def _verified(plan: Any, candidates: Sequence[Candidate]) -> list[str]:
    clock = Clock(soft=60.0, hard=60.0)
    hits = matches(plan, candidates, clock)
    return [one.row.trace_id for one, is_hit in zip(candidates, hits, strict=True) if is_hit]


def _limit(share: Decimal) -> int:
    return int(Decimal(share) * _DRAWS)
