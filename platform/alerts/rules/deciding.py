"""When a rule fires and when it is over: the same function for now and for the past. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from statistics import median


class Condition(StrEnum):
    """What is compared with what."""

    ABOVE = "above"
    BELOW = "below"
    RISES = "rises"  # against the baseline
    FALLS = "falls"
    SILENT = "silent"  # nothing comes any more


CHANGES = (Condition.RISES, Condition.FALLS)


class Verdict(StrEnum):
    """What one window says."""

    BREACH = "breach"
    FINE = "fine"
    UNKNOWN = "unknown"  # too few, or nothing: neither of both


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule asks. `amount` is the bar, or the change that is too much.

    A change in percent is a ratio (0.5 for half as much again). It fires once `breaches` of the
    last `windows` windows breach, and is over once the newest has been fine for `clear_after`.
    """

    condition: Condition
    amount: Fraction = Fraction(0)
    is_percent: bool = False
    least: int = 0  # fewer than so many are too few to say
    breaches: int = 1
    windows: int = 1
    clear_after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and of how many; None: there is none. `is_count`: it is itself how many."""

    value: Fraction | None
    count: int
    is_count: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One window: its figure and, of a change, those that make the baseline."""

    figure: Figure
    before: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What stands at one moment: the windows, the newest first."""

    at: datetime
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a rule stands. `fine_since`: it fires, and has been fine since then."""

    is_firing: bool = False
    since: datetime | None = None  # of firing, or of not firing
    fine_since: datetime | None = None
    has_seen: bool = False  # anything ever came: silence before that is no news


@dataclass(frozen=True, slots=True)
class Said:
    """What a look came to. `bar` is what the value was held against."""

    at: datetime
    verdict: Verdict
    value: Fraction | None
    bar: Fraction | None
    count: int
    standing: Standing
    has_fired: bool = False
    is_over: bool = False


def judge(
    terms: Terms, reading: Reading, *, has_seen: bool = True
) -> tuple[Verdict, Fraction | None]:
    """What one window says, and the bar it was held against (None where there is none to tell)."""
    figure = reading.figure
    if terms.condition is Condition.SILENT:
        wanted = Fraction(max(terms.least, 1))
        if figure.count >= wanted:
            return Verdict.FINE, wanted
        return (Verdict.BREACH if has_seen else Verdict.UNKNOWN), wanted
    bar = terms.amount if terms.condition not in CHANGES else _bar_of(terms, reading.before)
    if bar is None or figure.value is None or not (figure.count or has_seen):
        return Verdict.UNKNOWN, bar
    if not figure.is_count and figure.count < terms.least:
        return Verdict.UNKNOWN, bar
    is_high = terms.condition in (Condition.ABOVE, Condition.RISES)
    is_breach = figure.value > bar if is_high else figure.value < bar
    return (Verdict.BREACH if is_breach else Verdict.FINE), bar


def step(terms: Terms, standing: Standing, look: Look) -> Said:
    """The rule looks once more, from where it stands. Looks come in the order of time."""
    newest = look.readings[0].figure
    has_seen = standing.has_seen or any(one.figure.count > 0 for one in look.readings)
    judged = [judge(terms, one, has_seen=has_seen) for one in look.readings[: terms.windows]]
    verdict, bar = judged[0]
    breaching = sum(one is Verdict.BREACH for one, _ in judged)
    now = replace(standing, has_seen=has_seen)
    fires = over = False
    if not now.is_firing:
        if breaching >= terms.breaches:
            now, fires = replace(now, is_firing=True, since=look.at, fine_since=None), True
    elif verdict is Verdict.BREACH or breaching >= terms.breaches:
        now = replace(now, fine_since=None)
    elif verdict is Verdict.FINE:
        fine_since = now.fine_since or look.at
        if look.at - fine_since >= terms.clear_after:
            now, over = replace(now, is_firing=False, since=look.at, fine_since=None), True
        else:
            now = replace(now, fine_since=fine_since)
    if now.since is None:
        now = replace(now, since=look.at)
    return Said(look.at, verdict, newest.value, bar, newest.count, now, fires, over)


def replay(terms: Terms, looks: Iterable[Look], standing: Standing | None = None) -> Iterator[Said]:
    """What the rule would have said, look by look, from where it stands."""
    now = standing or Standing()
    for look in looks:
        said = step(terms, now, look)
        now = said.standing
        yield said


@dataclass(frozen=True, slots=True)
class Episode:
    """A time in which the rule fired; `until` None: it still does. `worst`: the farthest value."""

    since: datetime
    until: datetime | None
    worst: Fraction | None


def episodes(terms: Terms, said: Iterable[Said]) -> list[Episode]:
    """When it would have fired, the oldest first."""
    found: list[Episode] = []
    is_low = terms.condition in (Condition.BELOW, Condition.FALLS, Condition.SILENT)
    for one in said:
        if one.has_fired:
            found.append(Episode(one.at, None, one.value))
        elif found and found[-1].until is None:
            worst = _farthest(found[-1].worst, one.value, is_low=is_low)
            found[-1] = replace(found[-1], until=one.at if one.is_over else None, worst=worst)
    return found


def _farthest(one: Fraction | None, other: Fraction | None, *, is_low: bool) -> Fraction | None:
    known = [value for value in (one, other) if value is not None]
    if not known:
        return None
    return min(known) if is_low else max(known)


def _bar_of(terms: Terms, before: Sequence[Figure]) -> Fraction | None:
    """The baseline moved by the change; None where more than half of it is not known."""
    known = [
        one.value for one in before if one.value is not None and one.count >= max(terms.least, 1)
    ]
    if not before or 2 * len(known) < len(before) or not known:
        return None
    baseline = median(known)
    sign = 1 if terms.condition is Condition.RISES else -1
    if not terms.is_percent:
        return baseline + sign * terms.amount
    if baseline <= 0:
        return None  # no percent of nothing
    return baseline * (1 + sign * terms.amount)
