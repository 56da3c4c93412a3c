"""What is hashed: the same bytes for the same facts, and nothing that rounds."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from accounts.models import Organization, Role
from audit.chain import canonical
from audit.models import AuditEntry
from audit.services import record


@pytest.mark.parametrize(
    ("value", "document"),
    [
        ({"b": 1, "a": {"d": None, "c": True}}, '{"a":{"c":true,"d":null},"b":1}'),
        ({"name": "Zoë – “x”"}, '{"name":"Zoë – “x”"}'),
        ([1, "two", []], '[1,"two",[]]'),
        ({"line": 'a\nb"c\\'}, '{"line":"a\\nb\\"c\\\\"}'),
    ],
)
def test_canonical_json_is_sorted_and_without_blanks(value: object, document: str) -> None:
    assert canonical(value) == document.encode()


def test_the_order_of_keys_does_not_matter() -> None:
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})


@pytest.mark.django_db
def test_details_read_back_as_they_were_hashed(organization: Organization) -> None:
    record(
        "thing.made",
        organization=organization,
        at=datetime(2026, 11, 20, 12, tzinfo=UTC),
        price=Decimal("0.100000001"),
        role=Role.OWNER,
        scopes={"read", "ingest"},
        nothing=None,
    )
    assert AuditEntry.objects.get(action="thing.made").details == {
        "at": "2026-11-20T12:00:00+00:00",
        "price": "0.100000001",
        "role": "owner",
        "scopes": ["ingest", "read"],
        "nothing": None,
    }


@pytest.mark.django_db
def test_what_cannot_be_written_exactly_is_refused(organization: Organization) -> None:
    with pytest.raises(TypeError, match="bytes"):
        record("thing.made", organization=organization, raw=b"x")
