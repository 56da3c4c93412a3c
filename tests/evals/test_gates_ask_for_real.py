"""A gate's experiments are made by the runner: real calls, scores by code, and then the answer."""

from __future__ import annotations

import pytest

from accounts.models import Project, User
from evals.models import Experiment, GateRun
from evals.queries.gates import CHECK, open_runs
from evals.services.gate_answers import advance
from evals.services.gate_runs import start_due_runs
from prompts.services.proposing import Proposal, propose
from prompts.services.versions import archive_versions
from tests.evals.gating import approved_gate, golden, newest
from tests.evals.planned import MODEL, connected
from tests.evals.running import run, upstream
from tests.prompts.making import chat, make_reviewer, make_version, protect, serve
from tests.provider import Provider

__all__ = ["upstream"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(project: Project) -> tuple[User, User]:
    return make_reviewer(project, "ada"), make_reviewer(project, "ben")


def look() -> None:
    """What the worker does every few seconds."""
    start_due_runs()
    GateRun.objects.filter(state=GateRun.State.RUNNING).update(due_at="2026-01-01T00:00:00Z")
    for pk in open_runs():
        advance(pk)


def test_from_the_proposal_to_the_check(
    project: Project, people: tuple[User, User], upstream: Provider
) -> None:
    connected(project, upstream.url)
    golden(project, 20)
    protect(project)
    for said in ("{{question}}", "{{question}} Be brief."):
        version = make_version(project, content=chat(("user", said), model=MODEL), actor=people[0])
    serve(version.prompt, 1)
    gate = approved_gate(
        version.prompt, by=people, repeats=2, cost_cap_nano=1_000_000_000, with_held_out=True,
    )  # fmt: skip
    request = propose(version.prompt, Proposal("production", 2, "Brief"), actor=people[0])
    look()
    look()
    run()
    assert {one.state for one in Experiment.objects.all()} == {Experiment.State.DONE}
    look()
    answered = newest(gate)
    assert (answered.state, answered.error) == ("pass", "")
    assert len(upstream.answers) == 2 * 20 * 2
    assert answered.verdict["primary"]["n"] == 20
    assert answered.verdict["warnings"] == [
        "Small sample (20 items, 0 changed): the interval is by the bootstrap."
    ]
    told = request.checks.latest("pk")
    assert (told.name, told.state) == (CHECK, "pass")
    again = make_version(
        project, content=chat(("user", "{{question}} Be kind."), model=MODEL), actor=people[0]
    )
    propose(again.prompt, Proposal("production", 3, "Kind"), actor=people[0])
    look()
    look()
    run()
    look()
    assert newest(gate).state == "pass"
    assert len(upstream.answers) == 3 * 20 * 2  # what serves was not asked again


def test_a_cap_that_is_crossed_is_an_error(
    project: Project, people: tuple[User, User], upstream: Provider
) -> None:
    connected(project, upstream.url)
    golden(project, 20)
    for said in ("{{question}}", "{{question}} Be brief."):
        version = make_version(project, content=chat(("user", said), model=MODEL))
    serve(version.prompt, 1)
    gate = approved_gate(version.prompt, by=people, cost_cap_nano=1_000)
    from evals.services.gate_asking import Question, ask_gate

    ask_gate(project, Question("refund-agent", 2), trigger=GateRun.Trigger.API, actor=None)
    look()
    run()
    look()
    answered = newest(gate)
    assert answered.state == "error"
    assert "cost cap" in answered.error
    archive_versions(version.prompt, [2], actor=None)
