"""The removal of traces that are sampled away.

What stands in the figures by hour of a removed trace moves there from kept to sampled, in the
transaction that deletes it: sums over both are what arrived.
"""

from __future__ import annotations

import time
from datetime import timedelta

import psycopg
from django.utils import timezone
from prometheus_client import Counter

from kit.connections import own_connection
from kit.live import announce
from traces.live import group_of
from traces.models import SampledTrace
from traces.sampling.removal import MOST_TRACES, sample

TRACES = Counter("roadworthy_sampled_traces", "Traces that were sampled away")
SPANS = Counter("roadworthy_sampled_spans", "Spans that were sampled away")
REMEMBERED = timedelta(days=2)
_LOCK = 0x73616D70  # advisory lock: one process samples at a time


def sample_traces(*, seconds: float = 20.0) -> int:
    """Remove what is due, for at most `seconds`; returns how many traces.

    Does nothing where another process is at it. May run twice, late or never: candidates wait.
    """
    until = time.monotonic() + seconds
    removed = 0
    touched: set[int] = set()
    with own_connection() as link:
        row = link.execute("select pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
        if row is None or not row[0]:
            return 0
        while time.monotonic() < until:
            try:
                done = sample(link)
            except psycopg.errors.DeadlockDetected:  # with a writer: it goes on, we try again
                continue
            removed += sum(done.traces.values())
            TRACES.inc(sum(done.traces.values()))
            SPANS.inc(sum(done.spans.values()))
            touched |= set(done.traces) | set(done.spans)
            if done.looked_at < MOST_TRACES:
                break
    for project_id in sorted(touched):
        announce(group_of(project_id), {"type": "project.changed", "changed": ["traces"]})
    return removed


def forget_sampled_traces() -> int:
    """Forget which traces went more than two days ago; returns how many."""
    return SampledTrace.objects.filter(at__lt=timezone.now() - REMEMBERED).delete()[0]
