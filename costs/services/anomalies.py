"""Spend is read every hour and every day; what nobody expected is one anomaly an episode."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor, person, record
from costs.detection.calendar import Expected
from costs.detection.detector import detect
from costs.detection.episodes import Episode, Type, episodes
from costs.detection.series import Series
from costs.detection.settings import DAILY, HOURLY, Grain
from costs.models import Anomaly, PlannedEvent, SpendReading
from costs.queries.causes import why
from costs.queries.series import series_by_feature, usual_day
from costs.services.errors import BadPlan
from costs.signals import anomaly_changed

NANO = 10**9
WAITS = {"hourly": timedelta(minutes=10), "daily": timedelta(minutes=30)}  # for late spans
NEWS = {"hourly": timedelta(days=3), "daily": timedelta(days=7)}  # older ones were told already
LEAST_OF_DAY = 0.02  # of what the project spends on a usual day: less money is not worth a word
MOSTLY = 0.6  # of what all are over: one feature's anomaly stands for it
Kind, State = Anomaly.Kind, Anomaly.State


def read_due(now: datetime | None = None) -> int:
    """Read what is due of each project; how many anomalies are new. May run twice.

    A demo is first read by who tells it, when all of it is there.
    """
    now = now or timezone.now()
    was_read = Exists(SpendReading.objects.filter(project=OuterRef("pk")))
    projects = Project.objects.filter(Q(is_demo=False) | was_read, deleted_at=None)
    return sum(
        read_project(project, grain, now) for project in projects for grain in (HOURLY, DAILY)
    )


def read_project(project: Project, grain: Grain, now: datetime) -> int:
    """Read one project's spend up to the last whole bucket, where that was not done yet."""
    until = _until(now, grain)
    reading = SpendReading.objects.filter(project=project, grain=grain.name).first()
    if reading is not None and reading.read_until >= until:
        return 0
    found = 0
    told: list[tuple[str, Series, Episode]] = []
    edge = None if reading is None else until - NEWS[grain.name]
    by_feature = series_by_feature(project.pk, grain, until)
    floor = LEAST_OF_DAY * usual_day(by_feature[""]) if by_feature else 0.0
    for feature, series in by_feature.items():
        news = _news(project, feature, series, edge)
        told += [(feature, series, one) for one in news if _is_worth_it(one, floor)]
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        for feature, series, one in _without_repeats(told):
            found += _keep(project, feature, series, one, until)
        _end_old(project, grain, until)
        SpendReading.objects.update_or_create(
            project=project, grain=grain.name, defaults={"read_until": until}
        )
    return found


@transaction.atomic
def acknowledge(anomaly: Anomaly, *, actor: Actor) -> Anomaly:
    """Somebody knows of it; the first one stays. It stays open until spend is as expected."""
    anomaly = _alone(anomaly)
    if anomaly.acknowledged_at is not None:
        return anomaly
    anomaly.acknowledged_by, anomaly.acknowledged_at = person(actor), timezone.now()
    anomaly.save(update_fields=["acknowledged_by", "acknowledged_at"])
    record(
        "anomaly.acknowledged", actor=actor, project=anomaly.project, subject=anomaly,
        feature=anomaly.feature, kind=anomaly.kind,
    )  # fmt: skip
    _tell(anomaly)
    return anomaly


@transaction.atomic
def call_normal(anomaly: Anomaly, *, actor: Actor) -> Anomaly:
    """What runs since then is normal: later spend is compared with it. Again changes nothing."""
    anomaly = _alone(anomaly)
    if anomaly.state == State.NORMAL:
        return anomaly
    anomaly.state = State.NORMAL
    anomaly.closed_by, anomaly.closed_at = person(actor), timezone.now()
    anomaly.save(update_fields=["state", "closed_by", "closed_at"])
    record(
        "anomaly.normal", actor=actor, project=anomaly.project, subject=anomaly,
        feature=anomaly.feature, kind=anomaly.kind,
    )  # fmt: skip
    _tell(anomaly)
    return anomaly


@transaction.atomic
def plan_event(
    project: Project,
    *,
    since: datetime,
    until: datetime,
    note: str,
    feature: str = "",
    is_holiday: bool = False,
    actor: Actor,
) -> PlannedEvent:
    """A launch or a holiday, of which other spend is to be expected. Raises: BadPlan."""
    if not since < until <= since + timedelta(days=92):
        raise BadPlan("An event ends after it began, within 92 days.")
    if not note.strip():
        raise BadPlan("Say what the event is.")
    made = PlannedEvent.objects.create(
        project=project, feature=feature.strip()[:200], since=since, until=until,
        note=note.strip()[:200], is_holiday=is_holiday, created_by=person(actor),
    )  # fmt: skip
    record("cost_event.planned", actor=actor, project=project, subject=made, note=made.note)
    return made


@transaction.atomic
def drop_event(event: PlannedEvent, *, actor: Actor) -> None:
    """The event is expected no more."""
    record("cost_event.dropped", actor=actor, project=event.project, subject=event, note=event.note)
    event.delete()


