"""The rows of the list: one page of them, with what their columns show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kit.paging import BadCursor
from traces.queries import figures, row_values
from traces.queries.lists import TracePage, cursor_of, list_traces
from traces.queries.scores import scores_of_page
from traces.queries.summaries import TraceSummary
from traces.values.score_values import value_text
from traces.views.feedback import scores_context
from traces.views.list_columns import header_context
from traces.views.listing import Listing

PAGES_BY_SCROLLING = 5  # after that older rows come on demand
_NARROWER = (("1h", "Last hour"), ("24h", "Last 24 hours"), ("7d", "Last 7 days"))


def rows_context(listing: Listing) -> dict[str, Any]:
    """One page of rows and where it leads."""
    given = listing.request.GET
    project_id = listing.project.pk
    after = given.get("after", "")
    depth = _number(given.get("page", "1"))
    page = _page(listing, after)
    is_first = not after
    context: dict[str, Any] = {
        "page": page,
        "too_wide": page.is_too_wide and not page.rows,
        "narrower": _narrower(listing),
        "loads_by_scrolling": depth < PAGES_BY_SCROLLING,
        "is_continued": not is_first,
        **cells_context(listing, page.rows),
        **header_context(listing),
    }
    if page.next_cursor:
        context["older"] = listing.href(after=page.next_cursor, page=str(depth + 1))
    if page.rows and is_first and listing.order.is_by_time:
        context["newest"] = cursor_of(page.rows[0])
    if not page.rows and is_first:
        text = listing.range.text
        context["has_traces"] = figures.has_traces(project_id)
        context["wider"] = listing.href(t="7d" if text != "7d" else "400d")
        context["wider_words"] = "7 days" if text != "7d" else "everything kept"
    return context


def cells_context(listing: Listing, rows: Sequence[TraceSummary]) -> dict[str, Any]:
    """What the cells of these rows need; statements only for the columns that are shown."""
    project_id, columns = listing.project.pk, listing.columns
    keys = {column.key for column in columns}
    traces = list(rows)
    cells: dict[str, dict[str, Any]] = {trace.trace_id: {} for trace in traces}
    if names := [column.score for column in columns if column.score]:
        for trace_id, scores in scores_of_page(project_id, list(cells)).items():
            for score in scores:
                if score.name in names:
                    cells[trace_id][f"score.{score.name}"] = value_text(score)
    if wanted := [column.attribute for column in columns if column.attribute]:
        found = row_values.attributes(project_id, traces, wanted)
        for trace_id, values in found.values.items():
            cells[trace_id] |= {f"attr.{key}": value for key, value in values.items()}
    context: dict[str, Any] = {
        "columns": columns,
        "cells": cells,
        "full_bar_us": _full_bar([trace.duration_us for trace in traces]),
        "slow_us": _slow(traces),
        "list_query": listing.list_query,
        "row_scores": {},
    }
    if "scores" in keys:
        context |= scores_context(project_id, traces)
    if "ttft" in keys:
        context["first_tokens"] = row_values.first_tokens(project_id, traces)
    if "feedback" in keys:
        context["thumbs"] = row_values.thumbs(project_id, traces)
    return context


def _page(listing: Listing, after: str) -> TracePage:
    project_id, criteria, order = listing.project.pk, listing.criteria, listing.order
    try:
        return list_traces(project_id, criteria, after=after, order=order)
    except BadCursor:
        return list_traces(project_id, criteria, order=order)


def _narrower(listing: Listing) -> list[tuple[str, str]]:
    """Two shorter ranges that answer."""
    chosen = listing.range
    length = (chosen.until or chosen.since) - chosen.since
    fitting = [
        (word, listing.href(t=text))
        for text, word in _NARROWER
        if text != chosen.text and (not length or length.days or text == "1h")
    ]
    return fitting[:2]


def _full_bar(durations: list[int]) -> int:
    """What a whole bar stands for: nine of ten rows are shorter, so that one giant dwarfs none."""
    return sorted(durations)[len(durations) * 9 // 10] if durations else 0


def _slow(traces: list[TraceSummary]) -> int:
    """From here on a row is much slower than the page's: twice the ninth decile of its rows."""
    return 2 * _full_bar([trace.duration_us for trace in traces])


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 1
