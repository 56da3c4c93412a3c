"""`roadworthy engine budget`: what a month will have cost, and when its budget breaks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from math import isnan, nan
from typing import Any

from costs.forecast.budgets import Forecast, forecast
from costs.forecast.days import TooLittle
from kit.cases import BadCase, Figures, answer_each, listed, number


def answer(document: Any) -> dict[str, Figures]:
    """Forecasts of cases `{"id", "history": [[day, cost], …], "month", "month_end", "budget"}`.

    Days after `as_of`, where that is given, are not read. Every figure is None where too few days
    are known. The document is `{"cases": [...]}`, or the list alone.

    Raises: BadCase.
    """
    return answer_each({"cases": document} if isinstance(document, list) else document, _of_case)


def _of_case(case: Mapping[str, Any]) -> Figures:
    end = _day(case.get("month_end"), "month_end")
    start = _day(f"{case['month']}-01", "month") if "month" in case else end.replace(day=1)
    if end < start:
        raise BadCase(f"month_end {end} is before the month, which begins on {start}.")
    as_of = _day(case["as_of"], "as_of") if case.get("as_of") is not None else end
    known = [one for one in _history(case) if one[0] <= as_of]
    budget = None if case.get("budget") is None else _amount(case["budget"], "budget")
    try:
        found = forecast(known, start=start, end=end, budget=budget)
    except TooLittle:
        return dict.fromkeys(("month_total", "exceed_date", "low", "high", "p_exceed"))
    return _figures(found)


def _history(case: Mapping[str, Any]) -> list[tuple[date, float | None]]:
    read: dict[date, float | None] = {}
    for place, given in enumerate(listed(case, "history"), 1):
        where = f"history, entry {place}"
        if not isinstance(given, list | tuple) or len(given) != 2:
            raise BadCase(f"{where}: it must be a pair [day, cost].")
        day = _day(given[0], where)
        if day in read:
            raise BadCase(f"{where}: {day} is told twice.")
        read[day] = None if given[1] is None else _amount(given[1], f"{where}: the cost of {day}")
    return sorted(read.items())


def _figures(found: Forecast) -> Figures:
    return {
        "month_total": found.total,
        "exceed_date": None if found.breaks_on is None else found.breaks_on.isoformat(),
        "low": found.low,
        "high": found.high,
        "p_exceed": found.chance,
    }


def _amount(given: Any, name: str) -> float:
    try:
        amount = nan if isinstance(given, bool) else number({"": given}, "")
    except BadCase:
        amount = nan
    if isnan(amount):
        raise BadCase(f"{name} must be a number, not {str(given)[:40]!r}.")
    if amount < 0:
        raise BadCase(f"{name} is less than nothing.")
    return amount


def _day(given: Any, name: str) -> date:
    try:
        return datetime.fromisoformat(given).date()
    except (TypeError, ValueError):
        raise BadCase(f"{name} must hold days as YYYY-MM-DD, not {given!r}.") from None
