"""Calls are read once a night, in bounded number; what could be saved is kept as advice."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor, person, record
from costs.models import SavingsAdvice, SavingsDay, SavingsReading
from costs.queries.rates import RateTable
from costs.queries.savings import (
    calls_by_day,
    cheaper_than,
    scores_of,
    spend_of,
    trials_of,
)
from costs.saving.advice import Advice, Rates, Spend
from costs.saving.facts import Facts, Key, facts_of
from costs.saving.looking import all_of, look
from costs.saving.watching import Call, Watch
from costs.services.errors import BadDismissal
from traces.queries.call_texts import asked_texts, call_slices
from traces.queries.retrieved import retrieved_texts

DAYS = 14  # that advice stands on
FIRST_DAYS = 7  # read of a project that was never read
MOST_CALLS = 5_000  # read of a day
MOST_RETRIEVED = 60  # traces of a day whose chunks are looked at
WAITS = timedelta(hours=2)  # for late spans
EMPTY_AGAIN = timedelta(hours=1)
MOST_SECONDS = 240.0  # of one turn of the task; the next goes on
AGAIN = 2  # times the amount at which it was dismissed
State = SavingsAdvice.State


def look_due(now: datetime | None = None, *, seconds: float = MOST_SECONDS) -> int:
    """Read the days that are due of each project, and advise; how many days. May run twice."""
    now = now or timezone.now()
    ends = time.monotonic() + seconds
    done = 0
    for project in Project.objects.filter(deleted_at=None).order_by("pk"):
        read, is_whole = look_at(project, now, ends)
        done += read
        if not is_whole:
            break
    return done


def look_at(project: Project, now: datetime, ends: float) -> tuple[int, bool]:
    """Read the days that are due of one project and advise; how many days, and whether all.

    `ends` is in seconds of the monotonic clock.
    """
    until = (now - WAITS).astimezone(UTC).date()
    done = 0
    for day in _due(project, until):
        if time.monotonic() > ends:
            return done, False
        read_day(project, day)
        done += 1
    _advise_if_due(project, until, now)
    return done, True


def read_day(project: Project, day: date) -> None:
    """Read one day's calls: all of them, or windows spread over it; only sums and hashes stay."""
    since = datetime.combine(day, datetime.min.time(), UTC)
    until = since + timedelta(days=1)
    calls = calls_by_day(project.pk, day, day + timedelta(days=1)).get(day, 0)
    watch, read, silent = Watch(seed=day.toordinal()), 0, 0
    slices = call_slices(
        since, until, calls=calls, most=MOST_CALLS, seed=f"{project.pk} {day}"
    ) if calls else []  # fmt: skip
    for low, high in slices:
        watch.gap()
        for one in asked_texts(project.pk, low, high, most=MOST_CALLS):
            read += 1
            silent += not one.text
            watch.see(
                Call(
                    one.at.timestamp(), one.trace_id, one.feature, one.model, one.prompt,
                    one.provider, one.cost_nano, one.uncached + one.cached + one.written,
                    one.cached, one.written, one.out, one.text,
                )
            )  # fmt: skip
            if read >= 2 * MOST_CALLS:
                break
    for trace, chunks, answer in retrieved_texts(
        project.pk, since, until, watch.calls, most=MOST_RETRIEVED
    ):
        watch.retrieved(trace, chunks, answer)
    _keep_day(project, day, watch.finish(), calls=calls, read=read, silent=silent)


@transaction.atomic
def dismiss(advice: SavingsAdvice, *, reason: str, actor: Actor) -> SavingsAdvice:
    """Not followed, and why; it comes back when its amount has doubled. Raises: BadDismissal."""
    reason = " ".join(reason.split())
    if not reason or "\0" in reason:
        raise BadDismissal("Say why it is not followed.")
    if len(reason) > 500:
        raise BadDismissal("A reason has at most 500 letters.")
    advice = (
        SavingsAdvice.objects.select_for_update(of=("self",))
        .select_related("project")
        .get(pk=advice.pk)
    )
    advice.state, advice.reason = State.DISMISSED, reason
    advice.dismissed_amount, advice.dismissed_at = advice.amount, timezone.now()
    advice.dismissed_by = person(actor)
    advice.save()
    record(
        "savings.dismissed", actor=actor, project=advice.project, subject=advice, reason=reason,
        kind=advice.kind, feature=advice.feature, model=advice.model, amount_nano=advice.amount,
    )  # fmt: skip
    return advice


@transaction.atomic
def reopen(advice: SavingsAdvice, *, actor: Actor) -> SavingsAdvice:
    """A dismissed piece of advice stands again."""
    advice = (
        SavingsAdvice.objects.select_for_update(of=("self",))
        .select_related("project")
        .get(pk=advice.pk)
    )
    if advice.state != State.DISMISSED:
        raise BadDismissal("This was not dismissed.")
    advice.state, advice.dismissed_amount = State.OPEN, None
    advice.save(update_fields=["state", "dismissed_amount"])
    record(
        "savings.reopened", actor=actor, project=advice.project, subject=advice, kind=advice.kind,
        feature=advice.feature, model=advice.model,
    )  # fmt: skip
    return advice


