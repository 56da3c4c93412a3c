"""Budgets watched, reservations expired, old rows gone. Each task may run twice, late or never."""

from __future__ import annotations

from celery import shared_task

from costs.services import anomalies, savings, settling, upkeep, watching
from kit.jobs import alone


@shared_task(name="costs.watch_budgets")
def watch_budgets() -> None:
    """What is spent of budgets is known, and what was reached is marked."""
    with alone("costs.watch_budgets") as is_mine:
        if is_mine:
            watching.watch_budgets()


@shared_task(name="costs.read_spend")
def read_spend() -> None:
    """Spend is read up to the last whole hour and day, and what was unexpected is known."""
    with alone("costs.read_spend") as is_mine:
        if is_mine:
            anomalies.read_due()


@shared_task(name="costs.expire_reservations")
def expire_reservations() -> None:
    """What was reserved by callers that never came back is free again."""
    settling.expire_due()


@shared_task(name="costs.upkeep")
def keep_costs_in_order() -> None:
    """Old reservations are gone."""
    upkeep.forget_old()


@shared_task(name="costs.remove_deleted_projects")
def remove_costs_of_deleted_projects(project_id: int | None = None) -> None:
    """No budget of a deleted project is left; without an id, of any."""
    upkeep.delete_project_data(project_id)


@shared_task(name="costs.look_for_savings")
def look_for_savings() -> None:
    """Yesterday's calls are read, in bounded number, and what could be saved is known."""
    with alone("costs.look_for_savings") as is_mine:
        if is_mine:
            savings.look_due()
