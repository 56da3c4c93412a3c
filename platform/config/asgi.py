"""One ASGI application: intake first, sockets to Channels, everything else to Django."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

import django

django.setup()

import psycopg
from channels.auth import AuthMiddlewareStack
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.handlers.asgi import ASGIHandler

from accounts.verification import KEYS_CHANGED, forget
from config.sockets import websocket_urlpatterns
from config.wrong_path import WrongPath
from kit.live import connection_parameters
from traces.ingest.announcer import Announcer
from traces.ingest.endpoint import PATHS, Intake

CONNECT_SECONDS = 3  # a database that is away is answered with 503 while exporters still wait


def connect() -> psycopg.Connection[Any]:
    """A connection of the writer's own, in autocommit."""
    parameters = {**connection_parameters(), "connect_timeout": CONNECT_SECONDS}
    return psycopg.connect(**parameters, autocommit=True)


class Application:
    """Routes each connection, and owns what lives as long as the event loop."""

    def __init__(self) -> None:
        self._django = WrongPath(ASGIHandler())
        self._sockets = AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
        )
        self._intake: Intake | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hand the connection to whoever serves it."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await self._sockets(scope, receive, send)
        elif scope["method"] == "POST" and scope["path"].rstrip("/") in PATHS:
            await self._started()(scope, receive, send)
        else:
            await self._django(scope, receive, send)

    def _started(self) -> Intake:
        """The intake of this event loop, made at the first need where no lifespan ran."""
        if self._intake is None:
            announcer = Announcer()
            self._intake = Intake(connect, announcer)
            loop = asyncio.get_running_loop()
            self._tasks = [
                loop.create_task(announcer.run(), name="announcer"),
                loop.create_task(_forget_changed_keys(), name="changed keys"),
            ]
        return self._intake

    async def _lifespan(self, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._started()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._intake is not None:
            await asyncio.get_running_loop().run_in_executor(None, self._intake.close)
            self._intake = None
        if close := getattr(get_channel_layer(), "close", None):
            await close()


async def _forget_changed_keys() -> None:
    """Forget remembered keys as soon as any process says that a key changed."""
    layer = get_channel_layer()
    channel = await layer.new_channel("keys")
    await layer.group_add(KEYS_CHANGED, channel)
    while True:
        await layer.receive(channel)
        forget()


application = Application()
