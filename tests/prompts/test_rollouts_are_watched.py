"""Looks at a rollout over real spans: a good version goes through its stages, a bad one halts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from accounts.models import Project, User
from prompts.models import ChangeRequest, ReadCount, Rollout
from prompts.services.rolling import Plan, Stage
from prompts.services.watching import judged, look
from prompts.splitting import has_candidate
from tests.prompts.making import make_request
from tests.prompts.watched import START, begun, reads, traffic
from tests.traces.seeing import store
from traces.ingest.record import Kind, Level, SpanRecord
from traces.queries.arms import ArmCalls, calls_by_minute, keys_that_match

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def request_(project: Project, bob: User) -> ChangeRequest:
    return make_request(project, bob, label="staging")


def test_a_version_that_errs_more_is_halted_with_the_evidence(
    request_: ChangeRequest, project: Project, bob: User
) -> None:
    guards = [{"metric": "errors", "margin": 0.01}, {"metric": "latency", "margin": 0.2}]
    rollout = begun(request_, bob, Plan(share=2500, guards=guards))
    traffic(project, rollout, calls=3000, errors=(0.01, 0.15))
    look(rollout)
    rollout.refresh_from_db()
    assert rollout.status == "halted"
    assert rollout.ended_why.startswith("Errors: ")
    event = rollout.events.get(kind="halted")
    assert event.evidence["metric"] == "errors"
    assert event.evidence["effect"] > 0.08
    assert ChangeRequest.objects.get(pk=request_.pk).status == "halted"
    look(rollout)  # a halted one is left alone
    assert rollout.events.filter(kind="halted").count() == 1


def test_a_version_that_is_no_worse_goes_through_its_stages_once_it_is_seen(
    request_: ChangeRequest, project: Project, bob: User
) -> None:
    stages = [Stage(1000, 30), Stage(5000, 30), Stage(10_000, 30)]
    rollout = begun(request_, bob, Plan(share=1000, stages=stages))
    traffic(project, rollout, calls=1500, errors=(0.02, 0.02))
    look(rollout)
    rollout.refresh_from_db()
    assert rollout.share == 1000
    assert rollout.waits_for.startswith("The next stage waits for reads: 0")
    reads(rollout, 400)  # about 150 calls of the candidate: a third of its reads is seen
    look(rollout)
    rollout.refresh_from_db()
    assert "of 400 reads of v2 appear in traces, and 95% must" in rollout.waits_for
    ReadCount.objects.all().delete()
    reads(rollout, 100)
    look(rollout)
    rollout.refresh_from_db()
    assert (rollout.share, rollout.waits_for) == (5000, "")
    assert rollout.events.get(kind="share").by_label == "the next stage"


def test_calls_without_a_key_do_not_take_part(
    request_: ChangeRequest, project: Project, bob: User
) -> None:
    rollout = begun(request_, bob, Plan(share=2500, guards=[{"metric": "errors", "margin": 0.01}]))
    traffic(project, rollout, calls=800, errors=(0.0, 0.0))
    # A nightly job without users: it reads what served before, and fails half of the time.
    store(project, *(_nightly(rollout, index) for index in range(400)))
    look(rollout)
    rollout.refresh_from_db()
    assert rollout.by_key is True
    _, verdict, _ = judged(rollout)["errors"]
    assert verdict is not None
    assert verdict.n_old + verdict.n_new <= 800
    assert verdict.effect == 0


def _nightly(rollout: Rollout, index: int) -> SpanRecord:
    ns = int((START + timedelta(minutes=2, seconds=index)).timestamp() * 1e9)
    return SpanRecord(
        trace_id=f"night-{index}", span_id="s", name="answer", kind=Kind.GENERATION,
        start_ns=ns, end_ns=ns + 10**9, level=Level.ERROR if index % 2 else Level.DEFAULT,
        prompt_name=rollout.prompt.name, prompt_version="1",
    )  # fmt: skip


@contextmanager
def asked(rollout: Rollout, **changes: object) -> Iterator[ArmCalls]:
    given: dict[str, object] = {
        "project_id": rollout.prompt.project_id, "prompt": rollout.prompt.name, "base": 1,
        "candidate": 2, "since": START, "until": START + timedelta(hours=2),
        "salt": rollout.salt, "share": rollout.share,
    }  # fmt: skip
    yield ArmCalls(**{**given, **changes})  # type: ignore[arg-type]


def test_the_database_computes_the_same_bucket(
    request_: ChangeRequest, project: Project, bob: User
) -> None:
    rollout = begun(request_, bob, Plan(share=3333))
    traffic(project, rollout, calls=500, errors=(0, 0))
    with asked(rollout) as all_of_them:
        assert sum(row.calls for row in calls_by_minute(all_of_them)) == 500
        matching, of_all = keys_that_match(all_of_them)
        assert matching == of_all > 100
    with asked(rollout, share=0) as none:
        assert keys_that_match(none)[0] == 0


def test_an_ab_test_says_one_thing_when_its_numbers_are_there(
    request_: ChangeRequest, project: Project, bob: User
) -> None:
    from dataclasses import asdict

    from kit.intervals import plan as planned

    plan = planned("rate", base=0.1, effect=0.1, share_new=0.5)
    test = {"metric": "errors", "plan": asdict(plan)}
    rollout = begun(request_, bob, Plan(share=5000, test=test, guards=[]))
    traffic(project, rollout, calls=100, errors=(0.1, 0.1), minutes=10)
    look(rollout)
    rollout.refresh_from_db()
    assert "verdict" not in rollout.test
    traffic(project, rollout, calls=1500, errors=(0.1, 0.3), seed=2)
    look(rollout)
    look(rollout)
    rollout.refresh_from_db()
    assert rollout.test["verdict"]["state"] == "worse"
    assert rollout.events.filter(kind="verdict").count() == 1
    assert (rollout.status, rollout.share) == ("active", 5000)  # a person decides what follows


def test_users_who_come_back_are_less_evidence(
    request_: ChangeRequest, project: Project, bob: User
) -> None:
    """Where a user who failed fails again, a thousand calls of fifty users are few."""
    guards = [{"metric": "errors", "margin": 0.01}]
    rollout = begun(request_, bob, Plan(share=2500, guards=guards))
    spans = []
    for user in range(60):
        name = f"user-{user}"
        is_new = has_candidate(rollout.salt, name, rollout.share)
        for index in range(20):
            ns = int((START + timedelta(minutes=2, seconds=60 * index + user)).timestamp() * 1e9)
            spans.append(
                SpanRecord(
                    trace_id=f"{name}-{index}", span_id="s", name="answer", kind=Kind.GENERATION,
                    start_ns=ns, end_ns=ns + 10**9, user_id=name, prompt_name=rollout.prompt.name,
                    level=Level.ERROR if user % 5 == 0 else Level.DEFAULT,
                    prompt_version="2" if is_new else "1",
                )
            )  # fmt: skip
    store(project, *spans)
    look(rollout)
    rollout.refresh_from_db()
    assert 15 < rollout.guards[0]["design_effect"] <= 25  # all twenty calls of a user are alike
    assert rollout.status == "active"
