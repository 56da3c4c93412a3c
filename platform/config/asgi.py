"""One ASGI application: intake, reads of prompts and calls of budgets first, sockets to Channels,
else Django."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
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
from config.processes.collector import tune_collector
from config.sockets import websocket_urlpatterns
from config.upload_limit import UploadLimit
from config.wrong_path import WrongPath
from costs.door.endpoint import BudgetCalls
from kit.connections import connection_parameters
from pricing.pricer import PRICER, PRICES_CHANGED
from prompts.services.locking import PROMPTS_CHANGED
from prompts.serving.endpoint import PREFIX, PromptReads
from traces.ingest.door.announcer import Announcer
from traces.ingest.door.endpoint import PATHS, Intake
from traces.langfuse.ingestion import is_for_django

log = logging.getLogger(__name__)

CONNECT_SECONDS = 3  # a database that is away is answered with 503 while exporters still wait


def connect() -> psycopg.Connection[Any]:
    """A connection of the writer's own, in autocommit."""
    parameters = {
        **connection_parameters(),
        "connect_timeout": CONNECT_SECONDS,
        # A server that vanished from the network is noticed in seconds rather than in minutes.
        "keepalives_idle": 10,
        "keepalives_interval": 3,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
    }
    return psycopg.connect(**parameters, autocommit=True)


class Application:
    """Routes each connection, and owns what lives as long as the event loop."""

    def __init__(self) -> None:
        self._django = UploadLimit(WrongPath(ASGIHandler()))
        self._sockets = AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
        )
        self._intake: Intake | None = None
        self._reads: PromptReads | None = None
        self._budgets = BudgetCalls(self._django)
        self._announcer = Announcer()
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hand the connection to whoever serves it."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await self._sockets(scope, receive, send)
        elif (
            scope["method"] == "POST"
            and scope["path"].rstrip("/") in PATHS
            and not is_for_django(scope)
        ):
            await self._started()(scope, receive, send)
        elif scope["path"].startswith(PREFIX) and self._read_door().serves(scope):
            await self._read_door()(scope, receive, send)
        elif self._budgets.serves(scope):
            await self._budgets(scope, receive, send)
        else:
            await self._django(scope, receive, send)

    def _started(self) -> Intake:
        """The intake of this event loop, made at the first need where no lifespan ran."""
        if self._intake is None:
            self._announcer = Announcer()
            self._intake = Intake(connect, self._announcer)
            loop = asyncio.get_running_loop()
            self._tasks = [
                loop.create_task(self._announcer.run(), name="announcer"),
                loop.create_task(self._intake.notices.run(), name="intake notices"),
                loop.create_task(self._intake.counts.run(), name="intake counts"),
                loop.create_task(self._intake.allowances.run(), name="intake limits"),
                loop.create_task(_hear(KEYS_CHANGED, forget), name="changed keys"),
                loop.create_task(_hear(PRICES_CHANGED, PRICER.forget), name="changed prices"),
            ]
        return self._intake

    def _read_door(self) -> PromptReads:
        """The reads of prompts of this event loop, made with the intake or at the first need."""
        if self._reads is None:
            self._started()
            reads = self._reads = PromptReads()
            loop = asyncio.get_running_loop()
            self._tasks += [
                *reads.run_in_background(),
                loop.create_task(_hear_all(PROMPTS_CHANGED, reads.hear), name="changed prompts"),
            ]
        return self._reads

    async def _lifespan(self, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                tune_collector()
                self._read_door()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        loop = asyncio.get_running_loop()
        if self._reads is not None:
            await loop.run_in_executor(None, self._reads.close)
            self._reads = None
        await loop.run_in_executor(None, self._budgets.close)
        self._budgets = BudgetCalls(self._django)
        if self._intake is not None:
            await loop.run_in_executor(None, self._intake.close)
            await loop.run_in_executor(None, self._announcer.close)
            self._intake = None
        if close := getattr(get_channel_layer(), "close", None):
            await close()


async def _hear(group: str, forget: Callable[[], None]) -> None:
    """Call `forget` as soon as any process says that something of `group` changed."""
    await _hear_all(group, lambda _: forget())


async def _hear_all(group: str, hear: Callable[[dict[str, Any]], None]) -> None:
    """Hand every message of `group` to `hear`."""
    layer = get_channel_layer()
    channel = await layer.new_channel(group)
    await layer.group_add(group, channel)
    while True:
        hear(await layer.receive(channel))


application = Application()
