"""Service objectives of a project: what was counted in each window, and what of the budget is left.

Availability and latency come from the roll-ups of requests, quality from scores. Windows of up to
six hours stand in `ObjectiveMinute`, which `services.objectives` fills. The first token has no
budget: no roll-up holds it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Max, Q, Sum

from accounts.models import Project
from alerts.burning import LONG, PERIOD, WINDOWS, Budget, Counted, burn_rate
from alerts.models import ObjectiveMinute
from features.models import BarDirection, Feature, Target
from features.pages.words import bar_words, milliseconds, ratio_words
from features.queries import targets_by_feature
from traces.queries.objectives import Requests, requests_in, scored_traces

Name = ObjectiveMinute.Name
COURSE, COURSE_STEP = timedelta(hours=6), timedelta(minutes=10)
P95_ALLOWED = 0.05  # of requests may take longer than the 95th percentile


@dataclass(frozen=True)
class Objective:
    """One thing that a feature's approved target asks of its traffic; `allowed` may miss it."""

    feature: Feature
    target: Target
    name: str
    allowed: float  # share of 0 to 1
    asked: str

    @property
    def key(self) -> tuple[int, str]:
        """By which counts are told apart."""
        return self.target.pk, self.name

    @property
    def label(self) -> str:
        """`Availability`."""
        return Name(self.name).label


@dataclass(frozen=True)
class Standing:
    """An objective with its windows, its budget, and the last days as (day, counted)."""

    objective: Objective
    windows: Mapping[timedelta, Counted]
    budget: Budget
    days: Sequence[tuple[datetime, Counted]]

    def burn(self, window: timedelta) -> float | None:
        """How fast the budget goes in this window; see `alerts.burning.burn_rate`."""
        return burn_rate(self.windows[window], self.objective.allowed)


def objectives_of(project: Project, feature: str = "") -> list[Objective]:
    """What the approved targets of live features ask; of one feature where it is named."""
    found = []
    for name, target in sorted(targets_by_feature(project).items()):
        if target.feature.archived_at is None and feature in ("", name):
            found += _asked(target)
    return found


def standings_of(
    project: Project, objectives: Sequence[Objective], now: datetime
) -> list[Standing]:
    """Each with its figures: as many queries as there are objectives of quality, and four."""
    windows = windows_of(project, objectives, now)
    days = _days_of(project, objectives, now)
    return [
        Standing(
            one,
            windows[one.key],
            Budget(one.allowed, _sum(counted for _, counted in days[one.key])),
            days[one.key],
        )
        for one in objectives
    ]


def windows_of(
    project: Project, objectives: Sequence[Objective], now: datetime
) -> dict[tuple[int, str], dict[timedelta, Counted]]:
    """What each of `alerts.burning.WINDOWS` holds, up to now."""
    edge = now.astimezone(UTC).replace(second=0, microsecond=0)
    sums = {
        f"{column}_{place}": Sum(column, filter=Q(minute__gte=edge - length), default=0)
        for place, length in enumerate(WINDOWS)
        for column in ("total", "bad")
    }
    rows = (
        ObjectiveMinute.objects.filter(
            target__in=[one.target for one in objectives],
            minute__gte=edge - WINDOWS[-1],
            minute__lte=now,
        )
        .values("target_id", "name")
        .order_by()
        .annotate(**sums)
    )
    found = {one.key: dict.fromkeys(WINDOWS, Counted(0, 0)) for one in objectives}
    summed: list[dict[str, Any]] = [dict(row) for row in rows]
    for row in summed:
        if (key := (row["target_id"], row["name"])) in found:
            found[key] = {
                length: Counted(row[f"total_{place}"], row[f"bad_{place}"])
                for place, length in enumerate(WINDOWS)
            }
    on_requests = [one for one in objectives if one.name != Name.QUALITY]
    long = _requests(project, on_requests, since=now - LONG.long, until=now)
    for one in on_requests:
        found[one.key][LONG.long] = _sum(counted for _, counted in long[one.key])
    return found


