"""The days of a file, the order of day and month by what the whole file says."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from costs.invoicing.cells import A_DAY, DAY, FIRST, LAST, moment
from costs.invoicing.faults import BadFile, quoted

MOST_DAYS = 800  # texts may be hours
MOST_TEXTS = 40_000


class Days:
    """Reads texts of days. `day` says which day each stands for, once all were seen."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[datetime | tuple[int, int, int], int, str]] = {}
        self._ranges: set[tuple[str, str]] = set()
        self._by_month_first: bool | None = None
        self.is_shifted = False  # days do not begin at midnight UTC

    def see(self, text: str, *, line: int, column: str) -> str:
        """The text, looked at. Raises: BadFile."""
        if text not in self._known:
            at = moment(text)
            if at is None:
                raise BadFile(f"{quoted(text)} is no day", line=line, column=column, expected=A_DAY)
            if len(self._known) >= MOST_TEXTS:
                raise BadFile("The file has too many different times. Export it by day")
            self._known[text] = (at, line, column)
        return text

    def see_range(self, since: str, until: str, *, line: int, column: str) -> None:
        """A row may not cover more than a day. Raises: BadFile."""
        if (since, until) in self._ranges:
            return
        if len(self._ranges) < MOST_TEXTS:
            self._ranges.add((since, until))
        first, last = moment(since), moment(until)
        if not isinstance(first, datetime) or not isinstance(last, datetime):
            return
        if last - first > DAY + timedelta(hours=1):  # a day of the end of summer time has 25
            raise BadFile(
                f"the row covers {(last - first).days} days", line=line, column=column,
                expected="an export by day",
            )  # fmt: skip
        if last - first >= timedelta(hours=23) and (first.hour or first.minute):
            self.is_shifted = True

    def settle(self) -> None:
        """Decide how days are written. Raises: BadFile where nothing in the file says it."""
        pairs = [(at, line, column, text) for text, (at, line, column) in self._known.items()
                 if not isinstance(at, datetime)]  # fmt: skip
        if not pairs:
            return
        is_day_first = any(at[0] > 12 for at, *_ in pairs)
        is_month_first = any(at[1] > 12 for at, *_ in pairs)
        if is_day_first == is_month_first:
            _, line, column, text = pairs[0]
            raise BadFile(
                f"{quoted(text)} may be two days", line=line, column=column,
                expected="2026-09-30, or a file that holds a day after the 12th",
            )  # fmt: skip
        self._by_month_first = is_month_first

    def day(self, text: str) -> date:
        """The UTC day that a text stands for. Raises: BadFile."""
        at, line, column = self._known[text]
        try:
            if isinstance(at, datetime):
                # Of a day that begins elsewhere, the UTC day that holds most of it.
                found = (at + timedelta(hours=12)).date() if self.is_shifted else at.date()
            else:
                month, day = at[:2] if self._by_month_first else at[1::-1]
                found = date(at[2], month, day)
        except ValueError:
            raise BadFile(
                f"{quoted(text)} is no day", line=line, column=column, expected=A_DAY
            ) from None
        if not FIRST <= found < LAST:
            raise BadFile(
                f"{quoted(text)} is not of our time", line=line, column=column, expected=A_DAY
            )
        return found
