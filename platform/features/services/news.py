"""What is told of targets: to webhooks, and to the persons it concerns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.models import User
from accounts.services.trail import Actor
from features.addresses import target_path
from features.models import Target
from features.services.acting import label_of
from notices.services import tell

_WORDS = {
    "feature.target_proposed": "{who} proposes target {n} of {feature}",
    "feature.target_approved": "Target {n} of {feature} holds now, approved by {who}",
    "feature.target_declined": "{who} declined target {n} of {feature}",
}


def tell_of_target(event: str, target: Target, *, actor: Actor, to: Iterable[User] = ()) -> None:
    """Something happened to a target; without `to` owner, deputy and author are told."""
    feature = target.feature
    link = target_path(feature.project, feature.name, target.number)
    data: dict[str, Any] = {
        "feature": feature.name,
        "number": target.number,
        "metric": target.metric,
        "bar": target.bar,
        "direction": str(target.bar_direction),
        "by": label_of(actor),
        "url": link,
    }
    if event == "feature.target_proposed":
        data["reason"] = target.reason
    else:
        data["note"] = target.note
    persons = list(to) or [
        person for person in (feature.owner, feature.deputy, target.author) if person is not None
    ]
    words = _WORDS[event].format(who=label_of(actor), n=target.number, feature=feature.heading)
    tell(feature.project, event, data=data, title=words, link=link, persons=persons, actor=actor)
