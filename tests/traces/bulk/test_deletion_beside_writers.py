"""Traces are deleted while others write to them, and no figure is wrong afterwards."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from accounts.models import Project, User
from tests.traces.bulk.working import ask, run, settle
from tests.traces.stored import NOON, SECOND, connect, fetch, open_store, rows, span
from traces.models import BulkJob
from traces.rollups.repair import compare

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.fromtimestamp(NOON / SECOND, UTC).replace(hour=0)


def test_figures_hold(project: Project, alice: User) -> None:
    ends = time.monotonic() + 4
    jobs: list[BulkJob] = []

    def write(number: int) -> None:
        chance = random.Random(number)
        sent = 0
        with open_store() as store:
            while time.monotonic() < ends:
                trace = f"t{chance.randrange(20)}"
                batch = [span(f"s{number}.{sent + n}", trace, at=n, user_id="u") for n in range(6)]
                store.write(rows(*batch, project_id=project.pk))
                if chance.random() < 0.5:  # sent twice, as after a lost answer
                    store.write(rows(*batch, project_id=project.pk))
                sent += 6

    def delete() -> None:
        ids = [f"t{number}" for number in range(20)]
        while time.monotonic() < ends:
            jobs.append(run(ask(project, BulkJob.Kind.DELETE, alice, ids=ids)))
            settle()
        connections.close_all()  # those of this thread

    threads = [threading.Thread(target=write, args=(number,)) for number in (0, 1)]
    threads.append(threading.Thread(target=delete))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {job.state for job in jobs} == {"done"}
    settle()
    with connect() as link:
        found = compare(link, DAY, DAY + timedelta(days=1))
    assert (found.wrong, found.missed) == (0, 0)
    run(ask(project, BulkJob.Kind.DELETE, alice, ids=[f"t{number}" for number in range(20)]))
    settle()
    for table in ("trace", "span", "span_content", "trace_words", "trace_counted"):
        assert fetch(f"select count(*) from {table}") == [(0,)], table
    for table, sums in (("usage_hour", "spans"), ("trace_hour", "traces"), ("user_day", "traces")):
        assert fetch(f"select coalesce(sum({sums}), 0) from {table}") == [(0,)], table
