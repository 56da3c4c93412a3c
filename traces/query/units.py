"""Numbers with units, as people write them, in the smallest unit of their column."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from traces.query.fields import Type
from traces.query.nodes import Number

MOST = 2**62
_NUMBER = r"(-?\d{1,15}(?:\.\d{1,9})?|-?\.\d{1,9})"
_TIME = re.compile(_NUMBER + r"(ms|s|m|h)?")
_MONEY = re.compile(r"\$?" + _NUMBER + r"|" + _NUMBER + r"\$")
_COUNT = re.compile(_NUMBER + r"([kKM])?")
_PLAIN = re.compile(_NUMBER + r"(%|[kKM])?")
_MICROSECONDS = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000}
_TIMES = {"k": 1_000, "K": 1_000, "M": 1_000_000}

# What to write, for the sentence of an error.
EXPECTED = {
    Type.TIME: "a time such as 800ms, 2s, 3m or 1h",
    Type.MONEY: "an amount such as $0.05",
    Type.COUNT: "a number such as 500, 20k or 1.5M",
    Type.SCORE: "a number such as 0.8 or 80%",
    Type.ANY: "a number such as 500 or 20k",
}


def read(type_of: Type, text: str, unit: str = "") -> Number | None:
    """The number that `text` says, or None. A bare one takes `unit`; times are else in seconds."""
    found = _READERS[type_of](text, unit)
    if isinstance(found, int):
        return found if abs(found) <= MOST else None
    return found


def unit_of(type_of: Type, text: str) -> str:
    """The unit that a bare number beside this one takes: 1..3s, 50..80%; but 500..2k is no 500k."""
    match = (_TIME if type_of is Type.TIME else _PLAIN).fullmatch(text)
    unit = (match[2] or "") if match else ""
    return "" if unit in _TIMES else unit


def _time(text: str, unit: str) -> int | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    return int(Decimal(match[1]) * _MICROSECONDS[match[2] or unit or "s"])


def _money(text: str, unit: str) -> int | None:
    match = _MONEY.fullmatch(text)
    return None if match is None else int(Decimal(match[1] or match[2]) * 10**9)


def _count(text: str, unit: str) -> int | None:
    match = _COUNT.fullmatch(text)
    if match is None:
        return None
    amount = Decimal(match[1]) * _TIMES.get(match[2] or "", 1)
    return int(amount) if amount == int(amount) else None


def _plain(text: str, unit: str) -> float | None:
    match = _PLAIN.fullmatch(text)
    if match is None:
        return None
    sign = match[2] or unit
    amount = Decimal(match[1])
    return float(amount / 100 if sign == "%" else amount * _TIMES.get(sign, 1))


_READERS: dict[Type, Callable[[str, str], Number | None]] = {
    Type.TIME: _time,
    Type.MONEY: _money,
    Type.COUNT: _count,
    Type.SCORE: _plain,
    Type.ANY: _plain,
}
