"""Steps of incidents: each is kept, audited, and written once for every channel that hears it."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import orjson
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.services.trail import Actor, person, record
from alerts.messages import message_for
from alerts.models import Channel, Delivery, Incident, IncidentStep, Severity, State, StepKind
from alerts.queries.quiet import hold_of
from alerts.queries.wishes import settings_of
from alerts.services.errors import IncidentIsOver
from alerts.values import ANNOUNCING, HELD, SENT, clean, moment
from features.services.acting import label_of
from kit import live
from kit.jobs import nudge

DELIVER = "alerts.deliver"


def locked(pk: int) -> Incident:
    """The incident under its row lock. Raises: Incident.DoesNotExist."""
    rows = Incident.objects.select_for_update(no_key=True, of=["self"])
    return rows.select_related("project__organization", "owner").get(pk=pk)


def locked_to_act(pk: int) -> Incident:
    """The same, for an act on it. Raises: IncidentIsOver."""
    incident = locked(pk)
    if incident.state == State.RESOLVED:
        raise IncidentIsOver("This incident is resolved. If its cause is back, a new one opens.")
    if incident.lead_id is not None:
        raise IncidentIsOver(
            f"This one is folded into incident {incident.lead_id}: what is done there counts here."
        )
    return incident


def add_step(
    incident: Incident,
    kind: StepKind,
    *,
    actor: Actor,
    text: str = "",
    now: datetime | None = None,
    **details: Any,
) -> IncidentStep:
    """Save the locked incident with one more step, and write what is to be sent of it.

    In a time of maintenance, or in quiet hours a ticket, it says so and nothing is sent.
    """
    is_held = False
    if kind in HELD and incident.lead_id is None:
        hold = hold_of(incident, now or timezone.now())
        is_held, incident.held_until = hold is not None, None
        if hold is not None:
            incident.held_until, incident.escalate_at = hold.until, None
            text = f"{text} {hold.why}: nothing is sent before {moment(hold.until)}.".strip()
            details |= {"held_until": hold.until.isoformat()}
    incident.last_number += 1
    incident.save()
    step = IncidentStep.objects.create(
        incident=incident,
        number=incident.last_number,
        kind=kind,
        by=person(actor),
        by_label=label_of(actor),
        text=clean(text, 1000),
        details=details,
    )
    record(
        f"incident.{kind}",
        actor=actor,
        project=incident.project,
        subject=incident,
        cause=incident.cause,
        state=incident.state,
        severity=incident.severity,
        text=step.text,
        **details,
    )
    if incident.lead_id is None and not is_held:
        _write_deliveries(incident, step)
    announce(incident.project_id)
    return step


def follow(incident: Incident, kind: StepKind, *, actor: Actor) -> None:
    """What was done to the locked incident is done to those that are folded into it."""
    for folded in Incident.objects.select_for_update(no_key=True, of=["self"]).filter(
        lead=incident
    ).exclude(state=State.RESOLVED).select_related("project__organization"):  # fmt: skip
        folded.state = incident.state
        folded.acknowledged_at = incident.acknowledged_at
        folded.snoozed_until = incident.snoozed_until
        folded.resolved_at = incident.resolved_at
        add_step(folded, kind, actor=actor, lead=incident.pk)


def announce(project_id: int) -> None:
    """Let open pages of alerts look again."""
    live.announce(f"project.{project_id}", {"type": "project.changed", "changed": ["alerts"]})


def _write_deliveries(incident: Incident, step: IncidentStep) -> None:
    channels = _hearing(incident, StepKind(step.kind))
    if not channels:
        return
    with_content = settings_of(incident.project).content_leaves
    now = timezone.now()
    made = []
    for channel in channels:
        uid = f"alert_{secrets.token_hex(16)}"
        said = message_for(channel.kind, incident, step, with_content=with_content)
        made.append(
            Delivery(
                channel=channel,
                incident=incident,
                step=step,
                uid=uid,
                body=orjson.dumps(said).decode(),
                created_at=now,
                due_at=now,
            )
        )
    Delivery.objects.bulk_create(made)
    nudge(DELIVER)


def _hearing(incident: Incident, kind: StepKind) -> list[Channel]:
    """Channels that get this step: what announces goes by severity, the rest to who knows of it."""
    kinds = SENT.get(kind)
    if not kinds:
        return []
    channels: QuerySet[Channel] = Channel.objects.filter(
        project=incident.project, is_enabled=True, deleted_at=None, kind__in=kinds
    ).order_by("pk")
    if kind in ANNOUNCING and incident.channel_ids:
        return list(channels.filter(pk__in=incident.channel_ids))
    if kind in ANNOUNCING:
        quieter = [one for one in Severity if one.rank <= Severity(incident.severity).rank]
        return list(channels.filter(least_severity__in=quieter))
    told = Delivery.objects.filter(incident=incident, channel=OuterRef("pk"))
    return list(channels.filter(Exists(told)))
