"""Rollouts that began two hours ago, with the calls and reads that a look at them finds."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from django.utils import timezone

from accounts.models import Project, User
from prompts.models import ChangeRequest, ReadCount, Rollout
from prompts.services.rolling import Plan, roll_out
from prompts.splitting import has_candidate
from tests.traces.seeing import store
from traces.ingest.record import Kind, Level, SpanRecord

START = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=2)

# By chance alone an A/B test would find its difference in no more than nearly all runs.
SALT = "5f" * 16


def begun(request: ChangeRequest, actor: User, plan: Plan) -> Rollout:
    """A rollout that began two hours ago; its salt gives each user the same arm in every run."""
    rollout = roll_out(request, plan, actor=actor)
    assert rollout is not None
    rollout.events.update(at=START)
    due = START + timedelta(minutes=plan.stages[0].soak_minutes) if plan.stages else None
    Rollout.objects.filter(pk=rollout.pk).update(
        started_at=START, stage_since=START, next_stage_at=due, salt=SALT
    )
    rollout.refresh_from_db()
    return rollout


def traffic(
    project: Project, rollout: Rollout, *, calls: int, errors: tuple[float, float], seed: int = 1,
    keyed: bool = True, minutes: int = 60, within: tuple[int, int] | None = None,
) -> None:  # fmt: skip
    """Calls of many users; each gets the arm of its key, and errs at the arm's rate.

    They come `within` so many seconds after the start, else from the second minute on.
    """
    random = Random(seed)
    first, last = within or (60, minutes * 60)
    spans = []
    for index in range(calls):
        user = f"user-{random.randrange(5000)}"
        is_new = has_candidate(rollout.salt, user, rollout.share)
        start = START + timedelta(seconds=random.uniform(first, last))
        ns = int(start.timestamp() * 1e9)
        spans.append(
            SpanRecord(
                trace_id=f"t-{seed}-{index}",
                span_id="s",
                name="answer",
                kind=Kind.GENERATION,
                start_ns=ns,
                end_ns=ns + int(random.lognormvariate(0, 0.4) * 1e9),
                level=Level.ERROR if random.random() < errors[is_new] else Level.DEFAULT,
                user_id=user if keyed else None,
                prompt_name=rollout.prompt.name,
                prompt_version=str(rollout.candidate.number if is_new else rollout.base.number),
            )
        )
    store(project, *spans)


def reads(rollout: Rollout, count: int, *, minute: int = 5) -> None:
    """Reads of the candidate with a key, in one minute after the start."""
    ReadCount.objects.create(
        prompt=rollout.prompt, minute=START + timedelta(minutes=minute), label=rollout.label,
        number=rollout.candidate.number, keyed=True, count=count,
    )  # fmt: skip
