"""Alarms of schedules: raised, told whose change it was, and closed by a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from accounts.services.trail import Actor, record, responsible
from evals.models import DriftAlarm, Schedule, ScheduleRun
from evals.queries.schedules import History, history_of, open_alarm
from evals.queries.stored_answers import is_waiting, judge_pair
from evals.services.schedule_slots import add_run
from evals.services.schedules import quality_changed
from evals.signals import drift_alarm_changed
from kit.errors import DomainError
from prompts.services.locking import label_of

if TYPE_CHECKING:
    from evals.drift.attribution import Pair
    from evals.drift.reference import Sums

JUDGE_WAITS = timedelta(hours=1)  # for marks of stored answers, once the replays are over
MOST_BEFORE = 15  # runs before an edge that the runs after it are compared with

Kind, State = DriftAlarm.Kind, DriftAlarm.State
RunKind, RunState = ScheduleRun.Kind, ScheduleRun.State


class NotOpen(DomainError):
    """The alarm is closed."""


def raise_alarm(run: ScheduleRun, history: History, now: datetime) -> DriftAlarm | None:
    """The alarm that the detector just raised, with its replays due; None where one is open."""
    from evals.drift.reports import report

    found = report(history.state)
    if found is None or open_alarm(run.schedule) is not None:
        return None
    told = {
        "before": found.before,
        "after": found.after,
        "runs": found.runs,
        "reruns": found.reruns,
        "detectable": found.detectable,
        "items": [
            {"key": history.keys[one.item], "before": one.before, "after": one.after, "z": one.z}
            for one in found.items
        ],
    }
    return _open(
        run, Kind(found.kind), found.since, found.effect.value, found.effect.low,
        found.effect.high, told, now,
    )  # fmt: skip


def raise_at_edge(run: ScheduleRun, history: History, now: datetime) -> DriftAlarm | None:
    """An alarm where the runs after a change of what runs are below those before it.

    Both sides are compared once, within items, never by the detector.
    """
    from evals.drift.segments import NAMES, Fingerprint, across, basis, changed

    assert run.segment is not None  # noqa: S101
    before = history_of(run.schedule, run.segment - 1)
    if before is None or open_alarm(run.schedule) is not None:
        return None
    keys = sorted(set(before.keys) & set(history.keys))
    old, new = before.runs[-MOST_BEFORE:], history.runs
    scale = history.state.scale
    edge = across(_arrays(old, keys), _arrays(new, keys), scale) if keys else None
    if edge is None or not edge.fell:
        return None
    found = edge.arm
    first, last = (Fingerprint(**one.fingerprint) for one in (before.runs[0], before.last))
    differs = changed(basis(first, last), Fingerprint(**new[0].fingerprint))
    told = {"runs": len(new), "reruns": len(new) - 1, "z": found.z, "method": "within items",
            "improved": edge.counts.improved, "regressed": edge.counts.regressed,
            "what": [NAMES[name] for name in differs], "items": []}  # fmt: skip
    return _open(
        run, Kind.EDGE, new[0].day, found.change, found.low, found.high, told, now,
        changed=list(differs),
    )  # fmt: skip


def _open(
    run: ScheduleRun, kind: DriftAlarm.Kind, since: int, effect: float, low: float, high: float,
    told: dict[str, Any], now: datetime, changed: Sequence[str] = (),
) -> DriftAlarm:  # fmt: skip
    """The row and its replays: three of what runs now, three of what ran before, where it did."""
    from evals.drift.attribution import REPLAYS

    schedule = run.schedule
    alarm = DriftAlarm.objects.create(
        schedule=schedule, run=run, kind=kind, segment=run.segment or 1, since=since,
        effect=effect, low=low, high=high, report=told, changed=list(changed), opened_at=now,
    )  # fmt: skip
    old = _previous(run)
    for number in range(1, REPLAYS + 1):
        add_run(run, RunKind.CURRENT, number, now, alarm=alarm, **_config(run))
        if old is not None:
            add_run(run, RunKind.OLD, number, now, alarm=alarm, **_config(old))
    record(
        "drift.alarm_raised", actor=None, project=schedule.project, subject=schedule,
        name=schedule.name, kind=str(kind), effect=round(effect, 4), low=round(low, 4),
        high=round(high, 4),
    )  # fmt: skip
    _tell(alarm, "opened")
    return alarm


def _config(run: ScheduleRun) -> dict[str, Any]:
    return {
        "prompt_version": run.prompt_version, "model": run.model, "provider": run.provider,
        "parameters": run.parameters,
    }  # fmt: skip


def _previous(run: ScheduleRun) -> ScheduleRun | None:
    """The last run of the segment before, where what we choose was another then."""
    if run.segment is None or run.segment < 2:
        return None
    before = history_of(run.schedule, run.segment - 1)
    if before is None or before.last.prompt_version is None:
        return None
    mine, theirs = _config(run), _config(before.last)
    return None if mine == theirs else before.last


def tell_causes(now: datetime | None = None) -> int:
    """Every open alarm whose replays are over has its cause. How many were told."""
    from evals.queries.schedules import waiting_alarms

    now = now or timezone.now()
    return sum(tell_cause(pk, now) for pk in waiting_alarms())


@transaction.atomic
def tell_cause(pk: int, now: datetime) -> int:
    """The cause of one alarm, once its replays are over; 1 where it was told now."""
    alarm = locked_alarm(pk)
    if alarm is None or alarm.told_at is not None:
        return 0
    replays = list(alarm.replays.order_by("pk"))
    if any(one.state in ScheduleRun.OPEN for one in replays):
        return 0
    ended = max([one.finished_at or now for one in replays], default=alarm.opened_at)
    if is_waiting(alarm) and now < ended + JUDGE_WAITS:
        return 0
    from evals.drift.attribution import attribute

    found = attribute(
        _scale(alarm), drop=max(-alarm.effect, 0.0) or None, replay=_replay(alarm, replays),
        judge=judge_pair(alarm), canary=_canary(alarm),
    )  # fmt: skip
    is_known = found.verdict != "not enough items"
    alarm.cause = DriftAlarm.Cause(found.verdict) if is_known else DriftAlarm.Cause.UNKNOWN
    alarm.confidence, alarm.told_at = found.confidence, now
    alarm.attribution = {
        "sentences": list(found.sentences),
        "arms": [asdict(one) for one in found.arms],
        "replays": found.replays,
    }
    alarm.save()
    schedule = alarm.schedule
    record(
        "drift.cause_told", actor=None, project=schedule.project, subject=schedule,
        name=schedule.name, cause=alarm.cause, confidence=alarm.confidence,
    )  # fmt: skip
    _tell(alarm, "told")
    return 1


def _scale(alarm: DriftAlarm) -> Any:
    history = history_of(alarm.schedule, alarm.segment)
    assert history is not None  # noqa: S101  (a run raised it)
    return history.state.scale


def _replay(alarm: DriftAlarm, replays: Sequence[ScheduleRun]) -> Any:
    """What both configurations score today; without an older one the current stands for both."""
    from evals.drift.attribution import Replay

    good = [one for one in replays if one.state == RunState.DONE]
    current = [one for one in good if one.kind == RunKind.CURRENT]
    old = [one for one in good if one.kind == RunKind.OLD]
    is_same = not any(one.kind == RunKind.OLD for one in replays)
    then = _runs_then(alarm, is_same=is_same)
    today = current if is_same else old
    if not (current and today and then):
        return None
    keys = sorted({key for run in then for key in run.scores})
    return Replay(_sums(then, keys), _sums(today, keys), _sums(current, keys))


def _runs_then(alarm: DriftAlarm, *, is_same: bool) -> list[ScheduleRun]:
    """The old configuration's own past: before the change, in its own segment."""
    segment = alarm.segment if is_same and alarm.kind != Kind.EDGE else alarm.segment - 1
    history = history_of(alarm.schedule, max(segment, 1))
    if history is None:
        return []
    rows = history.runs
    if segment == alarm.segment:
        rows = tuple(one for one in rows if one.day < alarm.since)
    return [one for one in rows if one.state == RunState.DONE][-60:]


