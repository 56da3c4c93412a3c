"""Django's database from an event loop: on threads of our own, within a time, and healed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import close_old_connections, connections
from django.db.backends.base.base import BaseDatabaseWrapper

WITHIN_SECONDS = 3.0


class Asking:
    """Runs functions that use Django's database. Outside of a request nobody else looks after
    connections that broke, so each call does.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._links: dict[int, BaseDatabaseWrapper] = {}

    async def ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """The result of `function`. Raises: TimeoutError after 3 s, though it may still run."""
        answer = asyncio.get_running_loop().run_in_executor(
            self._threads, self._run, function, arguments
        )
        return await asyncio.wait_for(answer, WITHIN_SECONDS)

    def _run(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        link = connections["default"]
        if id(link) not in self._links:
            link.inc_thread_sharing()  # so that `close` may close it
            self._links[id(link)] = link
        close_old_connections()
        return function(*arguments)

    def start(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have `function` run; whoever wants its result may wait for it, as long as they like."""
        return self._threads.submit(self._run, function, arguments)

    def finish(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """The result of `function`, waited for outside of an event loop. Raises: TimeoutError."""
        return self.start(function, *arguments).result(WITHIN_SECONDS)

    def close(self) -> None:
        """Finish what runs, and give the connections up."""
        self._threads.shutdown(wait=True)
        for link in self._links.values():
            link.close()
