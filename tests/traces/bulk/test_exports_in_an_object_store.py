"""Parts of exports in an S3-compatible store: written there, waited for, streamed, removed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Project, User
from tests.traces.bulk.working import ask, furnish, run
from tests.traces.object_store import WHO, Objects, objects
from traces.models import BulkJob
from traces.services.job_upkeep import forget_jobs
from traces.tasks import run_jobs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shelf(settings: Any, tmp_path: Path) -> Iterator[Objects]:
    """A store that the settings name, and a data folder that stays empty."""
    settings.DATA_DIR = tmp_path
    with objects() as server:
        settings.MEDIA_S3_ENDPOINT = server.url
        settings.MEDIA_S3_BUCKET = "files"
        settings.MEDIA_S3_KEY, settings.MEDIA_S3_SECRET = WHO.key, WHO.secret
        settings.MEDIA_S3_REGION = WHO.region
        yield server


def test_it_waits_for_the_store_and_leaves_nothing(
    project: Project, bob: User, member_client: Client, shelf: Objects, tmp_path: Path
) -> None:
    furnish(project, 2)
    job = ask(project, BulkJob.Kind.EXPORT, bob, options={"format": "csv", "content": False})
    shelf.is_away = True
    run_jobs(job.pk)
    job.refresh_from_db()
    assert (job.state, job.failures) == ("due", 1)
    assert job.error.startswith("A part of the file could not be kept")
    shelf.is_away = False
    BulkJob.objects.update(due_at=timezone.now())
    run(job)
    assert (job.state, job.error) == ("done", "")
    answer = member_client.get(f"/p/support/jobs/{job.pk}/download/")
    assert b"".join(answer.streaming_content).count(b"\r\n") == 3
    assert list(shelf.held)
    assert list(tmp_path.iterdir()) == []
    later = timezone.now() + timedelta(days=8)
    shelf.is_away = True
    assert forget_jobs(later) == 0  # tried again
    shelf.is_away = False
    assert forget_jobs(later) == 1
    assert shelf.held == {}
