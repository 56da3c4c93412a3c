"""What is asked of the page of quality: days, filters, the day to compare with."""

from __future__ import annotations

from datetime import date

from django.http import QueryDict

from evals.values.live import Asked
from kit.requests import whole_number

RANGES = (14, 30, 60, 90, 365)
LONGEST = 400


def asked_of(given: QueryDict) -> Asked:
    """What an address asks; whatever makes no sense there is as if it were not there."""
    days = whole_number(given.get("days", ""), digits=4)
    words = {name: _word(given.get(name, "")) for name in ("feature", "prompt", "model")}
    return Asked(
        days if days in RANGES else 30, **words, launch=day_of_text(given.get("launch", ""))
    )


def day_of_text(text: str) -> date | None:
    """`2026-11-12`; None of anything else, and of years that no calendar of ours has."""
    if len(text) != 10:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2200 else None


def _word(text: str) -> str:
    text = text.strip()
    return text if text.isprintable() and len(text) <= LONGEST else ""
