"""`roadworthy engine budget`: what a month will have cost, and when its budget breaks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
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
    as_of = _day(case["as_of"], "as_of") if case.get("as_of") is not None else end
    history = [_entry(one) for one in listed(case, "history")]
    known = [one for one in history if one[0] <= as_of]
    budget = None if case.get("budget") is None else number(case, "budget")
    try:
        found = forecast(known, start=start, end=end, budget=budget)
    except TooLittle:
        return dict.fromkeys(("month_total", "exceed_date", "low", "high", "p_exceed"))
    return _figures(found)


def _figures(found: Forecast) -> Figures:
    return {
        "month_total": found.total,
        "exceed_date": None if found.breaks_on is None else found.breaks_on.isoformat(),
        "low": found.low,
        "high": found.high,
        "p_exceed": found.chance,
    }


def _entry(given: Any) -> tuple[date, float | None]:
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise BadCase("history must hold pairs [day, cost].")
    day, cost = _day(given[0], "history"), given[1]
    if cost is None:
        return day, None
    amount = number({"cost": cost}, "cost")
    if amount < 0:
        raise BadCase(f"The cost of {day} is less than nothing.")
    return day, amount


def _day(given: Any, name: str) -> date:
    try:
        return date.fromisoformat(str(given)[:10])
    except ValueError:
        raise BadCase(f"{name} must hold days as YYYY-MM-DD, not {given!r}.") from None
