"""The judge's own lane: what it gives the same stored answers, run after run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max

from evals.models import EvaluatorVersion, Rejudging, Schedule, ScheduleRun
from evals.pages import drift_words as words
from evals.pages.quality import Days, Dot
from evals.pages.wording import many, score
from evals.queries.quality import Lens
from evals.queries.stored_answers import is_judged, rejudgings_of, spent_on, sums_of

HEIGHT, TOP, FOOT, WIDE = 56, 6, 50, 1000
DAYS = 60
BASIS = 7  # first runs that the others are compared with
NEWEST = 3  # runs that say how it marks now
FELL = -2.0


@dataclass(frozen=True)
class JudgeLane:
    """What is drawn and said; places of `dots` in percent and pixels, of lines in `WIDE`."""

    label: str
    head: str
    text: str
    tone: str
    days: Days
    dots: list[Dot]
    line: str
    band: str
    since_x: float | None
    last_nano: int
    spent_nano: int
    unpriced: int
    trouble: str


def judge_lane_of(
    schedule: Schedule,
    watched: EvaluatorVersion | None,
    lens: Lens,
    *,
    last: int | None = None,
    since: int | None = None,
) -> JudgeLane | None:
    """Of the 60 days up to `last`, else to the newest marks; None where there are none.

    With `since`, the day of a change, what was before it is the reference; else the first runs.
    """
    if watched is None or not is_judged(watched):
        return None
    if last is None:
        last = schedule.rejudgings.aggregate(day=Max("day"))["day"] or 0
    rows = [one for one in rejudgings_of(schedule, last - DAYS + 1) if one.day <= last]
    if not rows:
        return None
    basis = [one for one in rows if since is not None and one.day < since] or rows[:BASIS]
    later = [one for one in rows if since is None or one.day >= since][-NEWEST:] or rows[-1:]
    was, spread, z = _against(watched, basis, later)
    is_lower = z is not None and z < FELL
    newest, plot = rows[-1], _Plot.of(rows, was, spread)
    shown, before = score(lens.value(newest.mean)), score(lens.value(was))
    answers = many(len(newest.marks), "stored answer")
    when = "before" if since else "in the first runs"
    return JudgeLane(
        label=f"Marks of the same {answers} by day, last {shown}, {before} {when}",
        head="The judge is harsher than it was." if is_lower else "The judge marks as it did.",
        text=f"{answers}, marked again in each run: last {shown}, {before} {when}.",
        tone="bad" if is_lower else "",
        days=plot.days,
        dots=[plot.dot(one, lens) for one in rows],
        line=" ".join(f"{plot.days.x(one.day) * WIDE / 100:.1f},{plot.y(one)}" for one in rows),
        band=plot.band(was - spread, was + spread),
        since_x=None if since is None else plot.days.x(max(since, plot.days.first)),
        last_nano=newest.cost_nano,
        spent_nano=spent_on(schedule),
        unpriced=newest.unpriced,
        trouble=_trouble(schedule, newest),
    )


@dataclass(frozen=True)
class _Plot:
    days: Days
    low: float
    high: float

    @classmethod
    def of(cls, rows: Sequence[Rejudging], was: float, spread: float) -> _Plot:
        seen = [one.mean or 0.0 for one in rows]
        low, high = min(*seen, was - spread), max(*seen, was + spread)
        room = max((high - low) * 0.08, 0.01)
        days = Days(rows[0].day, max(rows[-1].day, rows[0].day + BASIS))
        return cls(days, low - room, high + room)

    def at(self, kept: float) -> float:
        return round(FOOT - (kept - self.low) / (self.high - self.low) * (FOOT - TOP), 1)

    def y(self, one: Rejudging) -> float:
        return self.at(one.mean or 0.0)

    def dot(self, one: Rejudging, lens: Lens) -> Dot:
        title = f"{words.day_words(one.day)}: {score(lens.value(one.mean))}"
        kind = "day" if one.run.kind == ScheduleRun.Kind.PLANNED else "rerun"
        return Dot(self.days.x(one.day), self.y(one), kind, title)

    def band(self, low: float, high: float) -> str:
        top, foot = self.at(high), self.at(low)
        return f"0,{top} {WIDE},{top} {WIDE},{foot} 0,{foot}"


def _trouble(schedule: Schedule, newest: Rejudging) -> str:
    """Why the run after the newest marks has none."""
    states = [Rejudging.State.FAILED, Rejudging.State.SKIPPED]
    failed = schedule.rejudgings.filter(state__in=states, pk__gt=newest.pk).order_by("-pk").first()
    return failed.error if failed else ""


def _against(
    watched: EvaluatorVersion, basis: Sequence[Rejudging], later: Sequence[Rejudging]
) -> tuple[float, float, float | None]:
    """(the mean that was, half of the band that 95 % of runs lie in, z of the newest)."""
    from evals.drift.arms import arm_of
    from evals.drift.runs import numbers, scale_of
    from evals.statistics.arrays import Z95

    keys = sorted({key for one in (*basis, *later) for key in one.marks}, key=int)
    marks = [numbers([one.marks.get(key) for key in keys]) for one in (*basis, *later)]
    seen = [value for one in (*basis, *later) for value in one.marks.values() if value is not None]
    low = min([0.0 if watched.minimum is None else watched.minimum, *seen])
    high = max([1.0 if watched.maximum is None else watched.maximum, *seen])
    before, scale = sums_of(basis, keys), scale_of(low, high, marks)
    means = [one.mean or 0.0 for one in basis]
    whole = arm_of("judge", before, sums_of(later, keys), scale)
    single = arm_of("judge", before, sums_of(later[:1], keys), scale)
    spread = Z95 * single.error if single else 0.0
    return sum(means) / len(means), spread, whole.z if whole else None
