"""One run of an import: page by page, each stored before the place behind it is saved.

Killed at any point and started again it goes on from the last saved place; what is read twice is
found to be here. Two runs of one source into one project exclude each other.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from psycopg import Connection

from accounts.models import Project
from audit.services import record
from kit.connections import own_connection
from kit.live import announce
from traces.ingest.writer.group import GroupWriter
from traces.live import group_of
from traces.models import ImportRun
from traces.moving.errors import AlreadyRunning, SourceError
from traces.moving.page import END, Page, Source
from traces.moving.taking import Taker, latest_until

TOLD_EVERY_SECONDS = 2.0
MOST_REASONS = 100  # told apart in one run
_OTHERS = "for other reasons"

Tell = Callable[[str], None]
_LOCK = "select pg_try_advisory_lock(hashtext('import'), hashtext(%s))"


def run_import(
    project: Project,
    source: Source,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    again: bool = False,
    tell: Tell = lambda line: None,
) -> ImportRun:
    """Bring what began from `since` up to without `until` into `project`; the finished run.

    An unfinished run of the same source, project and range is gone on with. With `again` it starts
    anew, and what is here already is overwritten by what is read. The audit chain gets an entry
    when it starts, and one with what came of it.

    Raises: SourceError; what was stored stays, and the run can be started again.
    """
    with closing(own_connection()) as link:
        _exclude_others(link, project, source)
        source.check()
        run = _run_of(project, source, since, until, again, tell)
        writer = GroupWriter(own_connection, connections=1)
        try:
            _go(project, source, run, Taker(project.pk, writer, link, again), tell)
        except BaseException as error:
            run.error = str(error)[:2000] or type(error).__name__
            run.save(update_fields=["error"])
            _audit("import.stopped", project, run, **run.counts, error=run.error)
            if isinstance(error, SourceError):
                error.is_begun = True
            raise
        finally:
            writer.close()
    run.finished_at = timezone.now()
    run.save(update_fields=["finished_at"])
    _audit("import.ended", project, run, **run.counts, skipped=run.skipped)
    return run


def _exclude_others(link: Connection[Any], project: Project, source: Source) -> None:
    name = f"{project.pk} {source.kind} {source.host} {source.place}"
    row = link.execute(_LOCK, [name]).fetchone()
    if row is None or not row[0]:
        raise AlreadyRunning(f"{source.kind} is being imported into {project.slug} already")


def _run_of(
    project: Project,
    source: Source,
    since: datetime | None,
    until: datetime | None,
    again: bool,
    tell: Tell,
) -> ImportRun:
    """The run to go on with, else a new one."""
    last = _runs(project, source).filter(since=since, asked_until=until).first()
    if last is not None and last.finished_at is None and last.cursor is not None and not again:
        tell(f"Going on with the run that began {last.started_at:%Y-%m-%d %H:%M} UTC.")
        return last
    run = ImportRun.objects.create(
        project_id=project.pk,
        source=source.kind,
        host=source.host,
        place=source.place,
        since=since,
        asked_until=until,
        until=until or latest_until(),
        started_at=timezone.now(),
    )
    _audit("import.started", project, run)
    return run


def _runs(project: Project, source: Source) -> QuerySet[ImportRun]:
    return ImportRun.objects.filter(
        project_id=project.pk, source=source.kind, host=source.host, place=source.place
    ).order_by("-started_at", "-pk")


def _go(project: Project, source: Source, run: ImportRun, taker: Taker, tell: Tell) -> None:
    counts, skipped = Counter(run.counts), Counter(run.skipped)
    progress = _Progress(counts, tell)
    pages = () if run.cursor == END else source.pages(run.since, run.until, run.cursor)
    for page in pages:
        new, left = taker.take(page)
        counts.update(new)
        for why, count in left.items():
            skipped[why if why in skipped or len(skipped) < MOST_REASONS else _OTHERS] += count
        # After the commit of what it covers: a kill in between repeats one page, and loses none.
        run.cursor, run.counts, run.skipped = page.cursor, dict(counts), dict(skipped)
        run.saved_at, run.error = timezone.now(), ""
        run.save(update_fields=["cursor", "counts", "skipped", "saved_at", "error"])
        if new["spans"] or new["scores"]:
            _show(project)
        progress.note(page)
    progress.say()


def _show(project: Project) -> None:
    """Let open pages look again; onboarding is over once there is a trace."""
    Project.objects.filter(pk=project.pk, first_trace_at=None).update(first_trace_at=timezone.now())
    announce(group_of(project.pk), {"type": "project.changed", "changed": ["traces"]})


class _Progress:
    """A line every few seconds: how much, how fast, where."""

    def __init__(self, counts: Counter[str], tell: Tell) -> None:
        self._counts, self._tell = counts, tell
        self._began = self._told_at = time.monotonic()
        self._before = counts["spans"] + counts["known_spans"]
        self._reached: datetime | None = None

    def note(self, page: Page) -> None:
        """Take a page in; say a line where the last one is old."""
        self._reached = page.reached or self._reached
        if time.monotonic() > self._told_at + TOLD_EVERY_SECONDS:
            self.say()

    def say(self) -> None:
        """Say how far it came."""
        self._told_at = time.monotonic()
        counts = self._counts
        read = counts["spans"] + counts["known_spans"] - self._before
        rate = read / max(0.001, self._told_at - self._began)
        where = f", at {self._reached:%Y-%m-%d %H:%M:%S} UTC" if self._reached else ""
        known = f" ({counts['known_spans']:,} were here)" if counts["known_spans"] else ""
        self._tell(
            f"{counts['traces']:,} traces, {counts['spans']:,} spans{known}, "
            f"{counts['scores']:,} scores; {rate:,.0f} spans/s{where}"
        )


def _audit(action: str, project: Project, run: ImportRun, **told: Any) -> None:
    record(
        action,
        organization=project.organization,
        project=project,
        subject=run,
        source=run.source,
        host=run.host,
        place=run.place,
        since=run.since,
        until=run.until,
        **told,
    )
