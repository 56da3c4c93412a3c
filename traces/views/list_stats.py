"""The statistics of one column of the list, each value a filter."""

from __future__ import annotations

from typing import Any

from kit.figures import duration, money, percent
from traces.queries.column_stats import Numbers, column_stats
from traces.values.columns import Column, column_named
from traces.values.score_values import number_text
from traces.views.listing import Listing


def stats_context(listing: Listing) -> dict[str, Any]:
    """How the column's numbers are spread, or its ten most frequent values."""
    column = column_named(listing.request.GET.get("col", "")[:300])
    if column is None or not column.has_stats:
        return {"column": None}
    found = column_stats(listing.project.pk, listing.criteria, column)
    context: dict[str, Any] = {
        "column": column,
        "stats": found,
        "empty": percent(found.empty_share),
        "values": [
            {
                "text": text,
                "count": count,
                "share": percent(count / found.looked_at),
                "width": f"{count / found.top[0][1] * 100:.0f}%",
                "href": _href(listing, column, text),
            }
            for text, count in found.top
        ],
    }
    if found.numbers is not None:
        context |= _numbers(listing, column, found.numbers)
    return context


def _href(listing: Listing, column: Column, text: str) -> str:
    return listing.narrowed(column.field, text, key=column.attribute or column.score) or ""


def _numbers(listing: Listing, column: Column, numbers: Numbers) -> dict[str, Any]:
    most = max(numbers.bars)
    return {
        "figures": [
            (word, _amount(column, value), _above(listing, column, value))
            for word, value in (
                ("Least", numbers.low),
                ("p50", numbers.p50),
                ("p95", numbers.p95),
                ("p99", numbers.p99),
                ("Most", numbers.high),
            )
        ],
        "bars": [
            (f"{place / len(numbers.bars) * 100:.2f}%", f"{48 - 48 * n / most:.1f}", 48 * n / most)
            for place, n in enumerate(numbers.bars)
        ],
    }


def _above(listing: Listing, column: Column, value: float) -> str:
    """The traces that have at least so much."""
    texts = {
        "latency": f"{value / 1000:.3f}ms",
        "ttft": f"{value / 1000:.3f}ms",
        "cost": f"${value / 1e9:.9f}",
        "tokens": f"{value:.0f}",
        "score": f"{value:.6g}",
    }
    if column.field not in texts:
        return ""
    text = texts[column.field]
    return listing.narrowed(column.field, text, key=column.score, op=">=") or ""


def _amount(column: Column, value: float) -> str:
    if column.field in ("latency", "ttft"):
        return duration(round(value))
    return money(round(value)) if column.field == "cost" else number_text(value)
