"""The live socket of a page: tells the names of what changed in its project and for its person."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.access import project_for
from notices.services.telling import person_group
from traces.live import group_of

NO_SUCH_PROJECT = 4404  # the page does not try again
EVERY_SECONDS = 1.0
STILL_MEMBER_SECONDS = 60.0  # how long a person who was removed may still hear that data changed
EVERYTHING = (
    "traces", "intake", "scores", "jobs", "prompts", "experiments", "queues", "judges", "webhooks",
    "notices",
)  # fmt: skip


class ProjectConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """Forwards `{"changed": [names]}`, at most one message a second."""

    groups_heard: tuple[str, ...] = ()

    async def connect(self) -> None:
        """Let members in, once they hear; a stranger is told that there is nothing here."""
        self._changed: set[str] = set()
        self._sender: asyncio.Task[None] | None = None
        project_id = await self._open_project()
        if project_id is None:
            await self.accept()  # a close code reaches the browser only after that
            await self.close(NO_SUCH_PROJECT)
            return
        self.groups_heard = (group_of(project_id), person_group(self.scope["user"].pk))
        for group in self.groups_heard:
            await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave."""
        for group in self.groups_heard:
            await self.channel_layer.group_discard(group, self.channel_name)
        if self._sender is not None:
            self._sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sender

    async def project_changed(self, message: dict[str, Any]) -> None:
        """Something of the project changed."""
        self._tell(message.get("changed", ()))

    async def person_changed(self, message: dict[str, Any]) -> None:
        """Something of the person's own changed."""
        self._tell(message.get("changed", ()))

    async def live_resumed(self, message: dict[str, Any]) -> None:
        """News may have been missed, so anything may have changed."""
        self._tell(EVERYTHING)

    def _tell(self, names: Any) -> None:
        self._changed.update(names)
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send_changes())

    async def _send_changes(self) -> None:
        while self._changed:
            is_due = time.monotonic() > self._admitted_at + STILL_MEMBER_SECONDS
            if is_due and await self._open_project() is None:
                await self.close(NO_SUCH_PROJECT)
                return
            changed, self._changed = sorted(self._changed), set()
            await self.send_json({"changed": changed})
            await asyncio.sleep(EVERY_SECONDS)

    async def _open_project(self) -> int | None:
        self._admitted_at = time.monotonic()
        slug = self.scope["url_route"]["kwargs"]["project_slug"]
        try:
            project = await database_sync_to_async(project_for)(self.scope["user"], slug)
        except (Http404, PermissionDenied):
            return None
        return int(project.pk)
