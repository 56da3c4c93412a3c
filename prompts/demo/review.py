"""The demo's open review: comments on lines, a suggestion, verdicts, a check that still runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from prompts.demo.editions import PROPOSED_TRIAGE, TRIAGE
from prompts.demo.people import Story
from prompts.diff.parts import parts_of
from prompts.models import ChangeRequest, Check, Comment, Prompt, Review, Thread
from prompts.services.checking import Report, report_check
from prompts.services.discussing import Place, reply, resolve, start_thread
from prompts.services.proposing import Proposal, propose
from prompts.services.reviewing import approve, request_changes

_WHY = (
    "Since black week we see messages about orders that nobody placed. They land in `billing.*` "
    "and wait a day. This adds `fraud.*`, and a sentence of reason that the queue can show.\n\n"
    "Tried on 400 tickets of last week: 391 keep their queue, 9 move to fraud."
)


def open_review(story: Story, checks: Sequence[str]) -> ChangeRequest:
    """Propose the newest version of the triage for production, and discuss it."""
    people = story.people
    prompt = Prompt.objects.get(project=story.project, name=TRIAGE)
    request = propose(
        prompt,
        Proposal(
            "production", PROPOSED_TRIAGE, "A queue for fraud", _WHY,
            [people["tomas"], people["aiko"], people["lena"]],
        ),
        actor=people["priya"],
    )  # fmt: skip
    request.asked.update(at=story.at(1.8))
    passed, running = checks
    _check(story, request, 1.7, passed, Check.State.PASS, "48 of 50 as expected, 47 before")
    _check(story, request, 0.04, running, Check.State.PENDING, "212 of 400 tickets judged")
    _discuss(story, request)
    approve(request, actor=people["aiko"], version=PROPOSED_TRIAGE, note="The labels are right.")
    request_changes(
        request, actor=people["tomas"], version=PROPOSED_TRIAGE,
        note="The rule for needs_human is too wide: see my comment.",
    )  # fmt: skip
    for name, days in (("aiko", 0.9), ("tomas", 0.6)):
        Review.objects.filter(request=request, author=people[name]).update(at=story.at(days))
    ChangeRequest.objects.filter(pk=request.pk).update(
        created_at=story.at(1.8), changed_at=story.at(0.04)
    )
    return request


def _discuss(story: Story, request: ChangeRequest) -> None:
    people = story.people
    part = next(
        part for part in parts_of(request.version.content("chat")) if "fraud.*" in part.text
    )
    lines = part.text.split("\n")

    def on(words: str) -> Place:
        at = next(n for n, line in enumerate(lines, 1) if words in line)
        return Place(part.key, at, Thread.Side.NEW)

    fraud = start_thread(
        request, actor=people["aiko"], place=on("fraud.*"),
        body="Does the helpdesk know `fraud.*` yet? Its queues are a fixed list.",
    )  # fmt: skip
    reply(fraud, actor=people["priya"], body="Since Tuesday: `fraud.orders` and `fraud.accounts`.")
    resolve(fraud, True, actor=people["aiko"])
    _set_back(fraud, [story.at(1.4), story.at(1.2)])
    Thread.objects.filter(pk=fraud.pk).update(resolved_at=story.at(1.1))
    human = start_thread(
        request, actor=people["tomas"], place=on("needs_human whenever"),
        body="With this a third of all tickets goes to a person. Say what being sure means.",
        suggestion="Set needs_human when two labels fit equally well, or money above 250.00 is "
        "at stake.",
    )  # fmt: skip
    reply(human, actor=people["lena"], body="Agreed, v8 had 12 % and the team cannot take more.")
    _set_back(human, [story.at(0.7), story.at(0.5)])
    whole = start_thread(
        request, actor=people["lena"], body="Can we begin with 10 % once the regressions are done?"
    )
    _set_back(whole, [story.at(0.3)])


def _set_back(thread: Thread, times: Sequence[datetime]) -> None:
    Thread.objects.filter(pk=thread.pk).update(created_at=times[0])
    for comment, at in zip(thread.comments.order_by("pk"), times, strict=True):
        Comment.objects.filter(pk=comment.pk).update(created_at=at)


def _check(
    story: Story, request: ChangeRequest, days: float, name: str, state: Check.State, text: str
) -> None:
    made = report_check(request, Report(name, state, summary=text), actor=None)
    Check.objects.filter(pk=made.pk).update(at=story.at(days))
