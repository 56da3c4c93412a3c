"""The histogram above the rows: bars over the range, a selection in it, and its figures."""

from __future__ import annotations

from typing import Any

from kit.figures import count as count_text
from kit.figures import duration, money
from traces.pages import histogram
from traces.queries.bars import MEASURES, SCORE, Bars, bars
from traces.queries.score_bands import names_given
from traces.query import with_term
from traces.values.score_values import number_text
from traces.views.listing import Listing

_WORDS = {"count": "Count", "errors": "Errors", "p95": "p95", "cost": "Cost"}
_MOST_SCORES = 2


def histogram_context(listing: Listing) -> dict[str, Any]:
    """Bars of the list's traces, and the selection that the address names."""
    measure = _measure(listing)
    found = bars(listing.project.pk, listing.criteria, measure)
    chosen = histogram.selection(found.cut, found.bars, listing.state.get("sel", ""))
    top = histogram.scale(histogram.peak(found.bars, measure))
    context: dict[str, Any] = {
        "measure": measure,
        "measures": _measures(listing, measure),
        "found": found,
        "drawn": histogram.drawn(found.cut, found.bars, chosen, by=measure),
        "ticks": histogram.ticks(found.cut),
        "top": _amount(top, measure),
        "chosen": chosen,
        "described": _described(found, measure),
        "is_stacked": measure == "count" and found.errors > 0,
        "narrower": [
            (word, listing.href(t=text))
            for text, word in (("24h", "Last 24 hours"), ("1h", "Last hour"))
        ],
    }
    if chosen is not None:
        context |= {
            "zoom": listing.href(t=chosen.text, sel=None),
            "zoomed_errors": _errors(listing, chosen.text),
            "cleared": listing.href(sel=None),
            "differs": f"{listing.here}&piece=differs",
        }
    return context


def _errors(listing: Listing, range_text: str) -> str:
    """The failed traces of the selection."""
    query = with_term(listing.query, "status", "error")
    return listing.href(t=range_text, sel=None, q=query)


def _measure(listing: Listing) -> str:
    asked = listing.state.get("chart", "")
    is_score = asked.startswith(SCORE) and len(asked) > len(SCORE) and "\0" not in asked
    return asked if asked in MEASURES or is_score else MEASURES[0]


def _measures(listing: Listing, measure: str) -> list[dict[str, Any]]:
    names = [f"{SCORE}{name}" for name in names_given(listing.project.pk)[:_MOST_SCORES]]
    if measure not in (*MEASURES, *names):
        names.append(measure)
    return [
        {
            "word": _WORDS.get(name, name.removeprefix(SCORE)),
            "is_chosen": name == measure,
            "href": listing.href(chart=name if name != MEASURES[0] else None),
        }
        for name in (*MEASURES, *names)
    ]


def _amount(amount: float, measure: str) -> str:
    if measure == "p95":
        return duration(int(amount))
    if measure == "cost":
        return money(int(amount))
    if measure.startswith(SCORE):
        return number_text(amount)
    return count_text(int(amount)) if amount == int(amount) else number_text(amount)


def _described(found: Bars, measure: str) -> str:
    """The chart in words, for who does not see it."""
    highest = histogram.peak(found.bars, measure)
    words = (
        f"{found.traces:,} traces in {len(found.bars)} bars of "
        f"{histogram.step_words(found.cut.step)}, {found.errors:,} failed"
    )
    if measure in ("count", "errors"):
        return f"{words}; the highest bar holds {highest:,.0f}"
    return f"{words}; the highest bar is {_amount(highest, measure)}"
