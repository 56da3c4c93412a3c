"""Rollouts that run have been looked at, old counts are gone. Each task may run twice or late."""

from __future__ import annotations

import logging

from celery import shared_task

from prompts.models import Rollout
from prompts.services.upkeep import delete_project_data, forget_old
from prompts.services.watching import look

log = logging.getLogger(__name__)


@shared_task(name="prompts.watch_rollouts")
def watch_rollouts() -> None:
    """Every active rollout has been looked at; one that fails keeps no other from its turn."""
    for rollout in Rollout.objects.filter(status=Rollout.Status.ACTIVE).order_by("pk"):
        try:
            look(rollout)
        except Exception:
            log.exception("rollout not looked at", extra={"rollout": rollout.pk})


@shared_task(name="prompts.upkeep")
def keep_in_order() -> None:
    """Old counts of reads and minutes of ended rollouts are gone."""
    forget_old()


@shared_task(name="prompts.remove_deleted_projects")
def remove_prompts_of_deleted_projects(project_id: int | None = None) -> None:
    """No prompt and no review of a deleted project is left; without an id, of any."""
    delete_project_data(project_id)
