"""What persons do with an incident: acknowledge, assign, snooze, roll back, resolve."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.access import role_in
from accounts.models import User
from accounts.services.trail import Actor
from alerts.models import Incident, State, StepKind
from alerts.models.incidents import ROLLBACK_WITHIN
from alerts.services.errors import BadIncident, CannotRollBack
from alerts.services.persons import tell_persons
from alerts.services.timeline import add_step, follow, locked_to_act
from prompts.models import LabelMove, Rollout
from prompts.services.rolling_back import goes_back_to
from prompts.services.rolling_back import roll_back as roll_label_back

LONGEST_SNOOZE = timedelta(days=30)


@transaction.atomic
def acknowledge(incident: Incident, *, actor: Actor, text: str = "") -> Incident:
    """Somebody is on it: it escalates no more, and is theirs where it was nobody's.

    Raises: IncidentIsOver.
    """
    incident = locked_to_act(incident.pk)
    if incident.state == State.ACKNOWLEDGED:
        return incident
    _quiet(incident, State.ACKNOWLEDGED)
    incident.acknowledged_at = timezone.now()
    if incident.owner is None and isinstance(actor, User):
        incident.owner = actor
    add_step(incident, StepKind.ACKNOWLEDGED, actor=actor, text=text)
    follow(incident, StepKind.ACKNOWLEDGED, actor=actor)
    return incident


@transaction.atomic
def snooze(incident: Incident, *, until: datetime, actor: Actor, text: str = "") -> Incident:
    """Nothing is heard of it until then; if it is not resolved by that time, it is open again.

    Raises: IncidentIsOver, BadIncident.
    """
    now = timezone.now()
    if not now < until <= now + LONGEST_SNOOZE:
        raise BadIncident(f"Snooze until a time within the next {LONGEST_SNOOZE.days} days.")
    incident = locked_to_act(incident.pk)
    _quiet(incident, State.SNOOZED)
    incident.snoozed_until = until
    add_step(incident, StepKind.SNOOZED, actor=actor, text=text, until=until.isoformat())
    follow(incident, StepKind.SNOOZED, actor=actor)
    return incident


@transaction.atomic
def resolve(
    incident: Incident, *, actor: Actor, text: str = "", now: datetime | None = None
) -> Incident:
    """It is over, with all that is folded into it, for PagerDuty too. Raises: IncidentIsOver."""
    incident = locked_to_act(incident.pk)
    _quiet(incident, State.RESOLVED)
    incident.resolved_at = now or timezone.now()
    add_step(incident, StepKind.RESOLVED, actor=actor, text=text)
    follow(incident, StepKind.RESOLVED, actor=actor)
    title = f"Resolved: {incident.sentence}"
    tell_persons(incident, "incident.resolved", title, [incident.owner], actor=actor)
    return incident


@transaction.atomic
def assign(incident: Incident, *, owner: User, actor: Actor) -> Incident:
    """Give it to a member of the project. Raises: IncidentIsOver, BadIncident."""
    incident = locked_to_act(incident.pk)
    if not owner.is_active or role_in(owner, incident.project) is None:
        raise BadIncident(f"{owner.email} is no member of this project.")
    if incident.owner_id == owner.pk:
        return incident
    incident.owner = owner
    add_step(incident, StepKind.ASSIGNED, actor=actor, text=f"To {owner.display_name}.")
    title = f"It is yours: {incident.sentence}"
    tell_persons(incident, "incident.assigned", title, [owner], actor=actor)
    return incident


@transaction.atomic
def roll_back(incident: Incident, *, actor: Actor) -> LabelMove:
    """Take the implicated label move back, at once; who does so has acknowledged the incident.

    Raises: IncidentIsOver, CannotRollBack, and what `prompts` refuses.
    """
    incident = locked_to_act(incident.pk)
    move = incident.implicated
    if move is None or not can_roll_back(incident):
        raise CannotRollBack(
            "The label that is implicated has moved since, or has nothing to go back to."
        )
    reason = f"Incident {incident.pk}: {incident.sentence}"
    made = roll_label_back(move.prompt, move.label, actor=actor, reason=reason)
    if incident.state != State.ACKNOWLEDGED:
        _quiet(incident, State.ACKNOWLEDGED)
        incident.acknowledged_at = timezone.now()
    text = f"{move.label} of {move.prompt.name} is on {made.to_version} again."
    add_step(incident, StepKind.ROLLED_BACK, actor=actor, text=text, move=made.pk)
    follow(incident, StepKind.ACKNOWLEDGED, actor=actor)
    return made


def can_roll_back(incident: Incident) -> bool:
    """True while the implicated move is recent, still stands, and there is a version before it."""
    move = incident.implicated
    if move is None or incident.is_over or timezone.now() - move.at > ROLLBACK_WITHIN:
        return False
    standing = move.prompt.labels.filter(name=move.label).values_list("version", flat=True).first()
    is_running = move.prompt.rollouts.filter(label=move.label, status__in=Rollout.RUNNING).exists()
    stands = standing is not None and standing == move.to_version_id
    return (stands or is_running) and goes_back_to(move.prompt, move.label) is not None


def _quiet(incident: Incident, state: State) -> None:
    incident.state = state
    incident.snoozed_until = None
    incident.escalate_at = None