def course_of(objective: Objective, now: datetime) -> list[float | None]:
    """How fast its budget went in every ten minutes of the last six hours, the oldest first."""
    edge = now.astimezone(UTC).replace(second=0, microsecond=0)
    rows = ObjectiveMinute.objects.filter(
        target=objective.target, name=objective.name, minute__gt=edge - COURSE, minute__lte=edge
    )
    slots = [Counted(0, 0)] * (COURSE // COURSE_STEP)
    for minute, total, bad in rows.values_list("minute", "total", "bad"):
        place = -1 - (edge - minute) // COURSE_STEP
        slots[place] = _sum([slots[place], Counted(total, bad)])
    rates = [burn_rate(one, objective.allowed) for one in slots]
    return [None if rate is None else round(rate, 2) for rate in rates]


def last_minutes(objectives: Sequence[Objective]) -> dict[tuple[int, str], datetime]:
    """The newest minute that was counted of each, where one was."""
    rows = ObjectiveMinute.objects.filter(target__in=[one.target for one in objectives])
    newest = rows.values_list("target_id", "name").annotate(Max("minute")).order_by()
    return {(target, name): minute for target, name, minute in newest}


def bars_of(objectives: Iterable[Objective]) -> dict[str, int | None]:
    """Name of a feature -> how long a request may take, in microseconds."""
    found: dict[str, int | None] = {}
    for one in objectives:
        if one.name != Name.QUALITY:
            length = one.target.p95_latency_ms
            found[one.feature.name] = None if length is None else length * 1000
    return found


def counted_of(objective: Objective, row: Requests) -> Counted:
    """Of these requests, those that miss this objective."""
    return Counted(row.total, row.failed if objective.name == Name.AVAILABILITY else row.slow)


def _asked(target: Target) -> list[Objective]:
    found = []

    def add(name: str, allowed: float, asked: str) -> None:
        found.append(Objective(target.feature, target, name, round(allowed, 12), asked))

    if (ratio := target.availability_ratio) is not None:
        add(Name.AVAILABILITY, 1 - ratio, f"≥ {ratio_words(ratio)}")
    if (length := target.p95_latency_ms) is not None:
        add(Name.LATENCY, P95_ALLOWED, f"95% within {milliseconds(length)}")
    if (tolerated := target.tolerated_failure_ratio) is not None:
        add(Name.QUALITY, tolerated, f"{ratio_words(1 - tolerated)} with {bar_words(target)}")
    return found


def _days_of(
    project: Project, objectives: Sequence[Objective], now: datetime
) -> dict[tuple[int, str], list[tuple[datetime, Counted]]]:
    since = now - PERIOD
    on_requests = [one for one in objectives if one.name != Name.QUALITY]
    found = _requests(project, on_requests, since=since, until=now, by_day=True)
    for one in objectives:
        if one.name == Name.QUALITY:
            rows = scored_traces(
                project.pk, one.feature.name, one.target.metric, bar=one.target.bar,
                is_most=is_most(one.target), since=since, until=now,
            )  # fmt: skip
            found[one.key] = [(row.moment, Counted(row.total, row.missed)) for row in rows]
    return found


def is_most(target: Target) -> bool:
    """True where the metric must stay below its bar."""
    return target.bar_direction == BarDirection.AT_MOST


def _requests(
    project: Project,
    objectives: Sequence[Objective],
    *,
    since: datetime,
    until: datetime,
    by_day: bool = False,
) -> dict[tuple[int, str], list[tuple[datetime, Counted]]]:
    found: dict[tuple[int, str], list[tuple[datetime, Counted]]] = defaultdict(list)
    if not objectives:
        return found
    rows = requests_in(project.pk, bars_of(objectives), since=since, until=until, by_day=by_day)
    for row in rows:
        for one in objectives:
            if one.feature.name == row.feature:
                found[one.key].append((row.moment, counted_of(one, row)))
    return found


def _sum(counts: Iterable[Counted]) -> Counted:
    every = list(counts)
    return Counted(sum(one.total for one in every), sum(one.bad for one in every))
