"""Incidents of a project, their timeline, and what changed around them."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Case, Count, IntegerField, Prefetch, Q, QuerySet, Value, When

from accounts.models import Project
from alerts.models import Delivery, Incident, IncidentStep, Severity, State
from prompts.models import LabelMove

MOST_COUNTED = 99
AROUND = timedelta(hours=24)
MOST_AROUND = 5


def list_incidents(
    project: Project, *, state: str = "", feature: str = "", before: int | None = None
) -> QuerySet[Incident]:
    """The project's incidents, newest first, those before the id `before`.

    `state` is one of State, or `unresolved`. Each has `folded_count`.
    """
    rows = _of(project).filter(lead=None)
    if state == "unresolved":
        rows = rows.exclude(state=State.RESOLVED)
    elif state:
        rows = rows.filter(state=state)
    if feature:
        rows = rows.filter(feature=feature)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return rows.annotate(folded_count=Count("folded")).order_by("-pk")


def list_unresolved(project: Project, most: int = 200) -> list[Incident]:
    """What is not resolved: open first, the loudest of them first, then the newest."""
    rank = Case(
        *(When(severity=one, then=Value(-one.rank)) for one in Severity),
        output_field=IntegerField(),
    )
    is_open = Case(When(state=State.OPEN, then=Value(0)), default=Value(1))
    return list(
        list_incidents(project, state="unresolved")
        .annotate(rank=rank, place=is_open)
        .order_by("place", "rank", "-pk")[:most]
    )


def count_by_state(project: Project) -> dict[str, int]:
    """How many incidents are in each state, folded ones not counted."""
    rows = Incident.objects.filter(project=project, lead=None).values("state")
    return {row["state"]: row["n"] for row in rows.annotate(n=Count("pk")).order_by()}


def count_open(project: Project) -> int:
    """How many are open, counted up to 100."""
    rows = Incident.objects.filter(project=project, lead=None, state=State.OPEN)
    return rows[: MOST_COUNTED + 1].count()


def get_incident(project: Project, pk: int) -> Incident | None:
    """The project's incident of this id, with the move that is implicated."""
    if pk >= 2**63:
        return None
    rows = _of(project).select_related(
        "implicated__prompt__project__organization",
        "implicated__from_version",
        "implicated__to_version",
        "lead",
    )
    return rows.filter(pk=pk).first()


def open_incident_of(project: Project, cause: str) -> Incident | None:
    """The incident of this cause that is not resolved, if there is one."""
    return _of(project).filter(cause=cause).exclude(state=State.RESOLVED).first()


def list_steps(incident: Incident) -> QuerySet[IncidentStep]:
    """Its timeline, newest first, each step with what was sent of it."""
    sent = Delivery.objects.select_related("channel").order_by("pk")
    return (
        IncidentStep.objects.filter(incident=incident)
        .select_related("by")
        .prefetch_related(Prefetch("deliveries", sent))
        .order_by("-number")
    )


def list_folded(incident: Incident) -> QuerySet[Incident]:
    """The incidents that are folded into it, oldest first."""
    return _of(incident.project).filter(lead=incident).order_by("pk")


def moves_around(incident: Incident) -> list[LabelMove]:
    """Labels that moved in the day before it was opened, the latest first, and since."""
    moves = LabelMove.objects.filter(
        prompt__project=incident.project, at__gte=incident.opened_at - AROUND
    ).filter(Q(at__lte=incident.opened_at) | Q(pk=incident.implicated_id))
    rows = moves.select_related("prompt", "from_version", "to_version").order_by("-pk")
    return list(rows[:MOST_AROUND])


def _of(project: Project) -> QuerySet[Incident]:
    return Incident.objects.filter(project=project).select_related("project__organization", "owner")
