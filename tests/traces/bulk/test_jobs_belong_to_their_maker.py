"""Exports and jobs: only who asked for one sees, stops and downloads it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Project, User
from audit.models import AuditEntry
from tests.traces.bulk.working import ask, furnish, run
from traces.models import BulkJob, BulkJobPart
from traces.services.job_upkeep import forget_jobs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def job(project: Project, bob: User, settings: object, tmp_path: Path) -> BulkJob:
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    furnish(project, 2)
    return run(ask(project, BulkJob.Kind.EXPORT, bob, options={"format": "csv", "content": False}))


def test_who_asked_downloads_it_and_that_is_noted(
    job: BulkJob, member_client: Client, bob: User
) -> None:
    address = f"/p/support/jobs/{job.pk}/download/"
    assert address in member_client.get("/p/support/jobs/").content.decode()
    response = member_client.get(address)
    body = b"".join(response.streaming_content)
    assert body.startswith(b"trace_id,name,status")
    assert int(response["Content-Length"]) == len(body) == job.size
    assert ".csv" in response["Content-Disposition"]
    actions = AuditEntry.objects.order_by("sequence").values_list("action", "actor_label")
    assert list(actions) == [
        ("traces.export_asked", bob.email),
        ("traces.export_done", bob.email),
        ("traces.export_downloaded", bob.email),
    ]


def test_nobody_else_finds_it(job: BulkJob, owner_client: Client, stranger_client: Client) -> None:
    for client in (owner_client, stranger_client):
        for address in ("", "download/"):
            assert client.get(f"/p/support/jobs/{job.pk}/{address}").status_code == 404
        assert client.post(f"/p/support/jobs/{job.pk}/cancel/").status_code == 404
    assert "No exports or jobs yet" in owner_client.get("/p/support/jobs/").content.decode()


def test_it_expires_and_its_parts_go(job: BulkJob, member_client: Client, tmp_path: Path) -> None:
    assert list(tmp_path.rglob("*.part"))
    assert forget_jobs() == 0
    assert forget_jobs(timezone.now() + timedelta(days=8)) == 1
    assert list(tmp_path.rglob("*.part")) == []
    assert not BulkJobPart.objects.exists()
    assert member_client.get(f"/p/support/jobs/{job.pk}/download/").status_code == 404
    assert "The file expired" in member_client.get(f"/p/support/jobs/{job.pk}/").content.decode()


def test_an_open_one_is_cancelled_and_its_parts_go(
    project: Project, bob: User, member_client: Client
) -> None:
    furnish(project, 1)
    job = ask(project, BulkJob.Kind.EXPORT, bob, options={"format": "csv"})
    response = member_client.post(f"/p/support/jobs/{job.pk}/cancel/", follow=True)
    assert "Cancelled. What was done already stays." in response.content.decode()
    again = member_client.post(f"/p/support/jobs/{job.pk}/cancel/", follow=True)
    assert "The job has ended already." in again.content.decode()
    assert member_client.get(f"/p/support/jobs/{job.pk}/download/").status_code == 404


def test_the_list_of_jobs_asks_the_same_number_of_statements(
    project: Project, bob: User, member_client: Client, django_assert_max_num_queries: object
) -> None:
    for _ in range(5):
        ask(project, BulkJob.Kind.TAG, bob, ids=[], options={"tags": ["x"]})
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert member_client.get("/p/support/jobs/").status_code == 200
