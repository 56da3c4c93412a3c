"""The events of prompts, reviews and rollouts: for webhooks, and for the persons they concern."""

from __future__ import annotations

from notices.events import Event, Wish

_WHERE = {
    "prompt": "The prompt's name.",
    "by": "Who did it: a person, a key, or Roadworthy.",
    "url": "Path of its page.",
}
_MOVE = _WHERE | {
    "label": "The label.",
    "from": "Number of the version that served before; null for none.",
    "to": "Number of the version that serves now; null where the label was taken away.",
    "review": "Number of the change request; null where there was none.",
    "reason": "Why, where somebody said so.",
}
_REVIEW = _WHERE | {
    "review": "Number of the change request.",
    "title": "Its title.",
    "label": "The label it asks to move.",
    "from": "Number of the version that served when it began; null for none.",
    "to": "Number of the version it proposes.",
    "status": "Where it stands.",
}
_ROLLOUT = _WHERE | {
    "label": "The label.",
    "from": "Number of the version that served before.",
    "to": "Number of the candidate.",
    "share": "Percent of the keys that get the candidate.",
    "status": "active, halted, complete or rolled_back.",
    "review": "Number of the change request; null where there was none.",
    "reason": "Why it was halted, where it was.",
}
_TAKES_PART = "you wrote this review, were asked for it or said something in it"
_OWNS = "you own the prompt, or took part in its review"

EVENTS = (
    Event(
        "prompt.version_created",
        "A prompt has a new version",
        _WHERE | {"version": "Its number.", "message": "What its author says of it."},
    ),
    Event(
        "prompt.label_moved",
        "A label moved to another version",
        _MOVE | {"cause": "set, review, rollback, undo or removed."},
        default=Wish.PRODUCT,
        because="you own the prompt",
    ),
    Event(
        "prompt.rolled_back",
        "A prompt was rolled back",
        _MOVE,
        default=Wish.MAIL,
        because=_OWNS,
    ),
    Event("review.opened", "A review was opened", _REVIEW),
    Event(
        "review.asked",
        "You are asked to review a change",
        _REVIEW,
        default=Wish.MAIL,
        because="you were asked to review it, or its folder is yours",
    ),
    Event(
        "review.mentioned",
        "You are mentioned in a review",
        _REVIEW,
        default=Wish.MAIL,
        because="somebody wrote your name in it",
    ),
    Event(
        "review.version_changed",
        "A review proposes another version",
        _REVIEW,
        default=Wish.PRODUCT,
        because=_TAKES_PART,
    ),
    Event(
        "review.approved",
        "A version was approved",
        _REVIEW,
        default=Wish.PRODUCT,
        because=_TAKES_PART,
    ),
    Event(
        "review.changes_requested",
        "A reviewer requested changes",
        _REVIEW,
        default=Wish.MAIL,
        because=_TAKES_PART,
    ),
    Event(
        "review.commented",
        "Somebody commented on a review",
        _REVIEW,
        default=Wish.PRODUCT,
        because=_TAKES_PART,
    ),
    Event(
        "review.check_done",
        "A check of a review is done",
        _REVIEW | {"check": "An object: name, state, summary."},
        default=Wish.PRODUCT,
        because=_TAKES_PART,
    ),
    Event(
        "review.overridden",
        "An owner let a version pass without a green check",
        _REVIEW,
        default=Wish.MAIL,
        because=_TAKES_PART,
    ),
    Event(
        "review.closed", "A review was closed", _REVIEW, default=Wish.PRODUCT, because=_TAKES_PART
    ),
    Event("rollout.started", "A rollout began", _ROLLOUT, default=Wish.PRODUCT, because=_OWNS),
    Event(
        "rollout.share_changed",
        "A rollout changed its share",
        _ROLLOUT,
        default=Wish.PRODUCT,
        because=_OWNS,
    ),
    Event("rollout.halted", "A rollout was halted", _ROLLOUT, default=Wish.MAIL, because=_OWNS),
    Event(
        "rollout.resumed",
        "A rollout goes on after a halt",
        _ROLLOUT,
        default=Wish.PRODUCT,
        because=_OWNS,
    ),
    Event(
        "rollout.completed", "A rollout is complete", _ROLLOUT, default=Wish.PRODUCT, because=_OWNS
    ),
    Event(
        "rollout.verdict",
        "An A/B test has its verdict",
        _ROLLOUT | {"verdict": "An object: what was measured, its interval and the decision."},
        default=Wish.MAIL,
        because=_OWNS,
    ),
)
