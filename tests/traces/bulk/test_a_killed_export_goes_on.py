"""A worker that is killed in the middle of an export loses nothing: the file is exact."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.models import Project, User
from tests.traces.bulk.working import ask, run, settle
from tests.traces.seeing import call, store
from tests.traces.serving import database_url
from traces.exporting import places
from traces.models import BulkJob, BulkJobPart, BulkJobTrace

pytestmark = pytest.mark.django_db(transaction=True)

COUNT = 120
# A worker of its own, with small parts, that stands still where a kill hurts most.
WORKER = """
import time, django
django.setup()
from traces.exporting import places
from traces.services import bulk
from traces.tasks import run_jobs
bulk.PART_TRACES = 7
keep = places.keep
left = 4
def and_stop(job, place, body):
    global left
    keep(job, place, body)
    left -= 1
    if not left:
        print("kept, and not yet noted", flush=True)
        time.sleep(300)
places.keep = and_stop
run_jobs()
"""


def start(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WORKER],
        stdout=subprocess.PIPE,
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "ROADWORTHY_DATA": str(folder),
        },
    )


@pytest.mark.parametrize("kills", [3])
def test_every_trace_once_after_kills(
    project: Project, alice: User, tmp_path: Path, settings: object, kills: int
) -> None:
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    store(
        project,
        *(call(f"t{n:03}", "root", ago=60 + n, cost=0.001 * (n + 1)) for n in range(COUNT)),
    )
    settle()
    job = ask(project, BulkJob.Kind.EXPORT, alice, options={"format": "csv", "content": True})
    parts = BulkJobPart.objects.filter(job_id=job.pk).order_by("place")
    for kill in range(kills):
        before = parts.count()
        with start(tmp_path) as worker:
            assert worker.stdout is not None
            assert worker.stdout.readline(), f"kill {kill}"
            worker.kill()
        assert parts.count() == before + 3
        job.refresh_from_db()
        assert job.is_open
        assert 0 < job.done < COUNT
    run(job)
    assert (job.state, job.total, job.done, job.changed) == ("done", COUNT, COUNT, COUNT)
    body = b"".join(places.read(job.pk, part.place) for part in parts)
    assert len(body) == job.size
    rows = list(csv.DictReader(io.StringIO(body.decode(), newline="")))
    assert [row["trace_id"] for row in rows] == [f"t{n:03}" for n in range(COUNT)]
    expected = sum(Decimal(n + 1) / 1000 for n in range(COUNT))
    assert sum(Decimal(row["cost_usd"]) for row in rows) == expected
    assert not BulkJobTrace.objects.exists()
