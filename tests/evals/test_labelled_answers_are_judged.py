"""A version is asked about all that people labelled, within what its calibration may cost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.models import Project, User
from evals.models import Calibration, Judgement
from evals.queries.queue_candidates import of_traces
from evals.running.labelled import judge_due
from evals.services import rejudging
from evals.services.calibrating import calibrate
from evals.services.labelling import Given, save_labels, take_next
from evals.services.labels import About, label
from evals.services.queues import add_items
from evals.tasks.labels import calibrate as calibrate_task
from evals.tasks.labels import judge_labelled
from gateway import client
from tests.evals.judging import answering, verdict
from tests.evals.labelled import make_judge, make_queue, say
from tests.evals.planned import MODEL, connected
from tests.provider import Provider, running
from tests.traces.seeing import call, store
from traces.services.deletion import delete_traces

pytestmark = pytest.mark.django_db(transaction=True)
RUBRIC = {"rubric": "Faithful is what the documents say.", "sees": ["input", "output"]}


@pytest.fixture
def upstream() -> Iterator[Provider]:
    with running() as provider:
        provider.script = answering(verdict(verdict="faithful"))
        yield provider
    client.close()


def labelled(project: Project, person: User, count: int) -> None:
    store(
        project,
        *(call(f"t{number}", input="Where is it?", output="At home.") for number in range(count)),
    )
    for number in range(count):
        word = "faithful" if number else "unfaithful"
        label(project, "faithfulness", word, About(f"t{number}"), actor=person)


def test_a_version_is_asked_about_every_labelled_answer(
    project: Project, bob: User, upstream: Provider
) -> None:
    connected(project, upstream.url)
    judge = make_judge(project, config=RUBRIC, model=MODEL)
    labelled(project, bob, 3)
    say(judge, "t0", "faithful")  # that one it has judged already
    calibrate_task()
    due = Judgement.objects.filter(purpose="calibration", state="due")
    assert sorted(due.values_list("trace_id", "repeat")) == [
        ("t0", 2), ("t0", 3), ("t1", 1), ("t1", 2), ("t1", 3), ("t2", 1), ("t2", 2), ("t2", 3),
    ]  # fmt: skip
    judge_labelled()
    assert len(upstream.requests) == 8
    done = Judgement.objects.filter(purpose="calibration", state="done")
    assert done.count() == 8
    assert {row.label for row in done} == {"faithful"}
    row = Calibration.objects.get()
    assert row.is_due
    calibrate_task()
    row.refresh_from_db()
    assert (row.labels, row.figures["agree"], row.figures["flips"]) == (
        3, 2, {"pairs": 9, "flipped": 0},
    )  # fmt: skip
    assert judge_due() == 0  # nothing is asked twice


def test_nothing_is_asked_beyond_the_budget(
    project: Project, bob: User, upstream: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected(project, upstream.url)
    judge = make_judge(project, config=RUBRIC, model=MODEL)
    labelled(project, bob, 2)
    rejudging.ask_about_labels(judge)
    monkeypatch.setattr(rejudging, "BUDGET_NANO", 1)
    judge_labelled()
    assert upstream.requests == []
    skipped = Judgement.objects.filter(state="skipped")
    assert skipped.count() == 6
    assert skipped[0].error.startswith("It would have gone over")


def test_an_answer_whose_trace_expired_is_read_from_the_queue(
    project: Project, bob: User, upstream: Provider
) -> None:
    connected(project, upstream.url)
    judge = make_judge(project, config=RUBRIC, model=MODEL)
    store(project, call("kept", input="Where?", output="There."), call("gone", output="x"))
    queue = make_queue(project, judge)
    add_items(queue, of_traces(["kept"]), actor=None)
    item = take_next(queue, bob)
    assert item is not None
    save_labels(item, {"faithfulness": Given("faithful")}, actor=bob)
    label(project, "faithfulness", "faithful", About("gone"), actor=bob)
    delete_traces(project.pk, ["kept", "gone"])
    rejudging.ask_about_labels(judge)
    judge_labelled()
    assert "There." in str(upstream.requests[0].body)
    said = dict(Judgement.objects.filter(repeat=1).values_list("trace_id", "state"))
    assert said == {"kept": "done", "gone": "failed"}


def test_a_draft_that_nobody_proposed_is_asked_nothing(
    project: Project, bob: User, upstream: Provider
) -> None:
    old = make_judge(project, config=RUBRIC, model=MODEL)
    labelled(project, bob, 1)
    make_judge(project, number=2, config=RUBRIC, model=MODEL)
    calibrate(old.pk)
    assert rejudging.ask_about_labels(old) == 0
    Calibration.objects.all().delete()
    assert rejudging.mark_new_versions() == 1
    assert Calibration.objects.get().version.number == 2


def test_without_a_provider_it_is_asked_later(project: Project, bob: User) -> None:
    judge = make_judge(project, config=RUBRIC, model=MODEL)
    labelled(project, bob, 1)
    rejudging.ask_about_labels(judge)
    judge_labelled()
    rows = Judgement.objects.all()
    assert {(row.state, row.attempts) for row in rows} == {("due", 0)}
    assert rows[0].error
    assert rejudging.claim(9) == []
