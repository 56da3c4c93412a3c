"""Incidents opened, seen again, folded into a storm, and resolved because their cause is gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Project, User
from accounts.services.trail import Actor
from alerts.models import Incident, IncidentStep, Origin, Severity, State, StepKind
from alerts.models.incidents import LONGEST_CAUSE, LONGEST_SENTENCE
from alerts.queries.quiet import hold_of
from alerts.queries.wishes import settings_of
from alerts.services.acting import resolve
from alerts.services.errors import BadIncident
from alerts.services.persons import tell_persons, who_answers
from alerts.services.timeline import add_step, locked
from alerts.values import Evidence, clean
from features.queries import feature_named
from prompts.models import LabelMove

SEEN_AGAIN_EVERY = timedelta(hours=1)  # a step of what is merely seen again, at most this often


@transaction.atomic
def open_incident(
    project: Project,
    cause: str,
    *,
    sentence: str,
    severity: Severity = Severity.TICKET,
    feature: str = "",
    origin: Origin = Origin.UNKNOWN,
    evidence: Evidence | None = None,
    implicated: LabelMove | None = None,
    owner: User | None = None,
    runbook_url: str = "",
    channel_ids: Sequence[int] = (),
    actor: Actor = None,
    now: datetime | None = None,
) -> Incident:
    """The project's incident of `cause`: a new one, or the one that is not resolved yet.

    A new one goes to the feature's owner (or deputy) and to every channel that wants its severity,
    or to the channels that are chosen, whatever they want;
    one that comes while another of the project is fresh is folded into that. One that is there
    already gets the newer evidence and at most a step, and nothing is sent unless it is louder now.
    `sentence` leaves the house: it holds no content. Raises: BadIncident.
    """
    now = now or timezone.now()
    cause, sentence = _checked(cause, sentence)
    # The row lock of the project makes two at once come one after the other.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    known = Incident.objects.filter(project=project, cause=cause).exclude(state=State.RESOLVED)
    found = known.values_list("pk", flat=True).first()
    if found is not None:
        known_one, loud, whose = locked(found), Severity(severity), Origin(origin)
        return _see_again(known_one, sentence, loud, whose, evidence, implicated, actor, now)
    registered = feature_named(project, feature) if feature else None
    answering = who_answers(project, registered, now)
    lead = _fresh_lead(project, now)
    incident = Incident(
        project=project,
        cause=cause,
        feature=clean(feature, 200),
        sentence=sentence,
        severity=Severity(severity),
        origin=Origin(origin),
        evidence=(evidence or Evidence()).stored(),
        runbook_url=runbook_url or (registered.runbook_url if registered is not None else ""),
        channel_ids=list(channel_ids),
        owner=owner or answering.first,
        implicated=implicated,
        lead=lead,
        opened_at=now,
        seen_at=now,
        escalate_at=_escalates(project, Severity(severity), now) if lead is None else None,
    )
    if lead is not None and lead.held_until is not None and hold_of(incident, now) is None:
        # The news of this one would wait with what is held back for another reason.
        lead = incident.lead = None
        incident.escalate_at = _escalates(project, Severity(severity), now)
    said = "" if owner else answering.said
    add_step(incident, StepKind.OPENED, actor=actor, text=said, now=now)
    if lead is not None:
        _fold(lead, incident, actor)
    title = f"{Severity(severity).label}: {sentence}"
    tell_persons(incident, "incident.opened", title, [incident.owner], actor=actor, now=now)
    return incident


@transaction.atomic
def resolve_cause(
    project: Project, cause: str, *, why: str, actor: Actor = None, now: datetime | None = None
) -> bool:
    """Resolve the incident of a cause that is gone; False where none is open.

    One that is folded into another ends alone; the other goes on.
    """
    rows = Incident.objects.filter(project=project, cause=cause).exclude(state=State.RESOLVED)
    found = rows.first()
    if found is None:
        return False
    if found.lead_id is None:
        resolve(found, actor=actor, text=why, now=now)
        return True
    incident = locked(found.pk)
    incident.state, incident.resolved_at = State.RESOLVED, now or timezone.now()
    add_step(incident, StepKind.RESOLVED, actor=actor, text=why)
    return True


def _see_again(
    incident: Incident,
    sentence: str,
    severity: Severity,
    origin: Origin,
    evidence: Evidence | None,
    implicated: LabelMove | None,
    actor: Actor,
    now: datetime,
) -> Incident:
    incident.times_seen += 1
    incident.seen_at = now
    if evidence is not None:
        incident.evidence = evidence.stored()
    if implicated is not None:
        incident.implicated = implicated
    is_known_now = origin not in (Origin.UNKNOWN, incident.origin)
    if origin is not Origin.UNKNOWN:
        incident.origin = origin
    if severity.rank > Severity(incident.severity).rank:
        incident.sentence = sentence
        _worsen(incident, severity, sentence, actor)
        if incident.lead_id is not None:
            lead = locked(incident.lead_id)
            if severity.rank > Severity(lead.severity).rank:
                _worsen(lead, severity, sentence, actor)
    elif is_known_now:
        text = f"Whose change: {origin.label}. {sentence}"
        add_step(incident, StepKind.SEEN, actor=actor, text=text)
    elif sentence != incident.sentence and _is_news(incident, now):
        add_step(incident, StepKind.SEEN, actor=actor, text=sentence)
    else:
        incident.save()
    return incident


def _worsen(incident: Incident, severity: Severity, sentence: str, actor: Actor) -> None:
    """Louder than before: it is sent again, and one that slept is open again."""
    incident.severity = severity
    if incident.state == State.SNOOZED:
        incident.state, incident.snoozed_until = State.OPEN, None
    if incident.state == State.OPEN:
        incident.escalate_at = _escalates(incident.project, severity, timezone.now())
        incident.escalations = 0
    add_step(incident, StepKind.WORSENED, actor=actor, text=sentence)
    title = f"Now a {severity.label.lower()}: {sentence}"
    tell_persons(incident, "incident.worsened", title, [incident.owner], actor=actor)


def _fold(lead: Incident, incident: Incident, actor: Actor) -> None:
    add_step(
        lead,
        StepKind.FOLDED,
        actor=actor,
        text=incident.sentence,
        folded=incident.pk,
        folded_cause=incident.cause,
    )
    if Severity(incident.severity).rank > Severity(lead.severity).rank:
        _worsen(lead, Severity(incident.severity), incident.sentence, actor)


def _fresh_lead(project: Project, now: datetime) -> Incident | None:
    """The incident that a storm of this moment folds into: the first of the last minutes."""
    minutes = settings_of(project).fold_minutes
    fresh = Incident.objects.filter(
        project=project, lead=None, opened_at__gt=now - timedelta(minutes=minutes)
    ).exclude(state=State.RESOLVED)
    pk = fresh.order_by("pk").values_list("pk", flat=True).first()
    return None if pk is None else locked(pk)


def _escalates(project: Project, severity: Severity, now: datetime) -> datetime | None:
    if severity is not Severity.PAGE:
        return None
    return now + timedelta(minutes=settings_of(project).escalate_minutes)


def _is_news(incident: Incident, now: datetime) -> bool:
    last = IncidentStep.objects.filter(incident=incident, kind=StepKind.SEEN).order_by("-number")
    seen = last.first()
    return seen is None or seen.at < now - SEEN_AGAIN_EVERY


def _checked(cause: str, sentence: str) -> tuple[str, str]:
    cause, sentence = clean(cause, LONGEST_CAUSE + 1), clean(sentence, LONGEST_SENTENCE)
    if not cause or not sentence:
        raise BadIncident("An incident needs a cause and a sentence that says what is wrong.")
    if len(cause) > LONGEST_CAUSE:
        raise BadIncident(f"A cause has at most {LONGEST_CAUSE} characters.")
    return cause, sentence
