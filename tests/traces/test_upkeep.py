"""Upkeep: partitions ahead, expired ones dropped, traces of deleted projects gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from kit.connections import own_connection
from tests.factories import make_project
from tests.traces.stored import SECOND, fetch, open_store, rows, span
from traces import partitions, services, tasks

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_coming_week_has_partitions():
    tasks.keep_tables_in_order()
    assert services.make_partitions_ahead() == []
    with own_connection() as link, link.cursor() as cursor:
        ranges = list(partitions.existing(cursor).values())
    for day in range(partitions.DAYS_AHEAD + 1):
        instant = datetime.now(UTC) + timedelta(days=day)
        assert any(held.lower <= instant < held.upper for held in ranges)


def test_without_a_retention_nothing_is_dropped(settings):
    settings.RETENTION_DAYS = 0
    assert services.drop_expired_partitions() == []


def test_expired_partitions_and_their_traces_are_dropped(settings):
    settings.RETENTION_DAYS = 30
    old = span("old", "old-trace")
    old.start_ns -= 100 * 86_400 * SECOND  # type: ignore[operator]
    old.end_ns = old.start_ns + SECOND
    settings.RETENTION_DAYS = 0
    with open_store() as store:
        store.write(rows(old, span("new", "new-trace")))
    settings.RETENTION_DAYS = 30
    assert services.drop_expired_partitions(datetime(2026, 11, 20, tzinfo=UTC))
    assert fetch("select span_id from span") == [("new",)]
    assert fetch("select trace_id from trace") == [("new-trace",)]
    assert fetch("select span_id from span_content") == [("new",)]
    assert AuditEntry.objects.filter(action="retention.applied").count() == 1
    assert services.drop_expired_partitions(datetime(2026, 11, 20, tzinfo=UTC)) == []


def test_traces_of_a_deleted_project_go_and_others_stay():
    gone = make_project("gone", deleted_at=timezone.now())
    kept = make_project("kept")
    with open_store() as store:
        store.write(rows(span("a", "t"), project_id=gone.pk))
        store.write(rows(span("a", "t"), project_id=kept.pk))
    tasks.remove_data_of_deleted_projects()
    assert fetch("select distinct project_id from span") == [(kept.pk,)]
    assert fetch("select project_id from trace") == [(kept.pk,)]


@pytest.mark.parametrize("days", [0, 30])
def test_gaps_between_partitions_of_other_widths_are_filled(settings, days):
    settings.RETENTION_DAYS = days
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    held = [partitions.Range(monday + timedelta(days=2), monday + timedelta(days=3))]
    gap = partitions.missing_around(monday + timedelta(days=4), held, partitions.width())
    assert gap is not None
    assert gap.lower >= held[0].upper
    assert (
        partitions.missing_around(monday + timedelta(days=2, hours=5), held, partitions.width())
        is None
    )
