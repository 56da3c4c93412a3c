"""A job that is killed goes on, one that is cancelled stops, and writers beside it lose nothing."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from pricing.models import PriceJob
from pricing.services import jobs
from tests.traces.recosting import (
    call,
    costs,
    counted_costs,
    run_jobs,
    state_price,
    store,
    trace_costs,
)
from tests.traces.stored import open_store, rows
from traces.recosting import walk

pytestmark = pytest.mark.django_db(transaction=True)
MANY = walk.BATCH * 2 + 100


@pytest.fixture
def one_batch_a_turn(monkeypatch):
    """The share of time is over after each batch."""
    monkeypatch.setattr(walk, "SHARE_SECONDS", 0.0)


def many(count=MANY):
    return [call(f"s{n:05d}", f"t{n % 7}", at=n / 100) for n in range(count)]


def test_it_goes_on_where_it_stopped_and_counts_each_span_once(project, one_batch_a_turn):
    store(project, *many())
    state_price(project)
    (job,) = run_jobs()
    assert (job.state, job.seen) == ("due", walk.BATCH)
    assert sum(cost is not None for cost in costs().values()) == walk.BATCH
    while job.is_open:
        (job,) = run_jobs()
    assert (job.state, job.seen, job.changed, job.expected) == ("done", MANY, MANY, MANY)
    assert job.after_nano == 3_000_000 * MANY
    assert trace_costs() == counted_costs()


def test_another_worker_takes_over_from_one_that_was_killed(project, one_batch_a_turn):
    store(project, *many(800))
    state_price(project)
    (job,) = run_jobs()
    killed = jobs.claim_job(job.pk)
    assert killed is not None
    assert jobs.claim_job(job.pk) is None
    assert jobs.due_jobs() == []
    PriceJob.objects.update(beat_at=timezone.now() - timedelta(minutes=2))
    assert jobs.due_jobs() == [job.pk]
    walk.recost(job.pk)
    # The one that was thought dead wakes: its batch is refused.
    walk._work(killed)
    (job,) = run_jobs()
    assert (job.state, job.seen, job.changed) == ("done", 800, 800)
    assert trace_costs() == counted_costs()


def test_a_cancelled_job_stops_and_keeps_what_it_did(project, alice, one_batch_a_turn):
    store(project, *many())
    state_price(project)
    (job,) = run_jobs()
    jobs.cancel_job(job, actor=alice)
    with pytest.raises(jobs.NotOpen):
        jobs.cancel_job(job, actor=alice)
    walk.recost(job.pk)
    job.refresh_from_db()
    assert (job.state, job.seen) == ("cancelled", walk.BATCH)
    assert trace_costs() == counted_costs()
    again = jobs.run_again(job, actor=alice)
    while again.is_open:
        run_jobs()
        again.refresh_from_db()
    assert (again.seen, again.changed) == (MANY, MANY - walk.BATCH)


def test_a_fault_is_noted_and_tried_again_later(project):
    store(project, call("a"))
    price = state_price(project)
    type(price).objects.filter(pk=price.pk).update(tiers=[{"above": "many", "prices": {}}])
    (job,) = run_jobs()
    assert (job.state, job.failures) == ("due", 1)
    assert "ValueError" in job.error
    assert job.due_at > timezone.now()
    type(price).objects.filter(pk=price.pk).update(tiers=[])
    (job,) = run_jobs()
    assert (job.state, costs()) == ("done", {"a": 3_000_000})


def test_writers_beside_it_lose_nothing(project):
    records = many(700)
    store(project, *records)
    state_price(project)
    PriceJob.objects.update(due_at=timezone.now())
    (job,) = PriceJob.objects.all()
    faults: list[BaseException] = []

    def write() -> None:
        try:
            with open_store() as own:
                for n in range(12):
                    again = [call(f"s{i:05d}", f"t{i % 7}", at=i / 100, lasts=2)
                             for i in range(n * 50, n * 50 + 50)]  # fmt: skip
                    fresh = [call(f"new{n}-{i}", f"t{i}", at=i) for i in range(7)]
                    own.write(rows(*again, *fresh, project_id=project.pk))
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    walk.recost(job.pk)
    for thread in threads:
        thread.join()
    assert faults == []
    assert trace_costs() == counted_costs()
    jobs.run_again(PriceJob.objects.get(pk=job.pk), actor=None)
    run_jobs()
    assert set(costs().values()) == {3_000_000}
    assert trace_costs() == counted_costs()
