"""Many writers at once keep one chain without a gap."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from accounts.models import Organization
from audit.chain import verify
from audit.models import AuditEntry
from audit.services import record


@pytest.mark.django_db(transaction=True)
def test_eight_threads_keep_one_gapless_chain() -> None:
    organization = Organization.objects.create(name="Busy", slug="busy")

    def write(thread: int) -> None:
        try:
            for number in range(5):
                record("thing.made", organization=organization, thread=thread, number=number)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    verdict = verify(organization.pk)
    assert (verdict.entries, verdict.broken_at) == (40, None)


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_write_leaves_no_entry_and_no_gap() -> None:
    organization = Organization.objects.create(name="Calm", slug="calm")
    record("thing.made", organization=organization)
    with transaction.atomic():
        record("thing.lost", organization=organization)
        transaction.set_rollback(True)
    record("thing.made", organization=organization)
    rows = AuditEntry.objects.filter(organization_id=organization.pk).order_by("sequence")
    assert [(row.sequence, row.action) for row in rows] == [(1, "thing.made"), (2, "thing.made")]
    assert verify(organization.pk).broken_at is None
