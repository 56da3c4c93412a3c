"""The query as chips: each can be removed, and turned round."""

from __future__ import annotations

from typing import Any

from traces.query import chips
from traces.query.edit import Chip
from traces.views.listing import Listing

_WORDS = {
    ":": "is", "=": "is", "!=": "is not", ">": "above", ">=": "at least", "<": "below",
    "<=": "at most",
}  # fmt: skip


def chips_context(listing: Listing) -> dict[str, Any]:
    """`chips`: the conditions in words, with the address without each and with its opposite."""
    return {"chips": [_words(listing, chip) for chip in chips(listing.query)]}


def _words(listing: Listing, chip: Chip) -> dict[str, Any]:
    relation = _WORDS.get(chip.op, chip.op)
    if not chip.field:
        relation = "not" if chip.is_negative else ""
    elif chip.field == "has":
        relation = "is unknown" if chip.is_negative else "is known"
    elif chip.is_negative and chip.op != "!=":
        relation = "is not" if relation == "is" else f"not {relation}"
    word, value = chip.field, chip.value
    if chip.field == "has":
        word, value = chip.value, ""
    elif not chip.field:
        word, value = "", chip.text.removeprefix("-").removeprefix("NOT ")
    return {
        "word": word,
        "relation": relation,
        "value": value,
        "is_negative": chip.is_negative,
        "text": " ".join(filter(None, [word, relation, value])),
        "href": listing.href(q=chip.without),
        "flip": listing.href(q=chip.negated),
    }
