"""How a project stands to its limits and what was sampled away, for a figure strip."""

from __future__ import annotations

from typing import Any

from kit import figures
from traces.queries.limits import Limits, Used
from traces.queries.sampling import SampledAway


def strip(stands: Used, gone: SampledAway, late: int) -> list[dict[str, Any]]:
    """The figures of limits and sampling, for a figure strip."""
    today: dict[str, Any] = {"label": "Spans today", "value": figures.count(stands.day_spans)}
    if stands.per_day is not None:
        over = stands.over_since is not None
        today["note"] = f"{'over the ' if over else ''}quota of {figures.count(stands.per_day)}"
        today["tone"] = "warn" if over else "muted"
    refused: dict[str, Any] = {
        "label": "Over the rate",
        "value": figures.count(stands.refused),
        "note": "requests of the last hour",
    }
    if stands.refused:
        refused["tone"] = "warn"
    return [
        today,
        refused,
        {
            "label": "Sampled away",
            "value": figures.count(gone.traces),
            "note": f"traces, {figures.count(gone.spans)} spans",
        },
        {
            "label": "Their cost",
            "value": figures.money(gone.known_cost_nano),
            "note": "in all figures",
        },
        {"label": "Too late", "value": figures.count(late), "note": "scores of gone traces"},
    ]


def is_limited(limits: Limits, stands: Used, gone: SampledAway) -> bool:
    """Whether there is anything to say of limits or sampling."""
    return bool(
        limits != Limits()
        or stands.per_second is not None
        or stands.per_day is not None
        or gone.spans
    )
