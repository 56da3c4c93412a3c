"""Who is told of what, and what webhooks hear of it."""

from __future__ import annotations

import pytest

from accounts.models import Project, User
from notices.models import PersonalNotice, WebhookMessage
from notices.services.endpoints import create_endpoint
from prompts.models import Check
from prompts.services.checking import Report, report_check
from prompts.services.proposing import close_request, point_at
from prompts.services.reviewing import approve, comment_on_request
from prompts.services.rolling import Plan, halt, resume, roll_out, set_share
from prompts.services.rolling_back import roll_back
from tests.prompts.making import make_request, make_reviewer, make_version, protect, text


def told(user: User) -> list[tuple[str, str]]:
    rows = PersonalNotice.objects.filter(user=user).order_by("pk")
    return [(row.event, row.link) for row in rows]


def test_each_step_of_a_review_reaches_whom_it_concerns(
    project: Project, alice: User, bob: User
) -> None:
    jun, tom = make_reviewer(project, "jun"), make_reviewer(project, "tom")
    protect(project, approvals=1)
    request = make_request(project, bob, reviewers=[jun])
    at = f"/p/support/reviews/{request.number}/"
    assert told(jun) == [("review.asked", at)]
    comment_on_request(request, actor=jun, note="Does @tom agree?")
    assert told(tom) == [("review.mentioned", at)]
    assert told(bob) == [("review.commented", at)]
    make_version(project, content=text("third"), actor=bob)
    point_at(request, 3, actor=bob)
    report_check(request, Report("gate", Check.State.PASS), actor=None)
    approve(request, actor=jun, version=3)
    rollout = roll_out(request, Plan(share=500), actor=bob)
    assert rollout is not None
    halt(rollout, actor=None, reason="Errors rose from 1 % to 4 %.")
    resume(rollout, actor=alice, reason="A provider's outage.")
    set_share(rollout, 800, actor=bob)
    roll_back(request.prompt, "production", actor=alice)
    assert [event for event, _ in told(bob)] == [
        "review.commented",
        "review.check_done",
        "review.approved",
        "rollout.halted",
        "rollout.resumed",
        "prompt.rolled_back",
    ]
    assert ("review.version_changed", at) in told(jun)
    assert told(alice) == []  # nobody asked her, and what she did herself is no news


@pytest.mark.parametrize("events", [["*"], ["review.closed", "prompt.version_created"]])
def test_webhooks_hear_what_they_asked_for(
    project: Project, alice: User, bob: User, events: list[str]
) -> None:
    create_endpoint(project, url="https://example.com/hook", events=events, actor=alice)
    request = make_request(project, bob)
    close_request(request, actor=bob)
    heard = set(WebhookMessage.objects.values_list("type", flat=True))
    wanted = {"prompt.version_created", "review.closed"}
    assert heard == (wanted | {"prompt.label_moved", "review.opened"} if "*" in events else wanted)
