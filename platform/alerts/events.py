"""What persons and the project's webhooks can be told of incidents."""

from __future__ import annotations

from notices.events import Event, Wish

DATA = {
    "incident": "id of the incident",
    "cause": "what it is told by",
    "feature": "name of the feature, or empty",
    "severity": "info, ticket or page",
    "state": "open, acknowledged, snoozed or resolved",
    "origin": "us, provider, both, traffic, judge or unknown",
    "sentence": "what is wrong",
    "by": "who did it",
    "url": "path of the page",
}
WHY = "you answer for the feature"

EVENTS = (
    Event(
        "incident.assigned", "An incident is yours", DATA, Wish.MAIL, because="it was given to you"
    ),
    Event("incident.escalated", "Nobody acknowledged an incident", DATA, Wish.MAIL, because=WHY),
    Event("incident.opened", "An incident was opened", DATA, Wish.MAIL, because=WHY),
    Event("incident.reopened", "A snoozed incident is open again", DATA, Wish.MAIL, because=WHY),
    Event("incident.resolved", "An incident was resolved", DATA, Wish.PRODUCT, because=WHY),
    Event("incident.worsened", "An incident became more severe", DATA, Wish.MAIL, because=WHY),
)
