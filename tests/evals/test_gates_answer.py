"""A gate is asked when a version is proposed, and its answer stands on the change request."""

from __future__ import annotations

import pytest

from accounts.models import Project, User
from audit.models import AuditEntry
from evals.models import Experiment, GateRun
from evals.queries.gates import CHECK
from evals.services.gate_runs import start_run
from prompts.models import ChangeRequest, Check
from prompts.queries.deciding import facts_of
from prompts.queries.resolving import get_version
from prompts.rules.blockers import blockers
from prompts.services.checking import Report, report_check
from prompts.services.errors import NotYours
from prompts.services.proposing import point_at
from tests.evals.gating import answer, approved_gate, golden, good_or_bad, newest
from tests.evals.planned import MODEL, connected
from tests.prompts.making import chat, make_request, make_reviewer, make_version, protect, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(project: Project) -> User:
    return make_reviewer(project, "ada")


@pytest.fixture
def request_(project: Project, author: User) -> ChangeRequest:
    """v2 is proposed for production, where v1 serves; the project can run experiments."""
    connected(project)
    golden(project)
    protect(project)
    return make_request(project, author)


def why_not(request: ChangeRequest) -> list[str]:
    return [one.text for one in blockers(facts_of(request), share=1.0) if one.code == "check"]


def checks(request: ChangeRequest) -> list[tuple[str, str]]:
    return list(request.checks.order_by("pk").values_list("name", "state"))


def test_a_proposed_version_is_asked_about_and_its_pass_opens_the_way(
    request_: ChangeRequest,
) -> None:
    gate = approved_gate(request_.prompt, model=MODEL)
    assert why_not(request_) == [
        "evals / gate has not reported on v2. The owner may let it pass, with a reason."
    ]
    answer(good_or_bad({1: 0.8, 2: 0.85}))
    run = newest(gate)
    assert (run.state, run.trigger) == ("pass", GateRun.Trigger.PROPOSED)
    assert (run.candidate.number, run.baseline.number) == (2, 1)
    assert run.request == request_
    assert checks(request_) == [(CHECK, "pending"), (CHECK, "pass")]
    assert why_not(request_) == []
    check = request_.checks.last()
    assert check.summary.startswith("contains +0.05 (")
    assert check.summary.endswith("golden@1.")
    assert check.url.endswith(f"/p/{gate.project.slug}/gates/{gate.pk}/runs/{run.pk}/")
    assert check.rows[0]["name"] == "contains"
    purposes = set(Experiment.objects.values_list("purpose", flat=True))
    assert purposes == {Experiment.Purpose.GATE}
    told = AuditEntry.objects.filter(action="gate.run_finished").get().details
    assert (told["candidate"], told["state"]) == (2, "pass")


def test_a_worse_version_is_blocked_and_an_unsure_one_as_well(request_: ChangeRequest) -> None:
    approved_gate(request_.prompt, model=MODEL)
    answer(good_or_bad({1: 0.8, 2: 0.6}))
    assert checks(request_)[-1] == (CHECK, "fail")
    assert "evals / gate failed." in why_not(request_)[0]


def test_an_unsure_answer_blocks_and_says_what_would_decide(request_: ChangeRequest) -> None:
    approved_gate(request_.prompt, model=MODEL)
    answer(lambda version, place, _: float((place * 7 + version) % 3 > 0))
    assert checks(request_)[-1] == (CHECK, "inconclusive")
    assert "items would decide" in request_.checks.last().summary
    assert "is inconclusive" in why_not(request_)[0]


