"""The table's head: orders, what can be shown, and where each column's menu leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from traces.values.columns import COLUMNS, DEFAULT, Column, columns_text, moved, without
from traces.views.listing import Listing


@dataclass(frozen=True)
class Head:
    """A column's heading. Addresses are '' where there is nothing to do."""

    column: Column
    place: int
    sorted: str = ""  # aria-sort
    descending: str = ""
    ascending: str = ""
    hide: str = ""
    left: str = ""
    right: str = ""
    stats: str = ""


def header_context(listing: Listing) -> dict[str, Any]:
    """The headings, and what the picker of columns offers."""
    columns, order = listing.columns, listing.order
    shown = {column.key for column in columns}
    return {
        "heads": [_head(listing, place, column) for place, column in enumerate(columns)],
        "sort": order.text if not order.is_by_time else "",
        "offered": [
            *((column, True) for column in columns if column.key != "time"),
            *((column, False) for key, column in COLUMNS.items() if key not in shown),
        ],
        "is_default": columns_text(columns) == "",
        "default_columns": listing.href(cols=None),
        "fits": {column.key for column in columns} <= set(DEFAULT),
    }


def _head(listing: Listing, place: int, column: Column) -> Head:
    columns, order = listing.columns, listing.order
    at_end, is_free = place == len(columns) - 1, place > 0
    by = column.sort
    sorted_now = by != "" and by == order.name
    direction = "descending" if order.is_descending else "ascending"
    return Head(
        column,
        place,
        sorted=direction if sorted_now else "",
        descending=listing.href(sort=f"-{by}" if by != "time" else None) if by else "",
        ascending=listing.href(sort=by) if by not in ("", "time") else "",
        hide=_with(listing, without(columns, column.key))
        if is_free and column.key != "name"
        else "",
        left=_with(listing, moved(columns, column.key, -1)) if is_free and place > 1 else "",
        right=_with(listing, moved(columns, column.key, 1)) if is_free and not at_end else "",
        stats=f"{listing.here}&piece=stats&col={column.key}" if column.has_stats else "",
    )


def _with(listing: Listing, cols: str) -> str:
    return listing.href(cols=cols or None)
