"""Text watches, their days and drifts; and the texts of traces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from accounts.models import Project
from evals.models import Side, TextDay, TextDrift, TextWatch
from evals.queries.snapshots import last_words
from traces.models import Trace
from traces.queries.said import said_in

MOST_TEXT = 20_000  # characters of one text; what comes later hardly says what it is about


@dataclass(frozen=True, slots=True)
class Said:
    """A text with its trace."""

    trace_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ExampleText:
    """A trace that is an example of what is new, while it is kept."""

    trace: Trace
    text: str


@dataclass(frozen=True)
class WatchedSide:
    """One side of a watch: its days, the oldest first, and its open drift."""

    watch: TextWatch
    side: str
    days: tuple[TextDay, ...]
    drift: TextDrift | None


def watches_of(project: Project) -> QuerySet[TextWatch]:
    """The project's watches, by feature."""
    return TextWatch.objects.filter(project=project).order_by("feature", "pk")


def watch_of(project: Project, pk: int) -> TextWatch | None:
    """The project's watch of that key."""
    found = watches_of(project).filter(pk=pk).first() if pk < 2**63 else None
    if found is not None:
        found.project = project
    return found


def sides_of(watches: Iterable[TextWatch], first: int) -> list[WatchedSide]:
    """Every side of these watches, with its days from `first` on. Two statements."""
    known = list(watches)
    days: dict[tuple[int, str], list[TextDay]] = {}
    for day in TextDay.objects.filter(watch__in=known, day__gte=first).order_by("day"):
        days.setdefault((day.watch_id, day.side), []).append(day)
    is_open = TextDrift.objects.filter(watch__in=known, state=TextDrift.State.OPEN)
    drifts = {(one.watch_id, one.side): one for one in is_open}
    return [
        WatchedSide(one, side, tuple(days.get((one.pk, side), ())), drifts.get((one.pk, side)))
        for one in known
        for side in one.sides
    ]


def drifts_of(project: Project) -> QuerySet[TextDrift]:
    """A project's drifts, the newest first."""
    found = TextDrift.objects.filter(watch__project=project)
    return found.select_related("watch", "day", "closed_by").order_by("-pk")


def drift_of(project: Project, pk: int) -> TextDrift | None:
    """The project's drift of that key."""
    found = drifts_of(project).filter(pk=pk).first() if pk < 2**63 else None
    if found is not None:
        found.watch.project = project
    return found


def texts_of(project_id: int, side: str, trace_ids: Sequence[str]) -> list[Said]:
    """What was asked last (or answered) in these traces, in their order; without empty ones.

    As it is stored: what redaction hid stays hidden.
    """
    said = said_in(project_id, trace_ids)
    place = 0 if side == Side.INPUT else 1
    found = []
    for trace_id in trace_ids:
        if trace_id in said and (text := last_words(said[trace_id][place]).strip()):
            found.append(Said(trace_id, text[:MOST_TEXT]))
    return found


def examples_of(day: TextDay) -> list[ExampleText]:
    """The day's examples whose traces are still there."""
    project_id = day.watch.project_id
    texts = {one.trace_id: one.text for one in texts_of(project_id, day.side, day.examples)}
    rows = Trace.objects.filter(project_id=project_id, trace_id__in=list(texts))
    traces = {one.trace_id: one for one in rows}
    return [ExampleText(traces[one], texts[one]) for one in day.examples if one in traces]


def day_text(day: int) -> str:
    """`2026-11-12`."""
    return date.fromordinal(day).isoformat()
