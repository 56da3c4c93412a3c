"""What a viewer may do: read every page of a project, and write only what is their own.

The addresses come from the URL patterns, so that a new one cannot be forgotten.
"""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Project, Role, User
from tests.factories import make_user
from tests.test_strangers import IN_PROJECT, PROJECT, address, visitor
from traces.models import BulkJob, SavedView

# Taken from anybody, and asked there what it is for: a viewer saves views and exports rows of their
# own; the rest is refused below.
ASKED_THERE = {f"{PROJECT}traces/bulk/", f"{PROJECT}traces/views/"}


@pytest.fixture
def viewer(project: Project, alice: User) -> Client:
    """Signed in as one; the first member, whom addresses may mean, is somebody else."""
    client = Client()
    client.force_login(
        make_user("viewer@example.com", organization=project.organization, role=Role.VIEWER)
    )
    return client


@pytest.mark.django_db
def test_a_viewer_reads_and_changes_nothing(viewer: Client) -> None:
    wrong = []
    for route in IN_PROJECT:
        got = visitor(viewer).get(address(route)).status_code
        posted = 403 if route in ASKED_THERE else viewer.post(address(route)).status_code
        if got not in {200, 204, 301, 303, 403, 404, 405} or posted not in {403, 404, 405}:
            wrong.append((route, got, posted))
    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["tag", "untag", "delete", "export"])
def test_a_viewer_changes_no_traces_and_takes_no_content(viewer: Client, act: str) -> None:
    said = {
        "act": act,
        "id": "0af7651916cd43dd8448eb211c80319c",
        "tag": "x",
        "tags": "x",
        "confirm": "1",
        "format": "jsonl",
        "content": "1",
    }
    assert viewer.post("/p/support/traces/bulk/", said).status_code == 403
    assert not BulkJob.objects.exists()


@pytest.mark.django_db
def test_a_viewer_saves_views_for_nobody_else(viewer: Client) -> None:
    said = {"name": "Slow", "query": "q=latency%3E3s"}
    assert viewer.post("/p/support/traces/views/", {**said, "shared": "1"}).status_code == 403
    assert not SavedView.objects.exists()
    assert viewer.post("/p/support/traces/views/", said).status_code == 303
    assert SavedView.objects.get().owner.email == "viewer@example.com"
