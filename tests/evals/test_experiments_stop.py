"""A run keeps to its cap and pace, ends when it is told to, and goes on after a kill."""

from __future__ import annotations

import time

import pytest
from django.utils import timezone

from accounts.models import Project
from evals.models import Experiment, Judgement, Result
from evals.running import claiming, writing
from evals.services.experiment_counts import DIED
from evals.services.experiments import cancel_experiment, retry_failed
from kit.jobs import alone
from tests.evals.planned import contains
from tests.evals.running import in_a_thread, run, running_now, started, upstream
from tests.prompts.making import chat
from tests.provider import Provider
from tests.provider_faults import Fault
from traces.ingest.canonical.represent import read_content
from traces.models import Score
from traces.queries import detail

__all__ = ["upstream"]
pytestmark = pytest.mark.django_db(transaction=True)
# At the base table's prices a call of 120 tokens in, 64 of them cached, and 30 out.
A_CALL = 56 * 150 + 64 * 75 + 30 * 600


def states(experiment: Experiment) -> dict[str, int]:
    rows = list(experiment.results.values_list("state", flat=True))
    return {state: rows.count(state) for state in set(rows)}


def test_no_call_is_made_that_might_cross_the_cap(project: Project, upstream: Provider) -> None:
    content = chat(("user", "{{question}}"), model="gpt-4o-mini", parameters={"max_tokens": 30})
    cap = A_CALL * 4
    experiment = started(
        project, upstream, 10, content=content, cost_cap_nano=cap, evaluators=[contains(project)]
    )
    run()
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.CAPPED
    assert "may cost" in experiment.error
    assert 2 <= experiment.done <= 4
    assert experiment.spent_nano == A_CALL * experiment.done <= cap
    assert len(upstream.answers) == experiment.done == experiment.judged
    assert states(experiment) == {"done": experiment.done, "due": 10 - experiment.done}

    retry_failed(experiment, actor=None, cost_cap_nano=A_CALL * 100)
    run()
    experiment.refresh_from_db()
    assert (experiment.state, experiment.done) == (Experiment.State.DONE, 10)
    assert len(upstream.answers) == 10


def test_rows_in_flight_at_a_kill_are_called_again_and_no_others(
    project: Project, upstream: Provider
) -> None:
    experiment = started(project, upstream, 6)
    job = in_a_thread(lambda: claiming.take(experiment.pk))
    assert job is not None
    job.lock.close()  # its thread and connection are gone
    cases = claiming.claim_cases(experiment.pk, 4)
    for case in cases[:2]:
        writing.write_ended(job, [ended_before(case)])
    assert states(experiment) == {"done": 2, "running": 2, "due": 2}
    run()  # the lock went with its thread
    experiment.refresh_from_db()
    assert (experiment.state, experiment.done) == (Experiment.State.DONE, 6)
    assert len(upstream.answers) == 4
    assert experiment.results.filter(output="Said before.").count() == 2


def ended_before(case: claiming.Case) -> writing.Ended:
    now = timezone.now()
    return writing.Ended(case, output="Said before.", trace_id="t", started_at=now, finished_at=now)


def test_a_row_that_ends_every_worker_is_given_up(project: Project, upstream: Provider) -> None:
    experiment = started(project, upstream, 2)
    Result.objects.filter(experiment=experiment, place=0).update(state="running", attempts=10)
    run()
    experiment.refresh_from_db()
    assert (experiment.done, experiment.failed) == (1, 1)
    assert experiment.results.get(place=0).error == DIED


def test_only_one_worker_runs_it(project: Project, upstream: Provider) -> None:
    experiment = started(project, upstream, 1)
    with alone(f"evals.experiment.{experiment.pk}") as is_mine:
        assert is_mine
        run()
        assert upstream.answers == []
    run()
    assert len(upstream.answers) == 1


def test_a_cancelled_run_ends_within_two_seconds(project: Project, upstream: Provider) -> None:
    experiment = started(project, upstream, 40, concurrency=2, evaluators=[contains(project)])
    upstream.faults.extend(Fault(wait=0.1) for _ in range(40))
    thread = running_now()
    while not Result.objects.filter(experiment=experiment, state="done").exists():
        time.sleep(0.05)
    cancel_experiment(experiment, actor=None)
    thread.join(5)
    assert not thread.is_alive()
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.CANCELLED
    assert 0 < experiment.done < 30
    assert states(experiment) == {"done": experiment.done, "due": 40 - experiment.done}
    assert not Judgement.objects.filter(state__in=["due", "running"]).exists()


def test_what_fails_says_why_and_runs_again(project: Project, upstream: Provider) -> None:
    experiment = started(project, upstream, 3, concurrency=1)
    upstream.faults.append(Fault(status=400))
    run()
    experiment.refresh_from_db()
    assert (experiment.state, experiment.done, experiment.failed) == ("done", 2, 1)
    assert "does not take the request" in experiment.results.get(state="failed").error
    retry_failed(experiment, actor=None)
    run()
    experiment.refresh_from_db()
    assert (experiment.done, experiment.failed) == (3, 0)


def test_a_wrong_key_ends_the_run_at_once(project: Project, upstream: Provider) -> None:
    experiment = started(project, upstream, 20, concurrency=1)
    upstream.faults.extend(Fault(status=401) for _ in range(20))
    run()
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.FAILED
    assert len(upstream.requests) == 1
    assert "key" in experiment.error


def test_a_long_pause_is_respected(project: Project, upstream: Provider) -> None:
    experiment = started(project, upstream, 2, concurrency=1)
    upstream.faults.append(Fault(status=429, headers={"retry-after": "600"}))
    run()
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.DUE
    assert (experiment.due_at - timezone.now()).total_seconds() > 500
    assert len(upstream.requests) == 1


def test_items_that_do_not_fit_the_prompt_cost_nothing(
    project: Project, upstream: Provider
) -> None:
    content = chat(("user", "{{question}} {{tone}}"), model="gpt-4o-mini")
    experiment = started(project, upstream, 2, content=content)
    run()
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.FAILED
    assert "The prompt asks for tone" in experiment.error
    assert upstream.requests == []


def test_calls_are_spread_over_the_minute(project: Project, upstream: Provider) -> None:
    started(project, upstream, 5, rate_per_minute=600)
    began = time.monotonic()
    run()
    assert time.monotonic() - began >= 0.4
    assert len(upstream.answers) == 5


def test_held_out_items_leave_figures_and_no_content(project: Project, upstream: Provider) -> None:
    experiment = started(
        project, upstream, 2, item={"split": "held_out"}, splits=["held_out"],
        evaluators=[contains(project)],
    )  # fmt: skip
    run()
    experiment.refresh_from_db()
    assert experiment.done == 2
    assert experiment.results.filter(output="It is on its way.").count() == 2
    assert Score.objects.filter(comment=None).count() == 2
    for row in experiment.results.all():
        trace = detail.get_trace(project.pk, row.trace_id)
        assert trace is not None
        span = detail.get_span(project.pk, trace, row.span_id)
        assert span is not None
        content = read_content(detail.content_of(project.pk, span) or {})
        assert content.get("input") is None
        assert content.get("output") is None
        assert content["attributes"]["roadworthy.content"] == "withheld"
