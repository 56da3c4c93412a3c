"""What is old goes: deliveries, and all of deleted projects."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Model
from django.utils import timezone

from accounts.models import Project
from alerts.models import (
    Absence,
    AlertRule,
    AlertSettings,
    Channel,
    Delivery,
    HeldNotice,
    Incident,
    IncidentStep,
    MaintenanceWindow,
    ObjectiveMinute,
    OnCallRotation,
    OnCallStint,
    QuietHours,
    RuleEvent,
    State,
)

DELIVERIES_KEPT = timedelta(days=90)
EVENTS_KEPT = timedelta(days=366)

# Every table by the way to its project; what points at others goes before them.
_OF_PROJECTS: tuple[tuple[type[Model], str], ...] = (
    (Delivery, "channel__project"),
    (HeldNotice, "incident__project"),
    (RuleEvent, "rule__project"),
    (AlertRule, "project"),
    (IncidentStep, "incident__project"),
    (Incident, "project"),
    (Channel, "project"),
    (AlertSettings, "project"),
    (ObjectiveMinute, "target__feature__project"),
    (OnCallStint, "rotation__feature__project"),
    (OnCallRotation, "feature__project"),
    (Absence, "project"),
    (MaintenanceWindow, "project"),
    (QuietHours, "project"),
)


def forget_old(now: datetime | None = None) -> int:
    """Remove tests, and what was sent of incidents that are over, once it is old; how many."""
    now = now or timezone.now()
    RuleEvent.objects.filter(at__lt=now - EVENTS_KEPT).delete()
    before = now - DELIVERIES_KEPT
    old = Delivery.objects.filter(created_at__lt=before).exclude(state=Delivery.State.DUE)
    tests = old.filter(incident=None).delete()[0]
    return tests + old.filter(incident__state=State.RESOLVED).delete()[0]


def delete_project_data(project_id: int | None = None) -> int:
    """Nothing of a deleted project is left; without an id, of any. How many rows went."""
    deleted = Project.objects.exclude(deleted_at=None)
    if project_id is not None:
        deleted = deleted.filter(pk=project_id)
    projects = list(deleted.values_list("pk", flat=True))
    return sum(
        model._default_manager.filter(**{f"{way}__in": projects}).delete()[0]
        for model, way in _OF_PROJECTS
    )
