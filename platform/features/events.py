"""The events of features: for webhooks, and for the persons they concern."""

from __future__ import annotations

from notices.events import Event, Wish

_TARGET = {
    "feature": "The feature's name.",
    "number": "Number of the target.",
    "metric": "Name of the score that it is about.",
    "bar": "The number that the score must reach.",
    "direction": "at_least or at_most.",
    "by": "Who did it: a person, a key, or Roadworthy.",
    "url": "Path of its page.",
}

EVENTS = (
    Event(
        "feature.target_proposed",
        "A target of a feature waits for approval",
        _TARGET | {"reason": "Why, in the author's words."},
        default=Wish.MAIL,
        because="you may approve it",
    ),
    Event(
        "feature.target_approved",
        "A target of a feature was approved",
        _TARGET | {"note": "What the approver says."},
        default=Wish.PRODUCT,
        because="you answer for the feature, or wrote the target",
    ),
    Event(
        "feature.target_declined",
        "A target of a feature was declined",
        _TARGET | {"note": "Why."},
        default=Wish.MAIL,
        because="you wrote the target, or own the feature",
    ),
)
