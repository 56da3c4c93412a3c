"""The database itself refuses to change or remove an audit entry."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Organization
from audit.models import AuditEntry
from audit.services import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(organization: Organization) -> AuditEntry:
    return record("thing.made", organization=organization)


def test_an_entry_cannot_be_saved_again(entry: AuditEntry) -> None:
    entry.action = "thing.unmade"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        entry.save()


def test_an_entry_cannot_be_deleted(entry: AuditEntry) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).delete()


@pytest.mark.parametrize(
    "statement",
    ["update audit_auditentry set reason = 'x'", "delete from audit_auditentry"],
)
def test_plain_sql_is_refused_too(entry: AuditEntry, statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    entry.refresh_from_db()
    assert entry.reason == ""


def test_the_entry_outlives_the_organization_and_the_actor(organization: Organization) -> None:
    pk = record("thing.made", organization=organization, subject=organization).pk
    organization.projects.all().delete()
    organization.delete()
    assert AuditEntry.objects.get(pk=pk).subject_label == organization.name
