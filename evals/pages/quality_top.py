"""What the page of quality says first: one sentence, and figures of the whole project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from evals.pages import drift_words as words
from evals.pages.live import LiveLane
from evals.pages.quality import Lane
from evals.pages.wording import many
from evals.queries.quality import Series, lens_of
from evals.values.slots import day_of, next_slot


def sentence_of(lanes: Sequence[Lane]) -> tuple[str, str, str, str]:
    """(icon, tone, head, rest) of all lanes."""
    fallen = [one for one in lanes if one.series.open_alarm]
    if fallen:
        first = fallen[0].series
        alarm = first.open_alarm
        assert alarm is not None  # noqa: S101
        lens = lens_of(first.watched)
        head = f"{first.schedule.name} fell on {words.day_words(alarm.since)}."
        rest = f"{words.sentence_of(alarm, first.watched, lens)} {words.HEADS[alarm.cause]}"
        if len(fallen) > 1:
            rest += f" {many(len(fallen) - 1, 'more schedule')} fell, too."
        return "alert", "bad", head, rest
    running = [one.series for one in lanes if not one.series.schedule.is_paused]
    young = [one for one in running if one.standing.is_calibrating]
    if not running:
        return "pause", "", "Every schedule is paused.", "Nothing is watched until one goes on."
    if len(young) == len(running):
        rest = "Alarms begin once a schedule has its first runs; what exists is shown."
        return "clock", "", "Still calibrating.", rest
    watched = len(running) - len(young)
    rest = f"{many(watched, 'schedule')} watched"
    rest += f", {many(len(young), 'more')} still calibrating." if young else "."
    return "check", "ok", "Nothing fell.", rest


def calibration_of(series: Series) -> str:
    """`calibrating 3 of 7, until 12 Nov`, or nothing."""
    standing = series.standing
    if not standing.is_calibrating:
        return ""
    text = f"calibrating {min(standing.gathered, standing.baseline)} of {standing.baseline}"
    return f"{text}, until {words.day_words(_calibrated(series))}" if standing.gathered else text


def _calibrated(series: Series) -> int:
    """The day on which the baseline is there, if no run is missed: that of the last slot it takes.

    Repeats of a day make the number up; what cannot be hastened is the number of days.
    """
    schedule, standing = series.schedule, series.standing
    slot = schedule.next_at
    for _ in range(standing.baseline_days - standing.days - 1):
        slot = next_slot(
            slot, hour=schedule.hour, minute=schedule.minute, zone=schedule.zone,
            weekdays=schedule.weekdays,
        )  # fmt: skip
    return day_of(slot, schedule.zone)


def yearly(expected: float) -> str:
    """How many false alarms a year are expected, in as many digits as are meant."""
    if expected == 0:
        return "0"
    return "under 0.1" if expected < 0.1 else f"{expected:.1f}"


def smallest_of(series: Series) -> str:
    """The drop that is found within three days in four of five cases, in words."""
    detectable = series.standing.detectable
    return "" if detectable is None else words.size(detectable, lens_of(series.watched))


Probe = tuple[Lane, str, str]  # with its calibration, and the smallest drop that it sees


@dataclass
class Group:
    """One score: its live lane, and the schedules that watch it on a fixed set."""

    live: LiveLane | None = None
    probes: list[Probe] = field(default_factory=list)


def grouped(live: Sequence[LiveLane], probes: Sequence[Probe]) -> list[Group]:
    """Fallen probes first, then scores in the order of their live lanes, then other probes."""
    found: dict[str, Group] = {}
    for lane in live:
        # A schedule watches what evaluators say: people's own scores of that name stand apart.
        is_apart = lane.series.source in ("human", "user")
        found[lane.key if is_apart else f"of {lane.series.name}"] = Group(lane)
    for probe in probes:
        watched = probe[0].series.watched
        key = f"of {watched.evaluator.name}" if watched else f"gone {probe[0].series.schedule.pk}"
        found.setdefault(key, Group()).probes.append(probe)
    return sorted(
        found.values(), key=lambda one: not any(lane.series.open_alarm for lane, _, _ in one.probes)
    )


def first_sentence(
    lanes: Sequence[Lane], live: Sequence[LiveLane]
) -> tuple[str, str, str, str] | None:
    """What the page says first: of the fixed sets, and of live scores below their bar."""
    below = [one for one in live if one.tone == "bad"]
    if lanes:
        icon, tone, head, rest = sentence_of(lanes)
        if below and tone != "bad":
            return (
                "alert",
                "bad",
                *_below(below, f"On the fixed sets: {head[:1].lower()}{head[1:]}"),
            )
        return icon, tone, head, f"{rest} {' '.join(_below(below, ''))}".strip() if below else rest
    if below:
        return "alert", "bad", *_below(below, "Nothing is watched on a fixed set.")
    if not live:
        return None
    barred = [one for one in live if one.bar]
    rest = "A schedule on a fixed set would tell the model's drift from that of the traffic."
    if not barred:
        return "clock", "", "No live score has a bar.", rest
    return "check", "ok", f"{many(len(barred), 'live score')} on the right side of the bar.", rest


def _below(lanes: Sequence[LiveLane], rest: str) -> tuple[str, str]:
    first = lanes[0]
    side = "above" if first.series.meaning.is_most else "below"
    head = f"{first.title} of live traffic is {side} its bar."
    said = f"{first.value} in the last seven days, bar {first.bar}."
    if len(lanes) > 1:
        said += f" {many(len(lanes) - 1, 'more score')} too."
    return head, f"{said} {rest}".strip()
