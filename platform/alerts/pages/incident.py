"""The page of one incident and a row of the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.access import Door
from accounts.models import Project, Role
from accounts.queries import list_members
from alerts.models import Incident, IncidentStep
from alerts.pages.words import Sign, of_delivery, severity_chip, state_chip
from alerts.queries.incidents import list_folded, list_steps, moves_around
from alerts.services.acting import can_roll_back
from features.queries import feature_named
from kit.figures import polyline
from prompts.addresses import prompt_path
from prompts.models import LabelMove

CHART = (600, 120)  # units of the SVG's own box


@dataclass(frozen=True)
class SentTo:
    """What became of a step on one channel."""

    channel: str
    href: str
    sign: Sign
    error: str


@dataclass(frozen=True)
class Around:
    """A label that moved shortly before."""

    move: LabelMove
    href: str
    is_implicated: bool


def row_of(incident: Incident) -> dict[str, Any]:
    """A row of the list."""
    points = incident.evidence.get("points") or []
    return {
        "incident": incident,
        "severity": severity_chip(incident),
        "state": state_chip(incident),
        "points": points if len(points) > 1 else [],
        "folded": getattr(incident, "folded_count", 0),
    }


def page_of(door: Door, incident: Incident) -> dict[str, Any]:
    """Everything the page shows."""
    move = incident.implicated
    may_act = door.may(Role.ENGINEER)
    acts = may_act and not incident.is_over and incident.lead_id is None
    folded = list_folded(incident)
    return {
        **row_of(incident),
        "facts": incident.evidence.get("facts") or [],
        "excerpts": incident.evidence.get("excerpts") or [],
        "traces": [
            {"id": one, "href": reverse("traces:trace_detail", args=[door.project.slug, one])}
            for one in incident.evidence.get("trace_ids") or []
        ],
        "chart": chart_of(incident),
        "acts": acts,
        "may_act": may_act,
        "may_settle": door.may(Role.ADMIN),
        "goes_back": move if acts and move is not None and can_roll_back(incident) else None,
        "around": [_around(door, incident, one) for one in moves_around(incident)],
        "steps": [{"step": step, "sent": _sent(door, step)} for step in list_steps(incident)],
        "on_call_of": incident.feature if registered_feature(door.project, incident) else "",
        "members": [row.user for row in list_members(door.project) if row.user.is_active]
        if acts
        else [],
        "folded_rows": [row_of(one) for one in folded],
    }


def registered_feature(project: Project, incident: Incident) -> bool:
    """True where its feature is registered, so that it may have a rotation."""
    return bool(incident.feature) and feature_named(project, incident.feature) is not None


def chart_of(incident: Incident) -> dict[str, Any] | None:
    """The figure's course with the bar, as an SVG draws it; None where there is no course."""
    points = incident.evidence.get("points") or []
    known = [one for one in points if one is not None]
    if len(known) < 2:
        return None
    width, height = CHART
    bar = incident.evidence.get("bar")
    scale = [*known, bar] if bar is not None else known
    low, high = min(scale), max(scale)
    span = (high - low) or 1.0
    # The line's own scale reaches from `low` to its highest point.
    tall = height * ((max(known) - low) / span) if max(known) > low else 0.0
    return {
        "points": polyline(points, width, max(round(tall), 4), base=low),
        "shift": height - max(round(tall), 4),
        "bar": None if bar is None else round(height - 2 - (bar - low) / span * (height - 4), 1),
        "bar_text": bar,
        "last": next(one for one in reversed(points) if one is not None),
        "first": known[0],
        "low": low,
        "high": high,
        "count": len(points),
    }


def _around(door: Door, incident: Incident, move: LabelMove) -> Around:
    href = prompt_path(door.project, move.prompt.name)
    return Around(move, href, move.pk == incident.implicated_id)


def _sent(door: Door, step: IncidentStep) -> list[SentTo]:
    slug = door.project.slug
    return [
        SentTo(
            one.channel.name,
            reverse("alerts:channel", args=[slug, one.channel_id])
            if door.may(Role.ADMIN) and one.channel.deleted_at is None
            else "",
            of_delivery(one),
            one.last_error,
        )
        for one in step.deliveries.all()
    ]
