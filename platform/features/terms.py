"""What a target says, and whether it can be meant: pure, before anything is stored."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from features.models import BarDirection, BlastRadius, SensitiveData, Target

MOST_SLICES = 50
MOST_SAMPLE = 1_000_000
MOST_USD = Decimal(1_000_000_000)
LONGEST_TEXT = 10_000
_LONGEST = {
    "metric": 200,
    "business_metric": 200,
    "business_note": LONGEST_TEXT,
    "blast_note": 500,
    "regulatory_regime": 500,
    "reason": LONGEST_TEXT,
}
_MOST_MS = 86_400_000


@dataclass(frozen=True)
class Terms:
    """The content of a target, as the model's columns say it. None is not said."""

    metric: str
    bar: float
    bar_direction: str = BarDirection.AT_LEAST
    margin: float = 0.03
    smallest_sample: int = 0
    slices: Sequence[str] = ()
    business_metric: str = ""
    business_note: str = ""
    tolerated_failure_ratio: float | None = None
    bad_output_usd: Decimal | None = None
    blast_radius: Sequence[str] = ()
    blast_note: str = ""
    regulatory_regime: str = ""
    sensitive_data: Sequence[str] = ()
    p95_latency_ms: int | None = None
    first_token_ms: int | None = None
    availability_ratio: float | None = None
    reason: str = ""


NAMES = tuple(field.name for field in fields(Terms))


def terms_of(target: Target) -> Terms:
    """What `target` says."""
    return Terms(**{name: getattr(target, name) for name in NAMES})


def checked(terms: Terms) -> tuple[Terms, dict[str, str]]:
    """The terms as they are stored, and what is wrong by field; empty where they can be meant."""
    faults: dict[str, str] = {}
    clean: dict[str, Any] = {}
    for name, most in _LONGEST.items():
        value = _plain(getattr(terms, name))
        if len(value) > most:
            faults[name] = f"At most {most:,} characters."
        clean[name] = value
    if not clean["metric"]:
        faults["metric"] = "A target needs the name of a score."
    if not math.isfinite(terms.bar):
        faults["bar"] = "The bar is a number."
    if terms.bar_direction not in BarDirection.values:
        faults["bar_direction"] = f"One of {', '.join(BarDirection.values)}."
    if not math.isfinite(terms.margin) or terms.margin < 0:
        faults["margin"] = "The margin is a number, 0 or more."
    if not 0 <= terms.smallest_sample <= MOST_SAMPLE:
        faults["smallest_sample"] = f"Between 0 and {MOST_SAMPLE:,}."
    clean["slices"], fault = _slices(terms.slices)
    if fault:
        faults["slices"] = fault
    for name in ("tolerated_failure_ratio", "availability_ratio"):
        ratio = getattr(terms, name)
        if ratio is not None and not 0 <= ratio <= 1:  # NaN is neither
            faults[name] = "Between 0 and 100 %."
    usd = terms.bad_output_usd
    if usd is not None and (not usd.is_finite() or not 0 <= usd <= MOST_USD):
        faults["bad_output_usd"] = "An amount in USD, 0 or more."
    elif usd is not None:
        clean["bad_output_usd"] = usd.quantize(Decimal("1e-9"))
    for name, choices in (("blast_radius", BlastRadius), ("sensitive_data", SensitiveData)):
        clean[name] = [word for word in choices.values if word in getattr(terms, name)]
        if unknown := [word for word in getattr(terms, name) if word not in choices.values]:
            faults[name] = f"{unknown[0]!r} is none of {', '.join(choices.values)}."
    for name in ("p95_latency_ms", "first_token_ms"):
        value = getattr(terms, name)
        if value is not None and not 1 <= value <= _MOST_MS:
            faults[name] = f"Between 1 and {_MOST_MS:,} ms."
    return replace(terms, **clean), faults


def _plain(text: str) -> str:
    """Text as PostgreSQL takes it: no NUL, no half of a character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode().strip()


def _slices(given: Sequence[str]) -> tuple[list[str], str]:
    names = list(dict.fromkeys(name for one in given if (name := _plain(one))))
    if len(names) > MOST_SLICES:
        return names, f"At most {MOST_SLICES} slices."
    if any(len(name) > 100 for name in names):
        return names, "A slice's name has at most 100 characters."
    return names, ""
