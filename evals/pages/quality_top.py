"""What the page of quality says first: one sentence, and figures of the whole project."""

from __future__ import annotations

from collections.abc import Sequence

from evals.pages import drift_words as words
from evals.pages.quality import Lane
from evals.pages.wording import many
from evals.queries.quality import Series, lens_of


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
    """`calibrating 3 of 7`, or nothing."""
    standing = series.standing
    if not standing.is_calibrating:
        return ""
    return f"calibrating {min(standing.gathered, standing.baseline)} of {standing.baseline}"


def yearly(expected: float) -> str:
    """How many false alarms a year are expected, in as many digits as are meant."""
    if expected == 0:
        return "0"
    return "under 0.1" if expected < 0.1 else f"{expected:.1f}"


def smallest_of(series: Series) -> str:
    """The drop that is found within three days in four of five cases, in words."""
    detectable = series.standing.detectable
    return "" if detectable is None else words.size(detectable, lens_of(series.watched))
