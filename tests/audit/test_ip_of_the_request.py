"""An entry made during a request says where the request came from."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audit.models import AuditEntry


@pytest.mark.django_db
def test_entries_carry_the_address_and_the_id_of_their_request(owner_client, project):
    owner_client.post(
        reverse("accounts:general", args=[project.slug]),
        {"name": "Another name", "what": "rename", "action": "rename"},
        REMOTE_ADDR="192.0.2.7",
        headers={"X-Request-Id": "abc123"},
    )
    entry = AuditEntry.objects.get(action="project.renamed")
    assert (entry.ip, entry.request_id) == ("192.0.2.7", "abc123")
