"""The demo's canary: the refund agent's v15 for a tenth of the sessions, as its traces tell."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.db import transaction

from prompts.demo.editions import AGENT, CANARY_AGENT
from prompts.demo.people import Story
from prompts.models import WHOLE, ChangeRequest, Check, Prompt, Review, Rollout
from prompts.queries.environments import environment_of
from prompts.services.checking import Report, report_check
from prompts.services.proposing import Proposal, propose
from prompts.services.reviewing import approve
from prompts.services.rolling import Plan, Stage, roll_out
from prompts.services.watching import look
from traces.demo.calendar import CANARY

_SHARE = WHOLE // 10
_SOAK = 7 * 24 * 60  # minutes
_STAGES = (Stage(_SHARE, _SOAK), Stage(WHOLE // 2, _SOAK), Stage(WHOLE, 1))


def begin_canary(story: Story) -> Rollout | None:
    """Begin it on its day, and look at it; None where the prompt is gone or had a rollout."""
    rollout = _begin(story)
    if rollout is not None:
        look(rollout)
    return rollout


@transaction.atomic
def _begin(story: Story) -> Rollout | None:
    prompt = Prompt.objects.filter(project=story.project, name=AGENT).first()
    if prompt is None or prompt.requests.exists() or story.project.deleted_at is not None:
        return None
    people = story.people
    title = "Check each refund before it is confirmed"
    why = "Twice last month a refund was confirmed and never made."
    asked = [people["aiko"], people["samuel"]]
    request = propose(
        prompt, Proposal("production", CANARY_AGENT, title, why, asked), actor=people["tomas"]
    )
    environment = environment_of(story.project, "production")
    for name in environment.required_checks if environment else ():
        report = Report(name, Check.State.PASS, summary="As good as v14")
        report_check(request, report, actor=None)
    for user in asked:
        approve(request, actor=user, version=CANARY_AGENT)
    rollout = roll_out(request, Plan(_SHARE, _STAGES), actor=people["tomas"])
    assert rollout is not None  # noqa: S101  (its share is a part)
    began = story.at(CANARY)
    before = began - timedelta(hours=8)
    request.asked.update(at=before)
    Check.objects.filter(request=request).update(at=before)
    Review.objects.filter(request=request).update(at=began - timedelta(hours=1))
    ChangeRequest.objects.filter(pk=request.pk).update(created_at=before, changed_at=began)
    rollout.events.update(at=began)
    salt = hashlib.sha256(f"demo/{story.seed}".encode()).hexdigest()[:32]
    Rollout.objects.filter(pk=rollout.pk).update(
        started_at=began,
        stage_since=began,
        next_stage_at=began + timedelta(minutes=_SOAK),
        salt=salt,
    )
    return rollout