def test_another_version_in_the_request_is_asked_about_anew_and_the_baseline_is_not_paid_again(
    request_: ChangeRequest, author: User
) -> None:
    gate = approved_gate(request_.prompt, model=MODEL)
    answer(good_or_bad({1: 0.8, 2: 0.85}))
    make_version(request_.project, content=text("Say less. {{words}}"), actor=author)
    point_at(request_, 3, actor=author)
    request_.refresh_from_db()
    assert "has not reported on v3" in why_not(request_)[0]
    answer(good_or_bad({1: 0.1, 3: 0.9}))
    runs = list(gate.runs.order_by("pk"))
    assert [run.candidate.number for run in runs] == [2, 3]
    assert runs[0].baseline_experiment == runs[1].baseline_experiment
    assert Experiment.objects.count() == 3
    assert checks(request_)[-1] == (CHECK, "pass")


def test_asking_again_gives_no_second_chance_unless_it_is_paid(request_: ChangeRequest) -> None:
    gate = approved_gate(request_.prompt, model=MODEL)
    answer(good_or_bad({1: 0.8, 2: 0.6}))
    again = start_run(
        gate, request_.version, trigger=GateRun.Trigger.PAGE, actor=None,
        baseline=request_.from_version,
    )  # fmt: skip
    answer(good_or_bad({1: 0.8, 2: 0.9}))
    again.refresh_from_db()
    assert (again.state, Experiment.objects.count()) == ("fail", 2)
    fresh = start_run(
        gate, request_.version, trigger=GateRun.Trigger.PAGE, actor=None,
        baseline=request_.from_version, is_fresh=True,
    )  # fmt: skip
    answer(good_or_bad({1: 0.8, 2: 0.9}))
    fresh.refresh_from_db()
    assert (fresh.state, Experiment.objects.count()) == ("pass", 3)


def test_where_nothing_serves_the_bar_decides(project: Project) -> None:
    connected(project)
    golden(project)
    version = make_version(project, content=chat(("user", "{{question}}"), model=MODEL))
    gate = approved_gate(version.prompt, bar=0.8)
    assert get_version(version.prompt, label="production") is None
    start_run(gate, version, trigger=GateRun.Trigger.API, actor=None, baseline=None)
    answer(good_or_bad({1: 0.95}))
    assert newest(gate).state == "pass"
    assert newest(gate).verdict["mode"] == "absolute"


def test_an_experiment_that_breaks_is_an_error_and_no_fail(request_: ChangeRequest) -> None:
    gate = approved_gate(request_.prompt, model=MODEL)
    answer(good_or_bad({1: 0.8, 2: 0.85}))  # begins, ends and reckons
    fresh = start_run(
        gate, request_.version, trigger=GateRun.Trigger.PAGE, actor=None,
        baseline=request_.from_version, is_fresh=True,
    )  # fmt: skip
    from evals.services.gate_answers import advance

    advance(fresh.pk)
    Experiment.objects.filter(state__in=Experiment.OPEN).update(
        state=Experiment.State.CAPPED, error="Stopped at its cost cap."
    )
    advance(fresh.pk)
    fresh.refresh_from_db()
    assert fresh.state == "error"
    assert "Stopped at its cost cap." in fresh.error
    assert checks(request_)[-1] == (CHECK, "error")


def test_what_cannot_begin_is_told(request_: ChangeRequest) -> None:
    gate = approved_gate(request_.prompt)  # the versions name no model, and neither does the gate
    answer(good_or_bad({}))
    assert newest(gate).state == "error"
    assert "names no model" in newest(gate).error


def test_nobody_else_reports_the_gates_check(request_: ChangeRequest) -> None:
    with pytest.raises(NotYours, match="Roadworthy itself"):
        report_check(request_, Report(CHECK, Check.State.PASS), actor=None)


def test_runs_of_a_request_that_is_closed_do_no_harm(request_: ChangeRequest) -> None:
    gate = approved_gate(request_.prompt, model=MODEL)
    from evals.services.gate_runs import start_due_runs

    assert start_due_runs() == 1
    assert start_due_runs() == 0
    ChangeRequest.objects.update(status=ChangeRequest.Status.CLOSED)
    answer(good_or_bad({1: 0.8, 2: 0.85}))
    assert newest(gate).state == "pass"
    assert checks(request_) == [(CHECK, "pending")]
