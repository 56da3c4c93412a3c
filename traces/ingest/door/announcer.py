"""Tells open pages that a project has new spans, at most twice a second for each project."""

from __future__ import annotations

import asyncio
import logging

import django.db
import psycopg
from channels.layers import get_channel_layer
from django.utils import timezone

from accounts.models import Project
from kit.asking import Asking
from traces.live import group_of

log = logging.getLogger(__name__)

EVERY_SECONDS = 0.5


class Announcer:
    """Collects the projects that changed and announces them apart from the intake's transactions.

    NOTIFY takes a lock over all committing transactions, so it is not sent from within them.
    """

    def __init__(self) -> None:
        self._changed: set[int] = set()
        self._wake = asyncio.Event()
        self._first_seen: set[int] = set()
        self._asking = Asking(1, "intake-first-trace")

    def changed(self, project_id: int) -> None:
        """Note that spans of `project_id` were stored."""
        self._changed.add(project_id)
        self._wake.set()

    async def run(self) -> None:
        """Announce until cancelled."""
        layer = get_channel_layer()
        while True:
            await self._wake.wait()
            self._wake.clear()
            changed, self._changed = self._changed, set()
            for project_id in changed:
                try:
                    await self._note_first(project_id)
                    await layer.group_send(
                        group_of(project_id), {"type": "project.changed", "changed": ["traces"]}
                    )
                except (OSError, psycopg.Error, django.db.Error) as error:
                    # Told again with the next change, or when the page looks by itself.
                    log.warning("live pages not told", extra={"reason": str(error)[:200]})
            await asyncio.sleep(EVERY_SECONDS)

    async def _note_first(self, project_id: int) -> None:
        """Remember when a project got its first trace."""
        if project_id in self._first_seen:
            return
        await self._asking.ask(_note_first_trace, project_id)
        self._first_seen.add(project_id)

    def close(self) -> None:
        """Give the database connection up."""
        self._asking.close()


def _note_first_trace(project_id: int) -> None:
    Project.objects.filter(pk=project_id, first_trace_at=None).update(first_trace_at=timezone.now())
