"""Lanes of the page of quality: what is drawn of each schedule's series, places in percent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from evals.models import DriftAlarm, ScheduleRun
from evals.pages import drift_words as words
from evals.pages.wording import score
from evals.queries.quality import Lens, Series, lens_of
from evals.values.standings import Standing, read_standing

HEIGHT, TOP, FOOT, MARKS_AT = 78, 6, 60, 71  # pixels of a lane
WIDE = 1000  # the width that lines are drawn in, stretched to the lane's own

Kind, State = ScheduleRun.Kind, ScheduleRun.State


@dataclass(frozen=True)
class Dot:
    """A day or a rerun; `kind` is day, low (it fell), rerun, missed or silent."""

    x: float
    y: float
    kind: str
    title: str


@dataclass(frozen=True)
class Mark:
    """What happened, as a line across the lane and a sentence below it."""

    x: float
    kind: str  # u: the provider's, o: our own, j: the judge's, a: an alarm
    day: str
    head: str
    text: str
    alarm: DriftAlarm | None = None


@dataclass(frozen=True)
class Lane:
    """One schedule's series, drawn."""

    series: Series
    title: str
    value: str
    change: str
    tone: str
    bar: str
    label: str
    dots: list[Dot] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    bands: list[str] = field(default_factory=list)
    bar_y: float | None = None
    marks: list[Mark] = field(default_factory=list)
    done: int = 0
    planned: int = 0
    items: int | None = None


@dataclass(frozen=True)
class Tick:
    """A day on the axis."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True)
class Days:
    """From the first to the last day that is drawn."""

    first: int
    last: int

    def x(self, day: int) -> float:
        """Where a day lies, in percent."""
        return round(100 * (day - self.first) / max(self.last - self.first, 1), 2)

    def ticks(self) -> list[Tick]:
        """Five days, the first and the last among them."""
        found = []
        for place in range(5):
            day = self.first + round((self.last - self.first) * place / 4)
            anchor = "start" if place == 0 else "end" if place == 4 else "middle"
            found.append(Tick(self.x(day), words.day_words(day), anchor))
        return found

    def ends(self) -> list[Tick]:
        """The first day and the last, where there is no room for more."""
        ticks = self.ticks()
        return [ticks[0], ticks[-1]]


@dataclass(frozen=True)
class _Day:
    day: int
    mean: float | None
    run: ScheduleRun  # the planned one
    reruns: tuple[ScheduleRun, ...]


def lane_of(series: Series, days: Days) -> Lane:
    """What is drawn of a series."""
    lens = lens_of(series.watched)
    by_day = _days_of(series.runs)
    kept_bar = _bar_of(series, lens)
    scale = _Scale.of([one.mean for one in by_day], series.runs, kept_bar)
    last = next((one for one in reversed(by_day) if one.mean is not None), None)
    value = last.mean if last else None
    planned = [one.run for one in by_day if one.run.kind == Kind.PLANNED]
    title = words.title_of_watched(series.watched)
    shown = score(lens.value(value))
    return Lane(
        series=series,
        title=title,
        value=shown,
        change=_change(value, series.standing, lens),
        tone="bad" if series.open_alarm else "",
        bar="" if kept_bar is None else score(lens.value(kept_bar)),
        label=_label(series, title, shown, planned),
        dots=_dots(by_day, days, scale, lens),
        lines=_lines(by_day, days, scale, series.schedule.weekdays),
        bands=_bands(by_day, days, scale),
        bar_y=None if kept_bar is None else scale.y(kept_bar),
        marks=_marks(series, by_day, days, lens),
        done=sum(one.state == State.DONE for one in planned),
        planned=sum(one.state not in ScheduleRun.OPEN for one in planned),
    )


def _days_of(runs: Sequence[ScheduleRun]) -> list[_Day]:
    """The runs by day, with the mean of the day's runs that have a verdict."""
    grouped: dict[int, list[ScheduleRun]] = defaultdict(list)
    for run in runs:
        if run.state not in ScheduleRun.OPEN:
            grouped[run.day].append(run)
    found = []
    for day, several in sorted(grouped.items()):
        means = [one.mean for one in several if one.state == State.DONE and one.mean is not None]
        first = next((one for one in several if one.kind == Kind.PLANNED), several[0])
        reruns = tuple(one for one in several if one is not first)
        found.append(_Day(day, sum(means) / len(means) if means else None, first, reruns))
    return found


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float

    @classmethod
    def of(
        cls, means: Sequence[float | None], runs: Sequence[ScheduleRun], bar: float | None
    ) -> _Scale:
        seen = [one for one in means if one is not None]
        for run in runs:
            standing = read_standing(run.standing)
            seen += [one for one in (run.mean, standing.low, standing.high) if one is not None]
        if bar is not None and seen:
            seen.append(bar)
        if not seen:
            return cls(0.0, 1.0)
        low, high = min(seen), max(seen)
        room = max((high - low) * 0.08, 0.01)
        return cls(low - room, high + room)

    def y(self, kept: float) -> float:
        share = (kept - self.low) / (self.high - self.low)
        return round(FOOT - share * (FOOT - TOP), 1)


