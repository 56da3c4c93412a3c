"""The events of evals: for webhooks, and for the persons they concern."""

from __future__ import annotations

from notices.events import Event, Wish

_VERSION = {
    "evaluator": "The evaluator's name.",
    "version": "Number of the version.",
    "weakens": "In which respects it asks less, or otherwise, in sentences.",
    "by": "Who did it: a person, a key, or Roadworthy.",
    "url": "Path of its page.",
}

EVENTS = (
    Event(
        "evaluator.proposed",
        "A version of an evaluator waits for approval",
        _VERSION | {"reason": "Why, in the author's words."},
        default=Wish.MAIL,
        because="you may approve it",
    ),
    Event(
        "evaluator.approved",
        "A version of an evaluator came into use",
        _VERSION | {"note": "What the approver says."},
        default=Wish.PRODUCT,
        because="you own the evaluator, or wrote the version",
    ),
    Event(
        "evaluator.rejected",
        "A version of an evaluator was rejected",
        _VERSION | {"note": "Why."},
        default=Wish.MAIL,
        because="you own the evaluator, or wrote the version",
    ),
    Event(
        "schedule.over_budget",
        "A schedule missed a run: its budget of the month",
        {
            "schedule": "The schedule's name.",
            "slot": "When the run was due.",
            "why": "What is spent of how much, and what a run costs.",
            "url": "Path of its page.",
        },
        default=Wish.MAIL,
        because="you made the schedule",
    ),
)