def _due(project: Project, until: date) -> list[date]:
    reading = SavingsReading.objects.filter(project=project).first()
    first = until - timedelta(days=FIRST_DAYS)
    if reading is not None and not _came_late(reading, first, until):
        first = max(reading.read_until, until - timedelta(days=DAYS))
    return [first + timedelta(days=one) for one in range((until - first).days)]


def _came_late(reading: SavingsReading, first: date, until: date) -> bool:
    """Whether days that were read as empty have calls now, as after an import; asked hourly."""
    if timezone.now() - reading.looked_at < EMPTY_AGAIN:
        return False
    if SavingsDay.objects.filter(project=reading.project_id).exists():
        return False
    if not calls_by_day(reading.project_id, first, until):
        return False
    SavingsReading.objects.filter(pk=reading.pk).update(read_until=first)
    return True


@transaction.atomic
def _keep_day(
    project: Project, day: date, facts: dict[Key, Facts], *, calls: int, read: int, silent: int
) -> None:
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    reading, _ = SavingsReading.objects.get_or_create(project=project, defaults={"read_until": day})
    if reading.read_until > day:
        return  # another worker was quicker
    mine = SavingsDay.objects.filter(project=project)
    mine.filter(day=day).delete()
    mine.filter(day__lt=day - timedelta(days=DAYS)).delete()
    rows = [
        SavingsDay(
            project=project, day=day, feature=key.feature, model=key.model, prompt=key.prompt,
            facts=one.document(),
        )
        for key, one in facts.items()
    ]  # fmt: skip
    SavingsDay.objects.bulk_create(rows, batch_size=100)
    reading.read_until = day + timedelta(days=1)
    reading.calls, reading.read, reading.silent = calls, read, silent
    reading.looked_at = timezone.now()
    reading.month = None  # advice is due
    reading.save()


def _advise_if_due(project: Project, until: date, now: datetime) -> None:
    reading = SavingsReading.objects.filter(project=project).first()
    if reading is None or reading.read_until < until or reading.month is not None:
        return
    spend = spend_of(project.pk, until)
    found, total = _look(project, spend, until)
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        _keep_advice(project, found, now)
        reading.month = sum(one.cost for one in spend.values())
        reading.together = total
        reading.save(update_fields=["month", "together"])


def _look(project: Project, spend: dict[Key, Spend], until: date) -> tuple[list[Advice], int]:
    days: dict[date, dict[Key, Facts]] = {}
    rows = SavingsDay.objects.filter(project=project, day__gte=until - timedelta(days=DAYS))
    for row in rows.order_by("day", "pk"):
        key = Key(row.feature, row.model, row.prompt)
        days.setdefault(row.day, {})[key] = facts_of(row.facts)
    traces = {one.trace for day in days.values() for facts in day.values() for one in facts.sample}
    table = RateTable(project.pk)

    def rates(provider: str, model: str) -> Rates | None:
        return table.of(provider, model, until)

    def trials(feature: str) -> dict[str, dict[str, tuple[float, int]]]:
        models = {key.model for key in spend if key.feature == feature}
        asked = {
            name for key in spend if key.feature == feature
            for one in days.values() if key in one
            for name in cheaper_than(one[key].provider, key.model)
        }  # fmt: skip
        return trials_of(project.pk, feature, sorted(models | asked)[:20], until)

    found = look(
        list(days.values()), spend, rates, scores_of(project.pk, traces), trials=trials,
        candidates=cheaper_than,
    )  # fmt: skip
    return found, all_of(found, spend)


def _keep_advice(project: Project, found: Sequence[Advice], now: datetime) -> None:
    known = {
        (one.kind, one.feature, one.model, one.prompt): one
        for one in SavingsAdvice.objects.select_for_update().filter(project=project)
    }
    for advice in found:
        key = (advice.kind, advice.feature, advice.model, advice.prompt)
        fields = asdict(advice) | {"seen_at": now}
        for name in ("evidence", "assumptions", "traces"):
            fields[name] = list(fields[name])
        row = known.pop(key, None)
        if row is None:
            SavingsAdvice.objects.create(project=project, found_at=now, **fields)
            continue
        for name, value in fields.items():
            setattr(row, name, value)
        is_twice = row.dismissed_amount is None or advice.amount >= AGAIN * row.dismissed_amount
        if row.state == State.OVER and row.dismissed_amount is not None and not is_twice:
            row.state = State.DISMISSED
        elif row.state != State.OPEN and is_twice:
            row.state = State.OPEN
        row.save()
    for row in known.values():
        if row.state != State.OVER:
            row.state = State.OVER
            row.save(update_fields=["state"])
