"""The days of a text watch: planned when they are over, compared with the reference, told."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from evals.embedding import local, remote
from evals.embedding.errors import NotEmbedded
from evals.models import TextDay, TextReference, TextWatch
from evals.queries.texts import Said, texts_of
from evals.services.text_drifts import raise_drift
from kit.live import announce
from traces.live import group_of
from traces.queries.said import newest_traces, traces_of_days

TASK = "evals.watch_texts"
MOST_MISSED = 7  # days that are made up for after the worker was away
AFTER = timedelta(minutes=30)  # a day is compared so long after its end, once its traces settled
WINDOW_DAYS, REFERENCE_DAYS = 14, 30  # how far back texts are taken
MOST_TRIES, LATER = 3, timedelta(minutes=20)
SPARE = 1.5  # traces that are read for each text that is wanted: some have none

Method, State = TextWatch.Method, TextDay.State


@dataclass(frozen=True)
class _Compared:
    """What is written of a day."""

    state: str
    fields: dict[str, Any]


def plan_days(now: datetime | None = None) -> int:
    """Every day that is over has its rows, of every watch that is on; how many were made."""
    now = now or timezone.now()
    last = (now - AFTER).astimezone(UTC).date().toordinal() - 1
    made = 0
    for watch in TextWatch.objects.filter(is_enabled=True, project__deleted_at=None):
        begun = watch.created_at.astimezone(UTC).date().toordinal()
        newest = watch.days.order_by("-day").values_list("day", flat=True).first()
        first = max(last - MOST_MISSED + 1, begun - 1 if newest is None else newest + 1)
        rows = [
            TextDay(watch=watch, side=side, day=day, due_at=now)
            for day in range(first, last + 1)
            for side in watch.sides
        ]
        made += len(TextDay.objects.bulk_create(rows, ignore_conflicts=True))
    return made


def compare_next(now: datetime | None = None) -> bool:
    """The next due day is compared, the oldest first; whether there was one.

    Embedding happens outside of any transaction; what came of it is written in one. A process that
    dies meanwhile leaves the day due.
    """
    now = now or timezone.now()
    due = TextDay.objects.filter(
        state=State.DUE, due_at__lte=now, watch__is_enabled=True, watch__project__deleted_at=None
    ).select_related("watch__project__organization")
    row = due.order_by("day", "pk").first()
    if row is None:
        return False
    TextDay.objects.filter(pk=row.pk).update(attempts=row.attempts + 1)
    try:
        said = _compare(row, now)
    except NotEmbedded as error:
        is_over = row.attempts + 1 >= MOST_TRIES
        TextDay.objects.filter(pk=row.pk, state=State.DUE).update(
            state=State.FAILED if is_over else State.DUE, due_at=now + LATER,
            error=str(error)[:1000], at=now,
        )  # fmt: skip
        return True
    _keep(row, said, now)
    return True


@transaction.atomic
def _keep(row: TextDay, said: _Compared, now: datetime) -> None:
    held = TextDay.objects.select_for_update().filter(pk=row.pk, state=State.DUE).first()
    if held is None:
        return
    held.watch = row.watch
    held.state, held.at, held.error = said.state, now, ""
    for name, value in said.fields.items():
        setattr(held, name, value)
    held.save()
    if held.said == "drift":
        raise_drift(held, now)
    announce(group_of(row.watch.project_id), {"type": "project.changed", "changed": ["quality"]})


def _compare(row: TextDay, now: datetime) -> _Compared:
    """What the day says. Raises: NotEmbedded."""
    from evals.drift import semantic

    watch = row.watch
    reference = _reference(row)
    begins = _midnight(row.day - WINDOW_DAYS)
    if reference is not None:
        begins = max(begins, reference.until)
    window = _window(row, begins)
    if reference is None:
        reference = _new_reference(row, window, now)
    known = [] if reference is None else list(reference.trace_ids)
    old = texts_of(watch.project_id, row.side, known)
    fields: dict[str, Any] = {"way": watch.way, "n": len(window), "reference_n": len(old)}
    if min(len(window), len(old)) < semantic.LEAST_WINDOW or reference is None:
        return _Compared(State.SHORT, {**fields, "said": "too few texts"})
    standing = _standing(row, reference)
    if watch.method == Method.PIECES:
        after, look = semantic.look_at_texts(
            standing, row.day, [one.text for one in old], [one.text for one in window]
        )
        cost = None
    else:
        vectors, first_cost = _vectors_of(reference, watch, old)
        new, cost = _embed(watch, window)
        cost = None if cost is None or first_cost is None else cost + first_cost
        if vectors.shape[1] != new.shape[1]:
            TextReference.objects.filter(pk=reference.pk).delete()
            raise NotEmbedded("The model gives vectors of another length now: a new reference.")
        after, look = semantic.look(standing, row.day, vectors, new)
    found = look.compared
    assert found is not None  # noqa: S101  (there are enough texts)
    return _Compared(
        State.DONE,
        fields
        | {
            "p": found.p, "share": found.share, "expected": found.expected,
            "distance": found.distance, "said": look.said, "successive": after.successive,
            "examples": [window[place].trace_id for place in found.examples], "cost_nano": cost,
        },
    )  # fmt: skip


def _standing(row: TextDay, reference: TextReference) -> Any:
    """The watch as the last compared day against this reference left it."""
    from evals.drift.semantic import Watch

    before = (
        row.watch.days.filter(side=row.side, state=State.DONE, day__lt=row.day)
        .filter(at__gte=reference.created_at, way=row.watch.way)
        .order_by("-day")
        .first()
    )
    return Watch() if before is None else Watch(before.day, before.successive)


def _window(row: TextDay, begins: datetime) -> list[Said]:
    """Up to 500 texts of the day, drawn by chance; of a quiet one the newest of a fortnight."""
    from evals.drift.semantic import LEAST_WINDOW, WINDOW

    watch, most = row.watch, round(WINDOW * SPARE)
    start, end = _midnight(row.day), _midnight(row.day + 1)
    ids = traces_of_days(watch.project_id, watch.feature, max(start, begins), end, most)
    found = texts_of(watch.project_id, row.side, [one for one, _ in ids])
    if len(found) < LEAST_WINDOW:
        ids = newest_traces(watch.project_id, watch.feature, begins, end, most)
        found = texts_of(watch.project_id, row.side, [one for one, _ in ids])
    return found[-WINDOW:]


def _reference(row: TextDay) -> TextReference | None:
    """The one that stands and has enough texts left."""
    from evals.drift.semantic import LEAST_WINDOW

    found = TextReference.objects.filter(watch=row.watch, side=row.side, way=row.watch.way).first()
    if found is None or found.until >= _midnight(row.day + 1):
        return None
    left = texts_of(row.watch.project_id, row.side, found.trace_ids)
    return found if len(left) >= LEAST_WINDOW else None


def _new_reference(row: TextDay, window: list[Said], now: datetime) -> TextReference | None:
    """Up to 1,000 texts from before the window; None where there are too few.

    On quiet features the newest 500 texts are the window and what came before is the reference.
    """
    from evals.drift.semantic import LEAST_WINDOW, REFERENCE

    watch = row.watch
    until = _midnight(row.day)
    if window:
        until = min(until, _start_of(watch, window[0].trace_id) or until)
    since = until - timedelta(days=REFERENCE_DAYS)
    ids = traces_of_days(watch.project_id, watch.feature, since, until, round(REFERENCE * SPARE))
    texts = texts_of(watch.project_id, row.side, [one for one, _ in ids])[-REFERENCE:]
    if len(texts) < LEAST_WINDOW:
        return None
    made, _ = TextReference.objects.update_or_create(
        watch=watch, side=row.side,
        defaults={
            "way": watch.way, "trace_ids": [one.trace_id for one in texts], "vectors": b"",
            "until": until, "created_at": now,
        },
    )  # fmt: skip
    return made


def _start_of(watch: TextWatch, trace_id: str) -> datetime | None:
    from traces.models import Trace

    found = Trace.objects.filter(project_id=watch.project_id, trace_id=trace_id)
    return found.values_list("start_time", flat=True).first()


def _vectors_of(
    reference: TextReference, watch: TextWatch, texts: list[Said]
) -> tuple[Any, int | None]:
    """The reference's vectors of the texts that are left, made once; and what making them cost."""
    import numpy as np

    if not reference.vectors:
        made, cost = _embed(watch, texts)
        ids = [one.trace_id for one in texts]
        rows = np.ascontiguousarray(made, dtype="<f4")
        TextReference.objects.filter(pk=reference.pk).update(
            trace_ids=ids, vectors=zlib.compress(rows.tobytes(), 1)
        )
        return made, cost
    flat = np.frombuffer(zlib.decompress(bytes(reference.vectors)), dtype="<f4")
    places = {trace_id: place for place, trace_id in enumerate(reference.trace_ids)}
    rows = flat.reshape(len(places), -1)
    return rows[[places[one.trace_id] for one in texts]], 0


def _embed(watch: TextWatch, texts: list[Said]) -> tuple[Any, int | None]:
    """Vectors, and their cost in nano-dollars. Raises: NotEmbedded."""
    words = [one.text for one in texts]
    if watch.method == Method.LOCAL:
        return local.embed(words), 0
    return remote.embed(
        watch.project, words, provider=watch.provider, model=watch.model, feature=watch.feature
    )


def _midnight(day: int) -> datetime:
    return datetime.combine(date.fromordinal(day), time(), UTC)
