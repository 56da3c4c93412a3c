"""What `/metrics` says of alerts that wait and of incidents that are open."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import DatabaseError, connection
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_ASKED = """
select
  (select count(*) from alerts_delivery where state = 'due' and due_at <= now()),
  (select coalesce(extract(epoch from now() - min(due_at)), 0)
   from alerts_delivery where state = 'due' and due_at <= now()),
  (select count(*) from alerts_channel
   where is_enabled and failing_since is not null and deleted_at is null),
  (select count(*) from alerts_incident where state = 'open' and lead_id is null)
"""
_FIGURES = (
    ("roadworthy_alerts_due", "Messages of incidents whose time has come and that wait"),
    ("roadworthy_alerts_lag_seconds", "How long the oldest of them has waited beyond its time"),
    ("roadworthy_alert_channels_failing", "Channels whose last message did not arrive"),
    ("roadworthy_incidents_open", "Incidents that nobody has acknowledged"),
)


class AlertFigures(Collector):
    """Gauges of what waits to be sent and to be acknowledged."""

    def collect(self) -> Iterable[Metric]:
        """Nothing while the database does not answer: a gap says more than a zero."""
        try:
            with connection.cursor() as cursor:
                cursor.execute(_ASKED)
                row = cursor.fetchone()
        except DatabaseError:
            return
        for (name, text), value in zip(_FIGURES, row, strict=True):
            yield GaugeMetricFamily(name, text, value=float(value))
