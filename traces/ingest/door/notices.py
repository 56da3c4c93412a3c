"""What intake has to tell senders, on its way into the database without holding intake up.

A notice is written at once; equal ones that follow are counted here and written once a second.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace

import django.db

from kit.asking import Asking
from traces.services import Notice, note_intake

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
MOST_KINDS = 200  # different notices a second; a flood of more is somebody's broken loop


@dataclass(slots=True)
class _Counted:
    """Those equal to one that was written already."""

    last: Notice
    times: int = 0
    spans: int = 0


class Notices:
    """One an event loop. A notice that cannot be kept is logged; it never changes an answer."""

    def __init__(self) -> None:
        self._asking = Asking(1, "intake-notices")
        self._seen: dict[Notice, _Counted] = {}

    async def keep(self, notice: Notice) -> None:
        """Write `notice`, or count it where the same was written within the last second."""
        same = replace(notice, spans=0, where="", client="")
        counted = self._seen.get(same)
        if counted is not None:
            counted.last = notice
            counted.times += 1
            counted.spans += notice.spans
        elif len(self._seen) < MOST_KINDS:
            self._seen[same] = _Counted(notice)
            await self._write(notice, 1)

    async def run(self) -> None:
        """Write what was counted, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            counted, self._seen = self._seen, {}
            for same in counted.values():
                if same.times:
                    await self._write(replace(same.last, spans=same.spans), same.times)

    async def _write(self, notice: Notice, times: int) -> None:
        try:
            await self._asking.ask(note_intake, notice, times)
        except (django.db.Error, TimeoutError) as error:
            log.warning("intake notice not kept", extra={"reason": str(error)[:200]})

    def close(self) -> None:
        """Finish what is being written."""
        self._asking.close()
