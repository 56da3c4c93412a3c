"""What a look at a rollout waits for, learns once, and leaves to people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Project, User
from prompts.models import ChangeRequest, Rollout
from prompts.queries.rollouts import seen_share
from prompts.services.rolling import Plan, Stage, set_share
from prompts.services.watching import look, take_next_stage
from tests.prompts.making import make_request
from tests.prompts.watched import START, begun, reads, traffic

pytestmark = pytest.mark.django_db(transaction=True)
STAGES = [Stage(1000, 30), Stage(5000, 30)]


@pytest.fixture
def request_(project: Project, bob: User) -> ChangeRequest:
    return make_request(project, bob, label="staging")


def test_a_person_who_narrows_has_the_last_word(request_: ChangeRequest, bob: User) -> None:
    rollout = begun(request_, bob, Plan(share=500, stages=[Stage(500, 30), *STAGES]))
    as_looked_at = Rollout.objects.get(pk=rollout.pk)
    set_share(rollout, 100, actor=bob)
    take_next_stage(as_looked_at)
    rollout.refresh_from_db()
    assert (rollout.share, rollout.waits_for) == (100, "")
    assert rollout.next_stage_at is None  # no stage has this share
    look(rollout)
    assert Rollout.objects.get().share == 100


def test_a_stage_that_two_workers_see_begins_once(request_: ChangeRequest, bob: User) -> None:
    rollout = begun(request_, bob, Plan(share=500, stages=[Stage(500, 30), *STAGES]))
    workers = [Rollout.objects.get(pk=rollout.pk) for _ in range(2)]
    for as_looked_at in workers:
        take_next_stage(as_looked_at)
    rollout.refresh_from_db()
    assert (rollout.share, rollout.waits_for) == (1000, "")
    assert rollout.events.filter(kind="share").count() == 1


def test_reads_and_calls_are_counted_in_the_same_minutes(
    request_: ChangeRequest, project: Project, bob: User
) -> None:
    rollout = begun(request_, bob, Plan(share=9000, stages=[]))
    rollout.stage_since = START + timedelta(seconds=1)
    traffic(project, rollout, calls=40, errors=(0, 0), within=(2, 59))  # reads of no whole minute
    reads(rollout, 30, minute=0)
    reads(rollout, 40, minute=1)
    assert seen_share(rollout) == (0.0, 40)
    traffic(project, rollout, calls=40, errors=(0, 0), within=(60, 119), seed=2)
    seen = seen_share(rollout)[0]
    assert seen is not None
    assert seen > 0.5
    rollout.stage_since = timezone.now() - timedelta(minutes=3)
    assert seen_share(rollout) == (None, 0)


def test_what_guards_have_to_know_is_learnt_once_and_asked_ever_more_seldom(
    request_: ChangeRequest, project: Project, bob: User
) -> None:
    guards = [{"metric": name, "margin": 0.1} for name in ("errors", "latency", "cost")]
    rollout = begun(request_, bob, Plan(share=2500, guards=guards))

    def known(*, minutes: int) -> dict[str, tuple[float | None, float | None]]:
        """Ceiling and design effect of each guard after a look that late."""
        look(rollout, now=START + timedelta(minutes=minutes))
        rollout.refresh_from_db()
        return {g["metric"]: (g.get("ceiling"), g.get("design_effect")) for g in rollout.guards}

    unknown = (None, None)
    assert set(known(minutes=70).values()) == {unknown}
    traffic(project, rollout, calls=600, errors=(0.05, 0.05))
    assert set(known(minutes=71).values()) == {unknown}  # asked a minute ago
    learnt = known(minutes=130)
    assert learnt["errors"][1] is not None
    assert None not in learnt["latency"]
    assert learnt["cost"] == unknown  # no call has a price
    # Ten times the calls, and users who err together: a test keeps the measure that it has.
    traffic(project, rollout, calls=600, errors=(1.0, 1.0), seed=3)
    assert known(minutes=600) == learnt
