"""What Prometheus reads of the work in the background: asked of the database at each scrape."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import DatabaseError, connection
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_ASKED = """
select
  (select count(*) from (select 1 from digest_queue limit 100000) q),
  coalesce((select extract(epoch from clock_timestamp() - min(queued_at)) from digest_queue), 0),
  (select count(*) from (select 1 from usage_hour where fresh limit 1000000) f),
  (select extract(epoch from max(checked_at)) from rollup_check),
  (select coalesce(sum(hours), 0) from rollup_check
    where checked_at > clock_timestamp() - interval '1 day'),
  (select coalesce(sum(wrong), 0) from rollup_check
    where checked_at > clock_timestamp() - interval '1 day')
"""
_FIGURES = (
    ("roadworthy_digest_waiting", "Traces written to and not looked at since, capped at 100,000"),
    ("roadworthy_digest_lag_seconds", "Age of the oldest trace that waits for its settled look"),
    ("roadworthy_figures_unfolded", "Rows of the figures by hour that are not folded yet"),
    ("roadworthy_figures_compared_at", "When figures by hour were last compared with the spans"),
    ("roadworthy_figures_compared_hours", "Hours compared within the last day"),
    ("roadworthy_figures_wrong_hours", "Hours of projects found wrong, and repaired, in a day"),
)


class UpkeepFigures(Collector):
    """Gauges of the digest and of the comparison of figures with spans."""

    def collect(self) -> Iterable[Metric]:
        """Nothing while the database does not answer: a gap says more than a zero."""
        try:
            with connection.cursor() as cursor:
                cursor.execute(_ASKED)
                row = cursor.fetchone()
        except DatabaseError:
            return
        for (name, text), value in zip(_FIGURES, row, strict=True):
            if value is not None:
                yield GaugeMetricFamily(name, text, value=float(value))
