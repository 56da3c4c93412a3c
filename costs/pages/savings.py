"""Savings advice as it is shown: amounts with their ranges, evidence, traces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.urls import reverse

from costs.models import SavingsAdvice, SavingsReading
from kit.figures import count, money, percent

State = SavingsAdvice.State


@dataclass(frozen=True)
class Row:
    """A piece of advice."""

    it: SavingsAdvice
    title: str
    of: str
    range: str
    share: str
    matching: str  # the traces of that feature and model
    examples: list[tuple[str, str]]  # id, address


def row_of(slug: str, advice: SavingsAdvice, month: int | None) -> Row:
    """One piece of advice."""
    title = advice.get_kind_display()
    if advice.other:
        title = f"Use {advice.other} for easy traffic"
    parts = [advice.feature or "calls without a feature", advice.model or "an unnamed model"]
    if advice.prompt:
        parts.append(f"prompt {advice.prompt}")
    return Row(
        it=advice,
        title=title,
        of=", ".join(parts),
        range=f"{money(advice.low)} to {money(advice.high)}",
        share=percent(advice.amount / month) if month else "–",
        matching=matching_traces(slug, advice),
        examples=[
            (trace[:8], reverse("traces:trace_detail", args=[slug, trace]))
            for trace in dict.fromkeys(advice.traces)
            if isinstance(trace, str) and trace
        ],
    )


def matching_traces(slug: str, advice: SavingsAdvice) -> str:
    """The list of traces, narrowed to the feature, model and prompt of the advice."""
    named = (("feature", advice.feature), ("model", advice.model), ("prompt", advice.prompt))
    asked = " ".join(f'{field}:"{text}"' for field, text in named if text and '"' not in text)
    address = reverse("traces:trace_list", args=[slug])
    return f"{address}?q={quote(asked)}&t=7d" if asked else address


def figures_of(reading: SavingsReading, found: Iterable[SavingsAdvice]) -> list[dict[str, Any]]:
    """What all of it saves, of how much, and how much of the calls was read."""
    open_ones = [one for one in found if one.state == State.OPEN]
    sure = [one for one in open_ones if one.is_known]
    read = reading.read / reading.calls if reading.calls else None
    return [
        {
            "label": "Together, at most", "value": money(reading.together),
            "note": "a month; amounts that overlap count once",
        },
        {
            "label": "Spent in 30 days", "value": money(reading.month),
            "note": f"{percent(_share(reading))} of it could be saved",
        },
        {
            "label": "Pieces of advice", "value": count(len(open_ones)),
            "note": f"{count(len(sure))} need{'s' if len(sure) == 1 else ''} no trial first",
        },
        {
            "label": "Calls read", "value": percent(read),
            "note": f"{count(reading.read)} of {count(reading.calls)} on the last day",
        },
    ]  # fmt: skip


def _share(reading: SavingsReading) -> float | None:
    if not reading.month or reading.together is None:
        return None
    return reading.together / reading.month


def notes_of(reading: SavingsReading) -> list[str]:
    """What is to be known of what was read."""
    notes = []
    if reading.calls > reading.read:
        notes.append(
            "Not all calls were read: 24 windows of each day stand for it, and repeats that are "
            "further apart than a window were not seen."
        )
    if reading.silent:
        notes.append(
            f"{count(reading.silent)} of {count(reading.read)} calls that were read have no input "
            "kept: they count with their tokens alone."
        )
    return notes