def _alone(anomaly: Anomaly) -> Anomaly:
    rows = Anomaly.objects.select_for_update(of=("self",)).select_related("project")
    return rows.get(pk=anomaly.pk)


def _until(now: datetime, grain: Grain) -> datetime:
    """The end of the last bucket of which all should have arrived."""
    at = (now - WAITS[grain.name]).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return at.replace(hour=0) if grain is DAILY else at


def _news(
    project: Project, feature: str, series: Series, edge: datetime | None
) -> Sequence[Episode]:
    """Episodes that reach beyond `edge`; of the first reading, all."""
    found = detect(
        series,
        planned=_planned(project, feature, series),
        normal_since=_normal(project, feature, series),
    )
    all_of_them = episodes(series, found)
    if edge is None:
        return all_of_them
    return [one for one in all_of_them if series.at(one.last) >= edge]


def _is_worth_it(one: Episode, floor: float) -> bool:
    """Silence has no money, and is told; else it is as much as `floor` over or under."""
    return one.type == Type.NO_DATA or abs(one.excess) >= floor


def _planned(project: Project, feature: str, series: Series) -> list[Expected]:
    rows = PlannedEvent.objects.filter(
        project=project, feature__in=("", feature), until__gt=series.start
    )
    step = series.grain.step
    return [
        Expected(
            (one.since - series.start) // step,
            -((series.start - one.until) // step),
            float("inf") if one.is_holiday else 2.0,
        )
        for one in rows
    ]


def _normal(project: Project, feature: str, series: Series) -> list[int]:
    rows = Anomaly.objects.filter(
        project=project, feature=feature, state=State.NORMAL, since__gte=series.start
    )
    return [(one.since - series.start) // series.grain.step for one in rows]


def _without_repeats(
    told: Sequence[tuple[str, Series, Episode]],
) -> list[tuple[str, Series, Episode]]:
    """Without what all are over together, where one feature is mostly that."""
    kept = []
    for feature, series, one in told:
        if not feature and any(
            name and _overlap(one, other, series) and other.excess * one.excess >= 0
            and abs(other.excess) >= MOSTLY * abs(one.excess)
            for name, _, other in _same_places(told, series)
        ):  # fmt: skip
            continue
        kept.append((feature, series, one))
    return kept


def _same_places(
    told: Sequence[tuple[str, Series, Episode]], series: Series
) -> list[tuple[str, Series, Episode]]:
    return [one for one in told if one[1].start == series.start]


def _overlap(one: Episode, other: Episode, series: Series) -> bool:
    quiet = series.grain.quiet
    return one.since <= other.last + quiet and other.since <= one.last + quiet


def _was_told(near: QuerySet[Anomaly], one: Episode) -> bool:
    """Whether the hours told of most of it; of a silence, of any."""
    excesses = near.filter(grain=HOURLY.name).values_list("excess", flat=True)
    return any(abs(each) >= MOSTLY * abs(one.excess) * NANO for each in excesses)


def _keep(project: Project, feature: str, series: Series, one: Episode, until: datetime) -> int:
    """The row of an episode: a new one, or the one that it goes on."""
    grain = series.grain
    since, last = series.at(one.since), series.at(one.last) + grain.step
    quiet = grain.quiet * grain.step
    is_drop = one.type == Type.DROP
    near = Anomaly.objects.filter(
        project=project, feature=feature, last_at__gte=since - quiet, since__lte=last + quiet
    )
    near = near.filter(kind=Kind.DROP) if is_drop else near.exclude(kind=Kind.DROP)
    known = near.filter(grain=grain.name).order_by("-since").first()
    if known is None and grain is DAILY and _was_told(near, one):
        return 0
    if known is not None and known.state == State.NORMAL:
        return 0
    fields: dict[str, Any] = {
        "kind": Kind(one.type.value), "last_at": last, "excess": round(one.excess * NANO),
        "expected": round(one.expected * NANO),
    }  # fmt: skip
    if known is not None and (known.last_at, known.kind) == (last, fields["kind"]):
        return 0
    found = why(project.pk, feature, since, last)
    fields |= {"causes": found.causes, "factors": found.factors, "figures": found.figures}
    fields["state"] = State.OPEN if last + quiet >= until else State.OVER
    if known is not None:
        Anomaly.objects.filter(pk=known.pk).update(**fields)
        _tell(known)
        return 0
    made = Anomaly.objects.create(
        project=project, feature=feature, grain=grain.name, since=since,
        first_at=series.at(one.first), found_at=until, **fields,
    )  # fmt: skip
    _tell(made)
    return 1


def _end_old(project: Project, grain: Grain, until: datetime) -> None:
    quiet = grain.quiet * grain.step
    rows = Anomaly.objects.filter(
        project=project, grain=grain.name, state=State.OPEN, last_at__lt=until - quiet
    )
    for one in rows:
        one.state, one.closed_at = State.OVER, until
        one.save(update_fields=["state", "closed_at"])
        _tell(one)


def _tell(anomaly: Anomaly) -> None:
    pk = anomaly.pk
    transaction.on_commit(lambda: anomaly_changed.send(sender=Anomaly, anomaly_id=pk))
