"""The figure of spend by day for people who explore: bars that are hovered, hidden and zoomed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costs.pages.stack import Named
from costs.queries.days import Days
from kit.figures import money

MOST = 7  # and the others together, as the colours are
NANO = 10**9


def figure_of(days: Days, rows: Sequence[Named]) -> dict[str, Any]:
    """`{"data", "layout"}` of a figure; `meta` of a series is the number of its colour.

    Heights are dollars as floats, for drawing alone; what is written are exact amounts.
    """
    found = sorted((one for one in rows if one[1].cost > 0), key=lambda one: -one[1].cost)
    every = days.each()
    series = [
        (name, place, row.by_day) for place, (name, row, _) in enumerate(found[:MOST], start=1)
    ]
    if rest := found[MOST:]:
        others = {day: sum(row.by_day.get(day, 0) for _, row, _ in rest) for day in every}
        series.append(("Other", MOST + 1, others))
    data = [
        {
            "type": "bar",
            "name": _plain(name),
            "meta": number,
            "x": [f"{day:%Y-%m-%d}" for day in every],
            "y": [by_day.get(day, 0) / NANO for day in every],
            "customdata": [money(by_day.get(day, 0)) for day in every],
            "hovertemplate": "%{x|%-d %b}: %{customdata}<extra>%{fullData.name}</extra>",
        }
        for name, number, by_day in series
    ]
    layout = {
        "barmode": "stack", "hovermode": "closest", "height": 320, "bargap": 0.15,
        "margin": {"l": 56, "r": 8, "t": 8, "b": 32}, "showlegend": True,
        "legend": {"orientation": "h", "y": -0.15},
        "yaxis": {"tickprefix": "$", "rangemode": "tozero"}, "xaxis": {"type": "date"},
    }  # fmt: skip
    return {"data": data, "layout": layout}


def _plain(name: str) -> str:
    """A name that a drawing does not take for markup."""
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")[:80]
