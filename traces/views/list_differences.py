"""What is different in the selection: attributes ranked by how its traces differ from the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kit.figures import percent
from traces.pages import histogram
from traces.queries.differences import MOST_TRACES, sides
from traces.values.differing import RATE, Difference, compared
from traces.values.ranges import BadRange, parse_range
from traces.views.listing import Listing

MOST_CHIPS = 5
MOST_ROWS = 200


@dataclass(frozen=True)
class Line:
    """One attribute with its shares, and the list narrowed to it in the selection."""

    name: str
    value: str
    share: str
    rest: str
    inside: int
    inside_of: int
    is_more: bool
    effect: str
    adjusted: str
    href: str
    is_found: bool


def differences_context(listing: Listing) -> dict[str, Any]:
    """The selection against the rest of the list's range."""
    text = listing.state.get("sel", "")
    try:
        chosen = parse_range(text) if ".." in text else None
    except BadRange:
        chosen = None
    if chosen is None or chosen.until is None:
        return {"problem": "Select a part of the histogram first."}
    found = sides(listing.project.pk, listing.criteria, chosen.since, chosen.until)
    if found.is_too_wide:
        return {"problem": "This range is too wide to compare in 4 s. Choose a shorter one."}
    if not found.inside or not found.rest:
        which = "selection" if not found.inside else "rest"
        return {"problem": f"There is no trace in the {which} to compare."}
    ranked = [one for one in compared(found.values) if one.effect]
    range_text = histogram.between(chosen.since, chosen.until)
    lines = [_line(listing, one, range_text) for one in ranked[:MOST_ROWS]]
    clear = [line for line in lines if line.is_found]
    return {
        "found": found,
        "lines": lines,
        "chips": [line for line in clear if line.is_more][:MOST_CHIPS] or clear[:MOST_CHIPS],
        "compared": len(ranked),
        "most": MOST_TRACES,
    }


def _line(listing: Listing, one: Difference, range_text: str) -> Line:
    counted = one.counted
    query = listing.narrowed(counted.field, counted.value, key=counted.key)
    name = f"{counted.field}.{counted.key}" if counted.field == "attr" else counted.field
    return Line(
        name=name,
        value=counted.value,
        share=percent(one.share),
        rest=percent(one.rest),
        inside=counted.inside,
        inside_of=counted.inside_of,
        is_more=one.effect > 0,
        effect=f"{one.effect:+.2f}".replace("-", "−"),
        adjusted="< 0.001" if one.adjusted < 0.001 else f"{one.adjusted:.3f}",
        href=query or "",
        is_found=one.adjusted <= RATE,
    )
