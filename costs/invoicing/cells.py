"""Cells read exactly: amounts of money, counts, days. Nothing is guessed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache

from costs.invoicing.faults import BadFile, quoted

EXACT = Context(prec=120)
MOST_DIGITS = 60
MOST_COUNT = 10**15
MOST_DOLLARS = Decimal(10**9)
FIRST, LAST = date(2015, 1, 1), date(2100, 1, 1)
DAY = timedelta(days=1)
_PLAIN = re.compile(r"\d+(\.\d*)?([eE][+-]?\d{1,2})?|\.\d+([eE][+-]?\d{1,2})?")
_GROUPED = re.compile(r"\d{1,3}(?P<sep>[,.'’ \u00a0\u202f_])\d{3}(?:(?P=sep)\d{3})*")
_GROUPED_POINT = re.compile(r"\d{1,3}(,\d{3})+\.\d*")
_GROUPED_COMMA = re.compile(r"\d{1,3}([.'’ \u00a0\u202f]\d{3})+,\d+")
_OTHER_MONEY = {"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB"}
_CODE = re.compile(r"(?:^([A-Za-z]{3})\s*(?=[-−(\d.$]))|(?:(?<=[\d.)])\s*([A-Za-z]{3})$)")
AN_AMOUNT = "dollars as 1234.56"
A_COUNT = "a whole number, 0 or more"
A_DAY = "a day as 2026-09-30, a time as 2026-09-30T14:00:00Z or seconds since 1970"


def amount(text: str, *, comma: bool, line: int, column: str) -> tuple[Decimal, str]:
    """Dollars, and the currency that the cell itself names ('' where none). Raises: BadFile.

    `comma` says that the file separates by semicolons, where a comma is a decimal one.
    """
    given, currency = text.strip(), ""
    for sign, code in _OTHER_MONEY.items():
        if sign in given:
            return Decimal(0), code
    if found := _CODE.search(given):
        currency = (found.group(1) or found.group(2)).upper()
        given = (given[: found.start()] + given[found.end() :]).strip()
    given = given.replace("US$", "").replace("$", "").replace("−", "-").strip()
    is_minus = given.startswith("-") or (given.startswith("(") and given.endswith(")"))
    given = given.strip("()").lstrip("+-").strip()
    plain = _plain(given, comma=comma)
    if plain is None or len(plain) > MOST_DIGITS:
        what = f"{quoted(text)} is no amount"
        if plain is None and _GROUPED.fullmatch(given):
            what = f"{quoted(text)} can be read in two ways"
        raise BadFile(what, line=line, column=column, expected=AN_AMOUNT)
    try:
        value = EXACT.create_decimal(plain)
    except InvalidOperation:
        raise BadFile(
            f"{quoted(text)} is no amount", line=line, column=column, expected=AN_AMOUNT
        ) from None
    if value > MOST_DOLLARS:
        raise BadFile(f"{quoted(text)} is too much", line=line, column=column, expected=AN_AMOUNT)
    return (-value if is_minus else value), currency


def _plain(given: str, *, comma: bool) -> str | None:
    """The same with a decimal point and no groups; None where it is none, or may be two."""
    if _GROUPED_POINT.fullmatch(given):
        return given.replace(",", "")
    if _GROUPED_COMMA.fullmatch(given):
        return re.sub(r"[.'’ \u00a0\u202f]", "", given).replace(",", ".")
    if grouped := _GROUPED.fullmatch(given):
        separator = grouped["sep"]
        if separator == "," and comma:
            return given.replace(",", ".") if given.count(",") == 1 else given.replace(",", "")
        if separator == "." and given.count(".") == 1:
            return None if comma else given
        return given.replace(separator, "")
    if comma and re.fullmatch(r"\d*,\d+", given):
        return given.replace(",", ".")
    return given if _PLAIN.fullmatch(given) else None


def whole(text: str, *, line: int, column: str) -> int:
    """A count, with or without groups of thousands. Raises: BadFile."""
    if text.isascii() and text.isdecimal() and len(text) <= 15:
        return int(text)
    given = text.strip()
    if _GROUPED.fullmatch(given):
        given = re.sub(r"\D", "", given)
    plain = given.replace(",", "") if _GROUPED_POINT.fullmatch(given) else given
    is_number = _PLAIN.fullmatch(plain) and len(plain) <= MOST_DIGITS
    value = EXACT.create_decimal(plain) if is_number else None
    if value is None or value != value.to_integral_value() or value > MOST_COUNT:
        raise BadFile(f"{quoted(text)} is no count", line=line, column=column, expected=A_COUNT)
    return int(value)


_ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T]+0?0:00(?::00)?)?")
_NAMED = ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%d-%b-%Y")


@lru_cache(10_000)  # most rows of a file repeat them
def moment(text: str) -> datetime | tuple[int, int, int] | None:
    """The instant that a cell names, in UTC; (first, second, year) where the order is not known.

    None where it is none. What names no zone is UTC, as the providers' days are.
    """
    given = text.strip()
    try:
        if re.fullmatch(r"\d{9,10}(\.0+)?", given):
            return datetime.fromtimestamp(int(given.partition(".")[0]), UTC)
        if re.fullmatch(r"\d{12,13}", given):
            return datetime.fromtimestamp(int(given) // 1000, UTC)
        if re.fullmatch(r"20\d{6}", given):
            return datetime.strptime(given, "%Y%m%d").replace(tzinfo=UTC)
        if found := _ISO.fullmatch(given):
            year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
            at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            return at - _offset(found.group(7))
        if found := _SLASHED.fullmatch(given):
            first, second, year = (int(part) for part in found.groups())
            return (first, second, year)
        for form in _NAMED:
            try:
                return datetime.strptime(given, form).replace(tzinfo=UTC)
            except ValueError:
                continue
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _offset(zone: str | None) -> timedelta:
    if not zone or zone[0] not in "+-":
        return timedelta()
    digits = zone[1:].replace(":", "")
    length = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -length if zone[0] == "-" else length
