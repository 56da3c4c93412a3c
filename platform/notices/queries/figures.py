"""What `/metrics` says of webhooks and mails that wait."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import DatabaseError, connection
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_ASKED = """
select
  (select count(*) from notices_webhookdelivery where state = 'due' and due_at <= now()),
  (select coalesce(extract(epoch from now() - min(due_at)), 0)
   from notices_webhookdelivery where state = 'due' and due_at <= now()),
  (select count(*) from notices_webhookendpoint
   where is_enabled and failing_since is not null and deleted_at is null),
  (select count(*) from notices_personalnotice where mail_state = 'due' and mail_due_at <= now())
"""
_FIGURES = (
    ("roadworthy_webhooks_due", "Deliveries whose time has come and that are not on their way"),
    ("roadworthy_webhooks_lag_seconds", "How long the oldest of them has waited beyond its time"),
    ("roadworthy_webhooks_failing", "Webhooks whose last attempts failed"),
    ("roadworthy_mails_due", "Notices that wait to be mailed"),
)


class NoticeFigures(Collector):
    """Gauges of what waits to be sent."""

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
