"""What is due is sent and watched, what is old is gone. Each task may run twice, late or never."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from alerts import delivering, heartbeat
from alerts.services import (
    anomalies,
    budgets,
    drift,
    objectives,
    rule_watch,
    text_drift,
    upkeep,
    watching,
)
from kit.jobs import alone


@shared_task(name="alerts.deliver")
def deliver_alerts() -> None:
    """Messages that were due have been tried."""
    delivering.deliver_due()


@shared_task(name="alerts.watch")
def watch_incidents() -> None:
    """Pages that nobody acknowledged have escalated, snoozed incidents are open again."""
    watching.watch()


@shared_task(name="alerts.follow_drift")
def follow_drift() -> None:
    """Alarms of schedules and drifts of texts have their incidents; those of closed ones are
    resolved."""
    drift.follow_alarms()
    text_drift.follow_text_drifts()


@shared_task(name="alerts.follow_anomalies")
def follow_anomalies() -> None:
    """Anomalies of spend have their incidents, and those of ended ones are resolved."""
    with alone("alerts.follow_anomalies") as is_mine:
        if is_mine:
            anomalies.follow_anomalies()


@shared_task(name="alerts.follow_budgets")
def follow_budgets() -> None:
    """What budgets have reached has its incidents, and those of past periods are resolved."""
    with alone("alerts.follow_budgets") as is_mine:
        if is_mine:
            budgets.follow_budgets()


@shared_task(name="alerts.watch_objectives")
def watch_objectives() -> None:
    """Service objectives are counted, and budgets that burn too fast have their incidents."""
    with alone("alerts.watch_objectives") as is_mine:
        if is_mine:
            objectives.watch_objectives()


@shared_task(name="alerts.watch_rules")
def watch_rules() -> None:
    """Alert rules whose time had come have looked, and what they found has its incidents."""
    with alone("alerts.watch_rules") as is_mine:
        if is_mine:
            rule_watch.watch_rules()


@shared_task(name="alerts.heartbeat")
def send_heartbeat() -> None:
    """The monitor that watches this installation has heard of it."""
    heartbeat.beat()


@shared_task(name="alerts.upkeep")
def keep_alerts_in_order() -> None:
    """Old deliveries are gone, and minutes of objectives that no window reaches."""
    upkeep.forget_old()
    objectives.forget_minutes(timezone.now())


@shared_task(name="alerts.remove_deleted_projects")
def remove_alerts_of_deleted_projects(project_id: int | None = None) -> None:
    """No incident and no channel of a deleted project is left; without an id, of any."""
    upkeep.delete_project_data(project_id)
