"""A user above a limit in any 24 hours is told, whatever became of the traces."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Project
from costs.queries.spend import users_above
from kit.connections import own_connection
from tests.costs.making import DOLLAR
from tests.traces.seeing import call
from traces.digest import queue
from traces.digest.settle import settle_what_is_due
from traces.ingest.pipeline import prepare_records
from traces.ingest.wire.decode import Decoded
from traces.ingest.writer.store import Store
from traces.queries.limits import Limits
from traces.services.limits import set_limits
from traces.services.sampling import sample_traces

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 3600.0


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)


def send(project: Project, trace_id: str, ago: float, cost: float) -> None:
    store = Store(own_connection)
    record = call(trace_id, cost=cost, ago=ago, user_id="anna")
    store.write(prepare_records(Decoded([record]), project.pk).spans)
    store.close()
    with own_connection() as link:
        settle_what_is_due(link)


def above(project: Project, limit: float) -> list[tuple[str, int]]:
    now = timezone.now()
    return users_above(project.pk, int(limit * DOLLAR), now - timedelta(hours=24), now)


def test_it_is_the_last_24_hours_and_no_calendar_day(project: Project) -> None:
    send(project, "t1", 23.9 * HOUR, 0.6)
    send(project, "t2", 60, 0.5)
    send(project, "old", 24.1 * HOUR, 50)
    assert above(project, 1) == [("anna", 1_100_000_000)]
    assert above(project, 1.1) == []


def test_what_was_sampled_away_was_spent_all_the_same(project: Project) -> None:
    set_limits(project, Limits(keep_percent=Decimal(0), wait_minutes=0), actor=None)
    send(project, "t1", 20 * HOUR, 0.6)
    send(project, "t2", 60, 0.5)
    send(project, "old", 24.1 * HOUR, 50)
    assert sample_traces() == 3
    assert above(project, 1) == [("anna", 1_100_000_000)]
    send(project, "t1", 20 * HOUR, 0.6)
    sample_traces()
    assert above(project, 1) == [("anna", 1_100_000_000)]