def _dots(by_day: Sequence[_Day], days: Days, scale: _Scale, lens: Lens) -> list[Dot]:
    found = []
    for one in by_day:
        x, when = days.x(one.day), words.day_words(one.day)
        run = one.run
        if one.mean is not None:
            is_low = any(each.verdict == "alarm" for each in (run, *one.reruns))
            more = f", {len(one.reruns) + 1} runs" if one.reruns else ""
            text = f"{when}: {score(lens.value(one.mean))}{more}"
            found.append(Dot(x, scale.y(one.mean), "low" if is_low else "day", text))
            for again in (run, *one.reruns) if one.reruns else ():
                if again.mean is not None:
                    text = f"{when}, {again.get_kind_display().lower()} run: "
                    text += score(lens.value(again.mean))
                    found.append(Dot(x, scale.y(again.mean), "rerun", text))
        else:
            kind = "silent" if run.state == State.SILENT else "missed"
            why = f". {run.error}" if run.error else ""
            found.append(Dot(x, MARKS_AT, kind, f"{when}: {run.get_state_display().lower()}{why}"))
    return found


def _lines(by_day: Sequence[_Day], days: Days, scale: _Scale, weekdays: Sequence[int]) -> list[str]:
    """A line for each stretch without a gap: neither a run that is missing nor another segment."""
    widest = _widest_gap(weekdays)
    stretches: list[list[_Day]] = []
    before: _Day | None = None
    for one in by_day:
        if one.mean is None:
            before = None
            continue
        is_joined = (
            before is not None
            and one.day - before.day <= widest
            and one.run.segment == before.run.segment
        )
        if is_joined:
            stretches[-1].append(one)
        else:
            stretches.append([one])
        before = one
    return [
        " ".join(f"{days.x(one.day) * WIDE / 100:.1f},{scale.y(one.mean or 0.0)}" for one in many)
        for many in stretches
        if len(many) > 1
    ]


def _widest_gap(weekdays: Sequence[int]) -> int:
    """How many days lie between two slots at most, where none is missing."""
    several = sorted(set(weekdays)) or [0]
    following = [*several[1:], several[0] + 7]
    return max(after - one for one, after in zip(several, following, strict=True))


def _bands(by_day: Sequence[_Day], days: Days, scale: _Scale) -> list[str]:
    """The band of each segment, once it is known."""
    grouped: dict[int | None, list[tuple[int, float, float]]] = defaultdict(list)
    for one in by_day:
        standing = read_standing(one.run.standing)
        if standing.low is not None and standing.high is not None:
            grouped[one.run.segment].append((one.day, standing.low, standing.high))
    found = []
    for several in grouped.values():
        if len(several) == 1:  # half a day to each side, so that it is seen
            day, low, high = several[0]
            left, right = (days.x(day) + side * 50 / max(days.last - days.first, 1)
                           for side in (-1, 1))  # fmt: skip
            above = [(left, high), (right, high)]
            below = [(right, low), (left, low)]
        else:
            above = [(days.x(day), high) for day, _, high in several]
            below = [(days.x(day), low) for day, low, _ in reversed(several)]
        found.append(" ".join(f"{x * WIDE / 100:.1f},{scale.y(y)}" for x, y in above + below))
    return found


def _marks(series: Series, by_day: Sequence[_Day], days: Days, lens: Lens) -> list[Mark]:
    """Changes of what runs, and alarms, in the order of their days."""
    found: list[tuple[int, Mark]] = []
    before: ScheduleRun | None = None
    for one in by_day:
        run = one.run
        if run.segment is None:
            continue
        if before is not None and before.segment != run.segment:
            told = words.changes_between(before, run)
            head = ", ".join(name for _, name, _ in told) or "what runs"
            text = "; ".join(what for _, _, what in told)
            kind = words.mark_of_change([name for name, _, _ in told])
            mark = Mark(days.x(one.day), kind, words.day_words(one.day),
                        f"Changed: {head}.", text)  # fmt: skip
            found.append((one.day, mark))
        before = run
    for alarm in series.alarms:
        since = max(alarm.since, days.first)
        head = f"{alarm.get_kind_display()}: {words.effect_of(alarm, lens)}."
        told_of = [words.HEADS[alarm.cause], words.confidence_of(alarm)]
        text = " ".join(filter(None, told_of))
        mark = Mark(days.x(since), "a", words.day_words(alarm.since), head, text, alarm)
        found.append((since, mark))
    return [mark for _, mark in sorted(found, key=lambda pair: pair[0])]


def _bar_of(series: Series, lens: Lens) -> float | None:
    """The evaluator's bar as the detector would have it; None of a verdict that passes or not."""
    watched = series.watched
    if watched is None or watched.bar is None or watched.data_type == "boolean":
        return None
    return lens.value(watched.bar)  # mirrored once is as the detector has it


def _change(value: float | None, standing: Standing, lens: Lens) -> str:
    if value is None or standing.mean is None:
        return ""
    return words.signed(value - standing.mean, lens)


def _label(series: Series, title: str, value: str, planned: Sequence[ScheduleRun]) -> str:
    lost = [one for one in planned if one.state not in (State.DONE, *ScheduleRun.OPEN)]
    told = f"{title} of {series.schedule.name}, last {value}; {len(planned)} days"
    if lost:
        told += f", of them {len(lost)} without a score"
    return f"{told}; what happened is told below."
