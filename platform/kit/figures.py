"""How figures are written for people: one rule for each kind, the same on every page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

UNKNOWN = "–"
NANO = Decimal(1_000_000_000)
_LEAST_SHOWN = Decimal("0.0001")
_SECOND_US = 1_000_000
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400


def count(number: int | None) -> str:
    """`16,206`; unknown is a dash, zero is 0."""
    return UNKNOWN if number is None else f"{number:,}"


def capped(number: int | None, cap: int = 10_000) -> str:
    """`4,112`, and `10,000+` for anything above `cap`: counts are exact only up to there."""
    return f"{cap:,}+" if number is not None and number > cap else count(number)


def dollars(amount: Decimal | int) -> Decimal:
    """Dollars from a `Decimal` of dollars or an integer of nano-dollars; never a float."""
    return amount if isinstance(amount, Decimal) else Decimal(amount) / NANO


def money(amount: Decimal | int | None) -> str:
    """`$0.0381`, `$6.84`, `$18,412`: four decimals under $1, two under $1,000, none above.

    `amount` is a `Decimal` of dollars or an integer of nano-dollars. What is too small for four
    decimals is shown as such, because it is not zero.
    """
    if amount is None:
        return UNKNOWN
    value = dollars(amount)
    sign, value = ("−" if value < 0 else ""), abs(value)
    if value == 0:
        return "$0"
    if value < _LEAST_SHOWN:
        return f"{sign}<$0.0001"
    # The step is chosen after rounding, so that $0.99996 is $1.00 and not $1.0000.
    for places, limit in ((4, Decimal(1)), (2, Decimal(1000))):
        shown = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        if shown < limit:
            return f"{sign}${shown:,.{places}f}"
    return f"{sign}${value.quantize(Decimal(1), rounding=ROUND_HALF_UP):,}"


def duration(length: int | timedelta | None) -> str:
    """`84 ms`, `2.42 s`, `3 m 12 s`, `2 h 5 m`, `3 d 4 h`, from microseconds or a timedelta."""
    if length is None:
        return UNKNOWN
    us = length // timedelta(microseconds=1) if isinstance(length, timedelta) else length
    if us < 0:
        return f"−{duration(-us)}"
    if 0 < us < 500:
        return "<1 ms"
    ms = (us + 500) // 1000
    if ms < 1000:
        return f"{ms} ms"
    hundredths = (us + 5000) // 10_000
    if hundredths < _MINUTE_S * 100:
        return f"{hundredths // 100}.{hundredths % 100:02d} s"
    seconds = (us + _SECOND_US // 2) // _SECOND_US
    if seconds < _HOUR_S:
        return f"{seconds // _MINUTE_S} m {seconds % _MINUTE_S} s"
    if seconds < 2 * _DAY_S:
        return f"{seconds // _HOUR_S} h {seconds % _HOUR_S // _MINUTE_S} m"
    return f"{seconds // _DAY_S} d {seconds % _DAY_S // _HOUR_S} h"


def percent(ratio: Decimal | float | None) -> str:
    """`33.7%`, `41%`: at most one decimal, from a ratio between 0 and 1."""
    if ratio is None:
        return UNKNOWN
    shown = (Decimal(str(ratio)) * 100).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    return f"{shown:,.1f}%".replace(".0%", "%")


def size(number: int | None) -> str:
    """`312 KB`, `1.4 MB`: bytes in steps of 1,000, one decimal from a megabyte upwards."""
    if number is None:
        return UNKNOWN
    if number < 1000:
        return f"{number} B"
    kilobytes = (number + 500) // 1000
    if kilobytes < 1000:
        return f"{kilobytes} KB"
    amount, unit = Decimal(number) / 1_000_000, "MB"
    if amount >= 1000:
        amount, unit = amount / 1000, "GB"
    return f"{amount.quantize(Decimal('0.1'), rounding=ROUND_HALF_UP):,} {unit}"


def initials(name: str) -> str:
    """`MR` for Maya Ruiz, `D` for dana@example.com, `?` for nothing."""
    words = [word for word in name.split("@")[0].replace(".", " ").split() if word[0].isalnum()]
    letters = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0] for word in letters).upper() or "?"


def instant(moment: datetime) -> str:
    """`2026-11-20T14:02:11.345Z`: for machines, in UTC, to the millisecond when there is one."""
    utc = moment.astimezone(UTC)
    precision = "milliseconds" if utc.microsecond else "seconds"
    return utc.isoformat(timespec=precision).replace("+00:00", "Z")


def clock(moment: datetime) -> str:
    """`14:02:11`, in UTC."""
    return f"{moment.astimezone(UTC):%H:%M:%S}"


def day(moment: datetime) -> str:
    """`20 Nov`, in UTC."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%b}"


def full_time(moment: datetime) -> str:
    """`20 Nov 2026, 14:02:11 UTC`."""
    return f"{day(moment)} {moment.astimezone(UTC).year}, {clock(moment)} UTC"


def relative(moment: datetime, now: datetime) -> str:
    """`just now`, `12 m ago`, `3 h ago`, `in 5 m`; from a day away on, `19 Nov, 14:02 UTC`."""
    seconds = int((now - moment).total_seconds())
    distance = abs(seconds)
    if distance >= _DAY_S:
        return f"{day(moment)}, {moment.astimezone(UTC):%H:%M} UTC"
    if distance < _MINUTE_S:
        return "just now"
    unit = f"{distance // _MINUTE_S} m" if distance < _HOUR_S else f"{distance // _HOUR_S} h"
    return f"{unit} ago" if seconds > 0 else f"in {unit}"


def polyline(
    values: Sequence[float | None], width: int = 100, height: int = 24, *, base: float | None = None
) -> str:
    """Points of an SVG line through `values`, 2 px from the edges; a gap keeps the last value.

    The lower edge is the least value, or `base` where that is less.
    """
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low = min(known) if base is None else min(base, *known)
    span = max(known) - low
    step = width / max(len(values) - 1, 1)
    last = known[0]
    points = []
    for index, value in enumerate(values):
        last = last if value is None else value
        share = (last - low) / span if span else 0.5
        points.append(f"{index * step:.1f},{height - 2 - share * (height - 4):.1f}")
    return " ".join(points)
