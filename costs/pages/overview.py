"""The overview of costs: figures, a table by dimension, days by model."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from typing import Any
from urllib.parse import quote

from django.urls import reverse

from costs.forecast.budgets import Forecast
from costs.queries.budgets import Standing
from costs.queries.months import CLASSES, Month, Spend
from kit.figures import count, money, percent
from pricing.price import usd

NANO = 10**9
MOST_ROWS = 100
MOST_MODELS = 4
MANY_TIMES = 4.0  # grown by more is told in times
NOT_SAID = "Not attributed"
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 480, 220, 44, 24, 8


@dataclass(frozen=True)
class Line:
    """One row of the table by dimension."""

    name: str
    href: str
    cost: int
    share: float
    change: float | None
    calls: int
    per_call: int | None
    spark: Sequence[float]
    classes: Sequence[tuple[str, int, str, str]]  # word, series, x and width in percent
    is_rest: bool = False

    @property
    def grown(self) -> str:
        """The change in words."""
        return grown(self.change)


def change_of(now: int, before: int) -> float | None:
    """Share by which it grew; None where there was nothing before."""
    return (now - before) / before if before else None


def grown(change: float | None) -> str:
    """`+12%`, `−6%`, `14 × as much`; '' where there is nothing to compare with."""
    if change is None:
        return ""
    if change >= MANY_TIMES:
        return f"{round(change + 1):,} × as much"
    return f"{'+' if change >= 0 else '−'}{percent(abs(change))}"


def figures_of(
    slug: str, month: Month, rows: Sequence[Spend], expected: Forecast | None,
    budget: Standing | None,
) -> list[dict[str, Any]]:  # fmt: skip
    """The six figures of the strip; what is not known says so."""
    spent = sum(row.cost + row.evaluators for row in rows)
    cost, before = sum(row.cost for row in rows), sum(row.before for row in rows)
    calls, unpriced = sum(row.calls for row in rows), sum(row.unpriced for row in rows)
    tokens = {word: sum(row.tokens.get(word, 0) for row in rows) for word in CLASSES}
    put_in = sum(amount for word, amount in tokens.items() if word != "Output")
    prices = reverse("pricing:prices", args=[slug])
    return [
        {
            "label": f"Spent in {month.start:%B}", "value": money(spent),
            "note": _changed(change_of(cost, before), month),
            "href": _traces(slug, month),
        },
        _forecast_figure(month, expected, budget),
        _budget_figure(slug, month, budget),
        {
            "label": "Per 1,000 requests",
            "value": money(cost * 1000 // calls) if calls else "–",
            "note": _requests(calls),
        },
        {
            "label": "Read from cache",
            "value": percent(tokens["Cache read"] / put_in) if put_in else "–",
            "note": "of the tokens that went in",
        },
        {
            "label": "Without a price", "value": percent(unpriced / calls) if calls else "–",
            "note": _requests(unpriced), "href": prices,
            "tone": "warn" if unpriced else "muted",
        },
    ]  # fmt: skip


def _requests(number: int) -> str:
    return f"{count(number)} request{'' if number == 1 else 's'}"


def _changed(change: float | None, month: Month) -> str:
    if change is None:
        return "nothing to compare with"
    return f"{grown(change)} against {month.before.days} days of {month.before.start:%B}"


def _forecast_figure(
    month: Month, expected: Forecast | None, budget: Standing | None
) -> dict[str, Any]:
    label = f"Expected on {month.end - timedelta(days=1):%-d %B}"
    if not month.is_running:
        return {"label": label, "value": "–", "note": "the month is over"}
    if expected is None:
        return {"label": label, "value": "–", "note": "14 days of spend are needed"}
    low, high = (money(round(one * NANO)) for one in (expected.low, expected.high))
    figure = {
        "label": label,
        "value": money(round(expected.total * NANO)),
        "note": f"{low} to {high}",
    }
    if budget is not None and expected.total * NANO > budget.budget.limit:
        over = round(expected.total * NANO) - budget.budget.limit
        figure |= {"note": f"{money(over)} over budget, {low} to {high}", "tone": "bad"}
    return figure


def _budget_figure(slug: str, month: Month, budget: Standing | None) -> dict[str, Any]:
    if budget is None or not month.is_running:
        return {
            "label": "Budget used", "value": "–", "note": "no budget of the month",
            "href": reverse("costs:budgets", args=[slug]),
        }  # fmt: skip
    gone = percent(month.days / (month.end - month.start).days)
    breaks = budget.budget.breaks_on
    note = f"{gone} of the month gone" + (f", runs out {breaks:%-d %b}" if breaks else "")
    return {
        "label": "Budget used", "value": percent(budget.share), "note": note,
        "tone": "bad" if budget.share >= 1 else "muted",
        "href": reverse("costs:budget", args=[slug, budget.budget.pk]),
    }  # fmt: skip


def lines_of(slug: str, month: Month, rows: Sequence[Spend], dimension: str) -> list[Line]:
    """The table: the dearest first, evaluators apart, what is not attributed last."""
    total = sum(row.cost + row.evaluators for row in rows) or 1
    said = [row for row in rows if row.key[0]]
    lines = [_line(slug, month, row, dimension, total) for row in said[:MOST_ROWS]]
    evaluators = sum(row.evaluators for row in rows)
    if evaluators and dimension == "feature":
        lines.append(
            Line("Evals and judges", "", evaluators, evaluators / total, None, 0, None, (), ())
        )
    for row in rows:
        if not row.key[0] and (row.cost or row.calls):
            lines.append(_line(slug, month, row, dimension, total, is_rest=True))
    return lines


def _line(
    slug: str, month: Month, row: Spend, dimension: str, total: int, *, is_rest: bool = False
) -> Line:
    days = [month.start + timedelta(days=one) for one in range(month.days)]
    name = (
        NOT_SAID if is_rest else (f"{row.key[0]} v{row.key[1]}" if len(row.key) > 1 else row.key[0])
    )
    if is_rest and dimension == "prompt":
        name = "Without a prompt"
    return Line(
        name=name,
        href=_evidence(slug, month, row, dimension, is_rest),
        cost=row.cost,
        share=row.cost / total,
        change=change_of(row.cost, row.before),
        calls=row.calls,
        per_call=row.per_call,
        spark=[row.by_day.get(day, 0) / NANO for day in days],
        classes=_classes(row),
        is_rest=is_rest,
    )


def _traces(slug: str, month: Month) -> str:
    """The traces of the month."""
    between = quote(f"{month.start}T00:00Z..{month.until}T00:00Z")
    return f"{reverse('traces:trace_list', args=[slug])}?t={between}"


def _evidence(slug: str, month: Month, row: Spend, dimension: str, is_rest: bool) -> str:
    """Where the traces stand, or how what is not attributed gets a name."""
    if is_rest and dimension == "feature":
        return reverse("features:rules", args=[slug])
    if is_rest:
        return ""
    text = str(row.key[0]).replace('"', "")
    field = {"feature": "feature", "model": "model", "prompt": "prompt"}[dimension]
    asked = quote(f'{field}:"{text}"')
    return f"{_traces(slug, month)}&q={asked}"


def _classes(row: Spend) -> list[tuple[str, int, str, str]]:
    total = sum(row.tokens.values())
    found, x = [], 0.0
    for series, word in enumerate(CLASSES, 1):
        width = 100 * row.tokens.get(word, 0) / total if total else 0
        if width:
            found.append((word, series, f"{x:.2f}%", f"{width:.2f}%"))
        x += width
    return found


@dataclass(frozen=True)
class Stack:
    """Days as bars of models: (x, y, height, series) each; the legend with sums."""

    bars: Sequence[tuple[float, float, float, int]]
    width: float
    legend: Sequence[tuple[int, str, int]]
    ticks: Sequence[tuple[float, str]]
    top: str
    label: str


def stack_of(month: Month, rows: Iterable[Spend]) -> Stack | None:
    """Daily spend by model; None where nothing was spent."""
    found = [row for row in rows if row.cost]
    if not found:
        return None
    shown, rest = found[:MOST_MODELS], found[MOST_MODELS:]
    series = [(row.key[0] or "unknown", row.cost, row.by_day) for row in shown]
    if rest:
        others: dict[date, int] = {}
        for row in rest:
            for day, amount in row.by_day.items():
                others[day] = others.get(day, 0) + amount
        series.append(("Other", sum(row.cost for row in rest), others))
    days = (month.end - month.start).days
    totals = [
        sum(by_day.get(month.start + timedelta(days=one), 0) for _, _, by_day in series)
        for one in range(days)
    ]
    top = max(totals) or 1
    step = (WIDTH - LEFT) / days
    bars = []
    for place in range(month.days):
        y = float(HEIGHT - BOTTOM)
        for number, (_, _, by_day) in enumerate(series, 1):
            amount = by_day.get(month.start + timedelta(days=place), 0)
            height = amount / top * (HEIGHT - BOTTOM - TOP)
            if height > 0:
                y -= height
                bars.append(
                    (round(LEFT + place * step + 1, 1), round(y, 1), round(height, 1), number)
                )
    return Stack(
        bars=bars,
        width=round(step - 2, 1),
        legend=[(number, name, cost) for number, (name, cost, _) in enumerate(series, 1)],
        ticks=[(round(LEFT + (one + 0.5) * step, 1), str(one + 1)) for one in range(0, days, 5)],
        top=money(top),
        label="Spend of each day by model: "
        + ", ".join(f"{name} {money(cost)}" for name, cost, _ in series),
    )


def as_csv(rows: Sequence[Spend], dimension: str) -> str:
    """The table with exact amounts, as a spreadsheet reads it; cells never begin a formula."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [dimension, "cost_usd", "evaluators_usd", "before_usd", "requests", "unpriced", *CLASSES]
    )
    for row in rows:
        name = " v".join(part for part in row.key if part)
        name = f"'{name}" if name[:1] in "=+-@\t\r" and name else name
        amounts = [usd(amount) for amount in (row.cost, row.evaluators, row.before)]
        tokens = [row.tokens.get(word, 0) for word in CLASSES]
        writer.writerow([name, *amounts, row.calls, row.unpriced, *tokens])
    return out.getvalue()
