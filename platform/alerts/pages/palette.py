"""What the command palette finds of alerts: pages, and incidents by number or words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from accounts.models import Role
from alerts.queries.incidents import list_incidents
from kit.palette import Entry

MOST = 5


def entries(person: Any, door: Any, text: str) -> Iterable[Entry]:
    """Pages of the project, and which incidents say so."""
    if door is None:
        return
    slug = door.project.slug
    href = reverse("alerts:incidents", args=[slug])
    yield Entry("Alerts", "page", href, icon="alert", words="incidents on call pages")
    yield Entry(
        "Alert rules", "page", reverse("alerts:rules", args=[slug]), icon="bell",
        words="threshold backtest watch alarm",
    )  # fmt: skip
    if door.may(Role.ADMIN):
        yield Entry(
            "Channels of alerts", "settings", reverse("alerts:channels", args=[slug]), icon="alert",
            words="slack pagerduty email webhook escalation",
        )  # fmt: skip
    wanted = text.strip().replace("\0", "").encode("utf-8", "replace").decode()[:200]
    if len(wanted) < 2:
        return
    said = list_incidents(door.project).filter(sentence__icontains=wanted)
    for incident in said[:MOST]:
        to = reverse("alerts:incident", args=[slug, incident.pk])
        yield Entry(incident.sentence[:120], "incident", to, icon="alert", found=True)
