"""What a month will have cost, its range, and the day a budget breaks; on seeded months."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from statistics import median

import numpy as np
import pytest

from bench.spend_series import made_series
from costs.detection.settings import DAILY
from costs.engines.budget import answer
from costs.forecast.budgets import forecast
from costs.forecast.days import TooLittle
from kit.cases import BadCase

KINDS = ("clean", "growth", "monthly", "noisy", "missing")


def months(
    each: int,
) -> list[tuple[list[tuple[date, float | None]], list[tuple[date, float]], date]]:
    """(what is known, the whole month, its last day) of series, cut within their fourth month."""
    made = []
    for kind in KINDS:
        for seed in range(each):
            series, _ = made_series(kind if kind != "noisy" else "clean", DAILY, 100 + seed)
            days = [
                (series.at(place).date(), float(cost)) for place, cost in enumerate(series.cost)
                if not np.isnan(cost)
            ]  # fmt: skip
            as_of = date(2026, 4, 8 + seed % 12)
            end = date(2026, 4, monthrange(2026, 4)[1])
            whole = [one for one in days if one[0].month == 4]
            made.append(([one for one in days if one[0] <= as_of], whole, end))
    return made


def test_totals_ranges_and_days_are_right_on_seeded_months() -> None:
    errors, clear, dates, inside, counted = [], [], [], 0, 0
    for known, whole, end in months(12):
        total = sum(cost for _, cost in whole)
        for share in (0.85, 1.15):
            budget = share * total
            found = forecast(known, start=date(2026, 4, 1), end=end, budget=budget)
            clear.append((found.breaks_on is not None) == (share < 1))
            running = np.cumsum([cost for _, cost in whole])
            if share < 1 and found.breaks_on:
                truth = whole[int(np.argmax(running > budget))][0]
                dates.append(abs((found.breaks_on - truth).days))
        errors.append(abs(found.total / total - 1))
        inside += found.low <= total <= found.high
        counted += 1
    assert median(errors) <= 0.03
    assert np.mean(clear) >= 0.98
    assert np.mean(np.array(dates) <= 2) >= 0.9  # noisy months among them
    assert 0.65 <= inside / counted <= 0.95


def test_a_level_that_jumped_is_forecast_at_its_new_height() -> None:
    days = [(date(2026, 1, 5) + timedelta(days=one), 100.0 + one % 7) for one in range(70)]
    known: list[tuple[date, float | None]] = [
        (day, cost * (2.5 if place >= 55 else 1)) for place, (day, cost) in enumerate(days)
    ]
    found = forecast(known, start=date(2026, 3, 1), end=date(2026, 3, 31), budget=7000)
    rest = 16 * 257
    spent = sum(cost or 0 for day, cost in known if day >= date(2026, 3, 1))
    assert found.spent == pytest.approx(spent)
    assert found.total == pytest.approx(spent + rest, rel=0.03)


def test_what_is_dear_at_the_end_of_each_month_is_foreseen() -> None:
    first = date(2026, 2, 1)
    days = [first + timedelta(days=one) for one in range(89)]  # until 30 April
    ends = {date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)}
    cost = {day: (100.0 + day.day % 3) * (4 if day in ends else 1) for day in days}
    known: list[tuple[date, float | None]] = [
        (day, cost[day]) for day in days if day <= date(2026, 4, 12)
    ]
    total = sum(cost[day] for day in days if day.month == 4)
    found = forecast(known, start=date(2026, 4, 1), end=date(2026, 4, 30), budget=total - 150)
    assert found.total == pytest.approx(total, rel=0.02)
    assert found.breaks_on == date(2026, 4, 30)
    once = [(day, 100.0 if day == date(2026, 2, 28) else spent) for day, spent in known]
    alone = forecast(once, start=date(2026, 4, 1), end=date(2026, 4, 30))
    assert alone.total == pytest.approx(total - 300, rel=0.02), "once is no month's job"


def test_a_budget_that_broke_names_the_day_and_none_names_nothing() -> None:
    known: list[tuple[date, float | None]] = [
        (date(2026, 2, 1) + timedelta(days=one), 10.0) for one in range(40)
    ]
    broke = forecast(known, start=date(2026, 3, 1), end=date(2026, 3, 31), budget=45)
    assert (broke.breaks_on, broke.chance) == (date(2026, 3, 5), 1.0)
    alone = forecast(known, start=date(2026, 3, 1), end=date(2026, 3, 31))
    assert (alone.chance, alone.breaks_on) == (None, None)
    assert alone.total == pytest.approx(310, rel=0.01)


def test_nothing_is_forecast_of_too_few_days_and_of_nothing_spent() -> None:
    few: list[tuple[date, float | None]] = [
        (date(2026, 3, 1) + timedelta(days=one), 1.0 if one % 2 else None) for one in range(20)
    ]
    with pytest.raises(TooLittle, match="10 are known"):
        forecast(few, start=date(2026, 3, 1), end=date(2026, 3, 31), budget=1)
    zeros: list[tuple[date, float | None]] = [
        (date(2026, 3, 1) + timedelta(days=one), 0.0) for one in range(20)
    ]
    found = forecast(zeros, start=date(2026, 3, 1), end=date(2026, 3, 31), budget=1)
    assert (found.total, found.chance, found.breaks_on) == (0, 0, None)


def test_the_engine_answers_cases_and_refuses_odd_ones() -> None:
    history = [[f"2026-03-{one:02}", 10] for one in range(1, 31)] + [["2026-04-10", 500]]
    case = {
        "id": "b1", "history": history, "month": "2026-04", "month_end": "2026-04-30",
        "as_of": "2026-03-30", "budget": 285,
    }  # fmt: skip
    told = answer({"cases": [case]})["b1"]
    assert told["month_total"] == pytest.approx(300, rel=0.01)
    assert told["exceed_date"] == "2026-04-29"
    assert told["low"] <= told["month_total"] <= told["high"]
    assert told["p_exceed"] > 0.5
    assert answer([case])["b1"] == told
    assert answer({"cases": [case | {"history": history[:5]}]})["b1"]["month_total"] is None
    for wrong, why in (
        ({"history": [["2026-04-01", -1]]}, "less than nothing"),
        ({"history": [["soon", 1]]}, "YYYY-MM-DD"),
        ({"history": "none"}, "list"),
        ({"month_end": None}, "month_end"),
        ({"budget": "much"}, "budget"),
        ({"budget": -1}, "budget is less"),
        ({"budget": 10**400}, "budget must be a number"),
        ({"budget": True}, "budget must be"),
        ({"month_end": "9999-12-31"}, "400 days"),
        ({"month_end": "2026-03-31"}, "before the month"),
        ({"history": [*history, history[3]]}, "entry 32: 2026-03-04 is told twice"),
        ({"history": [["2026-03-01", True]]}, "entry 1: the cost of 2026-03-01 must be a number"),
        ({"history": [["2026-03-01\0", 1]]}, "entry 1 must hold days"),
    ):
        with pytest.raises(BadCase, match=why):
            answer({"cases": [case | wrong]})
