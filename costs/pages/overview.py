"""The six figures of the overview of costs; what is not known says so."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse

from costs.forecast.budgets import Forecast
from costs.pages.asked import Asked
from costs.pages.changes import change_of, grown, requests
from costs.queries.budgets import Standing
from costs.queries.caching import Cached, Unpriced
from costs.queries.spending import Spend
from kit.figures import count, money, percent

NANO = 10**9


def spent_figure(asked: Asked, total: Spend) -> dict[str, Any]:
    """What was spent, evaluators with it."""
    label = "Spent this month" if asked.days.text == "month" else f"Spent in {asked.days.label}"
    return {
        "label": label,
        "value": money(total.cost + total.evaluators),
        "note": _changed(asked, change_of(total.cost, total.before)),
        "href": asked.traces(),
    }


def forecast_figure(
    last: date, expected: Forecast | None, budget: Standing | None
) -> dict[str, Any]:
    """Of the running month, on its last day."""
    label = f"Forecast for {last:%-d %B}"
    if expected is None:
        return {"label": label, "value": "–", "note": "14 days of spend are needed"}
    low, high = (money(round(one * NANO)) for one in (expected.low, expected.high))
    figure = {
        "label": label,
        "value": money(round(expected.total * NANO)),
        "note": f"{low} to {high}",
        "small": f"± {money(round((expected.high - expected.low) / 2 * NANO))}",
        "href": "#burn",
    }
    if budget is not None and expected.total * NANO > budget.budget.limit:
        over = round(expected.total * NANO) - budget.budget.limit
        figure |= {"note": f"{money(over)} over budget", "tone": "bad", "icon": "alert"}
    return figure


def budget_figure(slug: str, gone: float, budget: Standing | None) -> dict[str, Any]:
    """How much of the month's budget is used, beside how much of the month is gone."""
    if budget is None:
        return {
            "label": "Budget used", "value": "–", "note": "no budget of the month",
            "href": reverse("costs:budgets", args=[slug]),
        }  # fmt: skip
    breaks = budget.budget.breaks_on
    note = f"{percent(round(gone, 2))} of the month gone"
    return {
        "label": "Budget used",
        "value": percent(budget.share),
        "note": note + (f", runs out {breaks:%-d %b}" if breaks else ""),
        "tone": "bad" if budget.share >= 1 else "muted",
        "href": reverse("costs:budget", args=[slug, budget.budget.pk]),
        "bar": percent(min(budget.share, 1.0)),
        "mark": percent(round(gone, 3)),
    }


def each_figure(asked: Asked, total: Spend) -> dict[str, Any]:
    """What a thousand requests cost, beside before."""
    value = total.cost * 1000 // total.calls if total.calls else None
    before = total.before * 1000 // total.before_calls if total.before_calls else 0
    change = change_of(value, before) if value is not None else None
    return {
        "label": "Per 1,000 requests",
        "value": money(value),
        "note": _changed(asked, change) if change is not None else requests(total.calls),
        "href": asked.spend(sort="each"),
    }


def cache_figure(asked: Asked, total: Spend, cached: Cached) -> dict[str, Any]:
    """What the provider's prompt cache saved in money, with the share of input read from it."""
    now, before = hit_rate(total.tokens), hit_rate(total.before_tokens)
    note, tone = "no input tokens", "muted"
    if now is not None:
        note = f"hit rate {percent(round(now, 2))}"
        if before is not None and round(before, 2) != round(now, 2):
            note += f", was {percent(round(before, 2))}"
            tone = "warn" if now < before else "muted"
    unknown = ""
    if cached.unknown:
        note = f"{note}, partly unpriced" if cached.is_known else "what was cached has no price"
        tone = "warn"
        unknown = f" {count(cached.unknown)} cached tokens have no price."
    saved = cached.saved if cached.is_known else None
    return {
        "label": "Saved by cache", "value": money(saved), "note": note, "tone": tone,
        "title": "By the provider's prompt cache, writing into it taken off. "
        f"What a gateway's own cache answers is not known here.{unknown}",
        "href": asked.spend(by="model"),
    }  # fmt: skip


def unpriced_figure(asked: Asked, unpriced: Unpriced) -> dict[str, Any]:
    """The share of tokens that no price is known for."""
    prices = reverse("pricing:prices", args=[asked.slug])
    models = f"{unpriced.models} model{'s need' if unpriced.models != 1 else ' needs'} prices"
    if unpriced.share is None and not unpriced.calls:
        return {"label": "Tokens without a price", "value": "–", "note": "no call said"}
    rest = (
        f"all but {requests(unpriced.calls)} have one" if unpriced.calls else "every call has one"
    )
    return {
        "label": "Tokens without a price",
        "value": percent(unpriced.share),
        "note": models if unpriced.models else rest,
        "note_href": prices if unpriced.models else "",
        "href": prices,
        "tone": "warn" if unpriced.models else "muted",
    }


def hit_rate(tokens: dict[str, int]) -> float | None:
    """The share of input read from the cache; None of no input."""
    put_in = sum(amount for word, amount in tokens.items() if word != "Output")
    return tokens.get("Cache read", 0) / put_in if put_in else None


def strip_of(total: Spend, whole: Spend, asked: Asked) -> list[dict[str, Any]]:
    """The figures of the page of spend: of what it is narrowed to, and its share of all."""
    figures = [spent_figure(asked, total)]
    if asked.narrowed:
        spent = whole.cost + whole.evaluators
        share = (total.cost + total.evaluators) / spent if spent else None
        figures.append(
            {
                "label": "Of the project",
                "value": percent(share),
                "note": money(spent),
                "href": asked.spend(**dict.fromkeys(asked.narrowed)),
            }
        )
    figures.append(
        {
            "label": "Requests",
            "value": count(total.calls),
            "href": asked.traces(),
            "note": _changed(asked, change_of(total.calls, total.before_calls)),
        }
    )
    figures.append(each_figure(asked, total))
    rate = hit_rate(total.tokens)
    figures.append(
        {
            "label": "Read from cache",
            "value": percent(rate),
            "href": asked.spend(by="model"),
            "note": "of the tokens that went in",
        }
    )
    return figures


def _changed(asked: Asked, change: float | None) -> str:
    if change is None:
        return "nothing to compare with"
    return f"{grown(change)} vs {asked.days.before_label}"
