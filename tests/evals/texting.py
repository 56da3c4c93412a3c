"""Traffic of a feature with texts about known topics, and days that go by for a watch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import Project
from bench.drift_texts import Traffic
from evals.models import TextWatch
from evals.services.text_days import compare_next, plan_days
from evals.services.text_watches import WantedWatch, create_watch
from tests.traces.seeing import store
from traces.ingest.record import Kind, SpanRecord

TODAY = datetime.now(UTC).replace(hour=3, minute=0, second=0, microsecond=0)


def day_of(ago: int) -> int:
    """The day so many days ago."""
    return (TODAY - timedelta(days=ago)).date().toordinal()


def asked(
    project: Project, ago: int, texts: Sequence[str], *, feature: str = "support", tag: str = ""
) -> None:
    """A trace a text, spread over a day so many days ago."""
    start = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC) - timedelta(days=ago)
    step = timedelta(days=1) / (len(texts) + 1)
    made = []
    for place, text in enumerate(texts):
        at = int((start + step * (place + 1)).timestamp() * 1e9)
        made.append(
            SpanRecord(
                trace_id=f"d{ago}{tag}-{place}", span_id="root", start_ns=at, end_ns=at + 10**9,
                kind=Kind.SPAN, name="ask", feature=feature, environment="production",
                input=text, output=f"It is so: {text[:40]}",
            )
        )  # fmt: skip
    for at in range(0, len(made), 400):
        store(project, *made[at : at + 400])


def month(
    project: Project, share: float = 0.5, *, old: int = 1, new: int = 2, many: int = 240
) -> None:
    """`old` days of the usual topics, then `new` days up to yesterday with a share of new ones."""
    traffic = Traffic(4)
    for ago in range(old + new, 0, -1):
        asked(project, ago, traffic.texts(traffic.topics(many, 0.0 if ago > new else share)))


def watched(project: Project, **more: Any) -> TextWatch:
    """A watch of inputs, as if it had been made some days ago."""
    given = {"feature": "support", "outputs": False, **more}
    return create_watch(project, WantedWatch(**given), actor=None)


def look(watch: TextWatch, first_ago: int) -> None:
    """What the task does on each morning from so many days ago on."""
    TextWatch.objects.filter(pk=watch.pk).update(created_at=TODAY - timedelta(days=first_ago - 1))
    for ago in range(first_ago - 1, -1, -1):
        now = TODAY - timedelta(days=ago)
        plan_days(now)
        while compare_next(now):
            pass
