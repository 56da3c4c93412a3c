"""What arrived, by project, minute and sender: counted here, written every few seconds.

Never in the transaction of the spans. A process that is killed loses the last seconds of counts,
and no span.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping

import django.db

from kit.asking import Asking
from traces.ingest.pipeline import Dialect, Prepared
from traces.ingest.rows import AT
from traces.ingest.senders import OTHERS, Sender, of_headers, told
from traces.services.intake_counts import Count, CountKey, keep_counts
from traces.values.lag import BUCKETS, bucket

log = logging.getLogger(__name__)

EVERY_SECONDS = 5.0
MOST_SENDERS = 100  # told apart in a minute of one project; the rest are `others`
MOST_ROWS = 10_000  # between two writes

_START = AT["start_time"]


class Counts:
    """One an event loop. What cannot be written is logged and dropped; answers never wait."""

    def __init__(self) -> None:
        self._asking = Asking(1, "intake-counts")
        self._counted: dict[CountKey, Count] = {}
        self._senders: dict[tuple[int, int], int] = {}

    def taken(
        self,
        project_id: int,
        headers: Mapping[str, str],
        dialect: Dialect,
        prepared: Prepared | None = None,
        refused: int = 0,
    ) -> None:
        """Count a request that was answered with 200; `refused` spans of it by the database."""
        now = time.time()
        stated, by_agent = of_headers(headers)
        if prepared is None or not prepared.seen:
            count = self._at(project_id, now, stated or by_agent, _spoken(dialect))
        else:
            # A request of several dialects is one request, of the one with the most spans.
            for (of_resource, name), spans in sorted(
                prepared.seen.items(), key=lambda item: item[1]
            ):
                sender = stated or of_resource or by_agent
                count = self._at(project_id, now, sender, name or _spoken(dialect))
                count.spans += spans
        count.requests += 1
        if prepared is not None:
            count.spans -= refused
            count.rejected += prepared.rejected + refused
            count.cut += prepared.cut
            count.clamped += prepared.clamped
            _measure(count.lags, prepared, int(now * 1000))

    def refused(self, project_id: int, headers: Mapping[str, str], dialect: Dialect) -> None:
        """Count a request that was answered with 4xx."""
        stated, by_agent = of_headers(headers)
        self._at(project_id, time.time(), stated or by_agent, _spoken(dialect)).refused += 1

    def _at(self, project_id: int, now: float, sender: Sender, dialect: str) -> Count:
        minute = int(now) // 60
        sender = told(sender)
        key = (project_id, minute, sender.client, sender.version, dialect)
        count = self._counted.get(key)
        if count is None:
            known = self._senders.get((project_id, minute), 0)
            if known >= MOST_SENDERS or len(self._counted) >= MOST_ROWS:
                key = (project_id, minute, *OTHERS, "")
                count = self._counted.get(key)
            else:
                self._senders[project_id, minute] = known + 1
        if count is None:
            count = self._counted[key] = Count(lags=[0] * BUCKETS)
        count.last_at = now
        return count

    async def run(self) -> None:
        """Write what was counted, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            counted = self._take()
            if counted:
                try:
                    await self._asking.ask(keep_counts, counted)
                except (django.db.Error, TimeoutError) as error:
                    log.warning("intake counts not kept", extra={"reason": str(error)[:200]})
                except Exception:  # without this loop nothing is counted ever again
                    log.exception("intake counts not kept")

    def _take(self) -> dict[CountKey, Count]:
        counted, self._counted = self._counted, {}
        minute = int(time.time()) // 60
        self._senders = {key: count for key, count in self._senders.items() if key[1] >= minute}
        return counted

    def close(self) -> None:
        """Write what is left, and give the connection up."""
        if counted := self._take():
            try:
                self._asking.finish(keep_counts, counted)
            except (django.db.Error, TimeoutError) as error:
                log.warning("intake counts not kept", extra={"reason": str(error)[:200]})
        self._asking.close()


def _spoken(dialect: Dialect) -> str:
    """What a path speaks; nothing where only attributes tell whose conventions are used."""
    return "" if dialect is Dialect.OTLP else dialect.value


def _measure(lags: list[int], prepared: Prepared, now_ms: int) -> None:
    for span in prepared.spans:
        lags[bucket(now_ms - span.row[_START] // 1000)] += 1
