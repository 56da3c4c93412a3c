"""Walking the chain names the first entry that does not hold."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import Organization
from audit.chain import verify
from audit.services import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(organization: Organization) -> int:
    """Five entries; the organization's id."""
    for number in range(1, 6):
        record("thing.made", organization=organization, number=number)
    return organization.pk


def tamper(statement: str, *values: object) -> None:
    """As somebody who owns the database could: without the trigger."""
    with connection.cursor() as cursor:
        cursor.execute("alter table audit_auditentry disable trigger audit_append_only")
        cursor.execute(statement, values)
        cursor.execute("alter table audit_auditentry enable trigger audit_append_only")


def test_an_untouched_chain_holds(chain: int) -> None:
    verdict = verify(chain)
    assert (verdict.entries, verdict.broken_at) == (5, None)


@pytest.mark.parametrize(
    "change",
    [
        "action = 'thing.unmade'",
        "actor_label = 'somebody else'",
        "details = '{\"number\": 33}'",
        "at = at + interval '1 microsecond'",
        "ip = '10.0.0.1'",
        "project_id = 1",
    ],
)
def test_a_changed_column_is_found(chain: int, change: str) -> None:
    tamper(
        f"update audit_auditentry set {change} where organization_id = %s and sequence = 3", chain
    )
    verdict = verify(chain)
    assert (verdict.broken_at, verdict.why) == (3, "its content was changed")
    assert verdict.entries == 2


def test_a_missing_entry_is_found(chain: int) -> None:
    tamper("delete from audit_auditentry where organization_id = %s and sequence = 2", chain)
    verdict = verify(chain)
    assert (verdict.broken_at, verdict.why) == (2, "this entry is missing")


def test_a_cut_tail_is_found(chain: int) -> None:
    tamper("delete from audit_auditentry where organization_id = %s and sequence >= 4", chain)
    verdict = verify(chain)
    assert verdict.broken_at == 4
    assert "up to 5 are missing" in verdict.why


def test_an_entry_rehashed_after_a_change_breaks_the_next_one(chain: int) -> None:
    from audit.chain import entry_hash
    from audit.models import AuditEntry

    entry = AuditEntry.objects.get(organization_id=chain, sequence=3)
    entry.reason = "forged"
    tamper(
        "update audit_auditentry set reason = 'forged', hash = %s where id = %s",
        entry_hash(entry),
        entry.pk,
    )
    verdict = verify(chain)
    assert (verdict.broken_at, verdict.why) == (4, "it does not follow the entry before it")


def test_chains_of_organizations_are_apart(chain: int) -> None:
    record("login.failed", organization=None)
    tamper("update audit_auditentry set reason = 'x' where organization_id is null")
    assert verify(chain).broken_at is None
    assert verify(None).broken_at == 1


def test_the_command_names_the_broken_entry_and_fails(chain: int) -> None:
    out = StringIO()
    call_command("audit", "verify", stdout=out)
    assert "5 entries, the chain holds" in out.getvalue()
    tamper("update audit_auditentry set reason = 'x' where sequence = 3")
    with pytest.raises(SystemExit) as stopped:
        call_command("audit", "verify", stdout=out)
    assert stopped.value.code == 1
    assert "broken at entry 3" in out.getvalue()
