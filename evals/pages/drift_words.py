"""How drops, their causes and changes of what runs are written for people."""

from __future__ import annotations

from datetime import date

from evals.models import DriftAlarm, EvaluatorVersion, Schedule, ScheduleRun
from evals.pages.wording import MINUS, change, score, title_of
from evals.queries.quality import Lens

HEADS = {
    "": "Whose change it was is being found out.",
    "upstream": "The provider changed.",
    "own": "Our own change.",
    "both": "The provider changed, and we did.",
    "judge": "The judge changed.",
    "none": "It does not repeat.",
    "unknown": "Not enough items to say whose change it was.",
}
MARKS = {"upstream": "u", "own": "o", "both": "u", "judge": "j"}
KINDS = {"drop": "sudden drop", "decay": "slow decay", "edge": "drop at a change"}
STATES = {
    "due": ("clock", "", "Waiting"),
    "running": ("clock", "", "Running"),
    "done": ("check", "ok", "Done"),
    "silent": ("alert", "warn", "No verdict"),
    "missed": ("x", "warn", "Missed"),
    "failed": ("err", "bad", "Failed"),
}
VERDICTS = {"calibrating": "calibrates", "warning": "low: runs again", "alarm": "fell"}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day_words(day: int) -> str:
    """`12 Nov`."""
    when = date.fromordinal(day)
    return f"{when.day} {when:%b}"


def title_of_watched(watched: EvaluatorVersion | None) -> str:
    """The score's name as a heading."""
    return title_of(watched.evaluator.name) if watched else "Its evaluator is gone"


def size(kept: float, lens: Lens) -> str:
    """`8.0 points` of scores from 0 to 1, `0.20` of others; without a sign."""
    if lens.span == 1:
        return f"{abs(kept) * 100:.1f} points"
    return score(abs(kept))


def signed(kept: float, lens: Lens) -> str:
    """`−0.08`, as the evaluator's own score moved."""
    value = lens.change(kept)
    text = f"{abs(value):.2f}" if lens.span <= 2 else score(abs(value))
    return text if not float(text.replace(",", "")) else f"{MINUS if value < 0 else '+'}{text}"


def effect_of(alarm: DriftAlarm, lens: Lens) -> str:
    """`8.0 points lower`."""
    side = "higher" if lens.change(alarm.effect) > 0 else "lower"
    return f"{size(alarm.effect, lens)} {side}"


def ends_of(alarm: DriftAlarm, lens: Lens) -> str:
    """`−11.0 to −5.1 points`, the 95 % interval of the effect."""
    ends = sorted((lens.change(alarm.low), lens.change(alarm.high)))
    if lens.span == 1:
        return f"{' to '.join(change(100 * one, 1) for one in ends)} points"
    return " to ".join(change(one) for one in ends)


def sentence_of(alarm: DriftAlarm, watched: EvaluatorVersion | None, lens: Lens) -> str:
    """`Faithfulness is 8.0 points lower since 12 Nov (95% interval −11.0 to −5.1 points).`"""
    what = ""
    changed = alarm.report.get("what") or []
    if alarm.kind == DriftAlarm.Kind.EDGE and changed:
        what = f", when this changed: {', '.join(map(str, changed))}"
    return (
        f"{title_of_watched(watched)} is {effect_of(alarm, lens)} since {day_words(alarm.since)}"
        f"{what} (95% interval {ends_of(alarm, lens)})."
    )


def confidence_of(alarm: DriftAlarm) -> str:
    """`strong evidence`, or nothing."""
    return f"{alarm.confidence} evidence" if alarm.confidence else ""


def changes_between(before: ScheduleRun, after: ScheduleRun) -> list[tuple[str, str, str]]:
    """(field, what changed, from what to what) of two runs' fingerprints."""
    from evals.drift.segments import NAMES

    told = []
    for name, words in NAMES.items():
        old, new = before.fingerprint.get(name), after.fingerprint.get(name)
        if old and new and old != new:
            told.append((name, words, f"{str(old)[:80]} to {str(new)[:80]}"))
    return told


def mark_of_change(names: list[str]) -> str:
    """Whose doing a change of what runs is: the provider's, the judge's, else our own."""
    from evals.drift.segments import JUDGE, UPSTREAM

    if set(names) & UPSTREAM:
        return "u"
    return "j" if set(names) <= JUDGE else "o"


def times_of(schedule: Schedule) -> str:
    """`03:00 Europe/Berlin, every day`."""
    days = sorted(schedule.weekdays)
    if len(days) == 7:
        which = "every day"
    elif days == [0, 1, 2, 3, 4]:
        which = "Monday to Friday"
    else:
        which = ", ".join(DAYS[one] for one in days if 0 <= one < 7)
    return f"{schedule.hour:02}:{schedule.minute:02} {schedule.zone}, {which}"


def runs_what(schedule: Schedule) -> str:
    """`production`, the label that is followed, or `v3`, the version that is pinned."""
    if schedule.label:
        return schedule.label
    return f"v{schedule.prompt_version.number}" if schedule.prompt_version else "a version gone"