def _canary(alarm: DriftAlarm) -> Pair | None:
    """Another set on the same model, before the change and since."""
    from evals.drift.attribution import Pair

    canary = (
        Schedule.objects.filter(
            project_id=alarm.schedule.project_id, is_canary=True, runs__model=alarm.run.model
        )
        .exclude(pk=alarm.schedule_id)
        .order_by("pk")
        .first()
    )
    if canary is None:
        return None
    newest = canary.runs.filter(kind__in=ScheduleRun.SERIES, segment__isnull=False)
    last = newest.order_by("-day", "-pk").first()
    history = history_of(canary, last.segment or 1) if last else None
    if history is None:
        return None
    before = [one for one in history.runs if one.day < alarm.since][-60:]
    since = [one for one in history.runs if one.day >= alarm.since]
    if not before or not since:
        return None
    return Pair(_sums(before, history.keys), _sums(since, history.keys))


def _arrays(runs: Sequence[ScheduleRun], keys: Sequence[str]) -> list[Any]:
    from evals.drift.runs import numbers

    return [numbers([run.scores.get(key) for key in keys]) for run in runs]


def _sums(runs: Sequence[ScheduleRun], keys: Sequence[str]) -> Sums:
    from evals.drift.reference import Sums

    return Sums.of(_arrays(runs, keys))


@transaction.atomic
def close_alarm(
    alarm: DriftAlarm,
    *,
    actor: Actor,
    is_new_normal: bool,
    note: str = "",
    now: datetime | None = None,
) -> DriftAlarm:
    """Closed by a person: what is repaired goes on with its old reference, the new normal with the
    last ten runs. Raises: NotOpen.
    """
    locked = locked_alarm(alarm.pk)
    if locked is None or locked.state != State.OPEN:
        raise NotOpen("The alarm is closed already.")
    locked.state = State.DISMISSED if is_new_normal else State.RESOLVED
    locked.closed_at, locked.closed_by = now or timezone.now(), responsible(actor)
    locked.closer_label, locked.note = label_of(actor), note.replace("\0", "")[:5000]
    locked.save()
    schedule = locked.schedule
    record(
        f"drift.alarm_{locked.state}", actor=actor, project=schedule.project, subject=schedule,
        name=schedule.name, note=locked.note,
    )  # fmt: skip
    _tell(locked, "closed")
    return locked


def locked_alarm(pk: int) -> DriftAlarm | None:
    """The row, held until the transaction ends."""
    return (
        DriftAlarm.objects.select_for_update(of=("self",))
        .select_related("schedule__project__organization", "run")
        .filter(pk=pk)
        .first()
    )


def _tell(alarm: DriftAlarm, step: str) -> None:
    send = partial(drift_alarm_changed.send, DriftAlarm, alarm_id=alarm.pk, step=step)
    transaction.on_commit(send)
    quality_changed(alarm.schedule.project_id)
