"""Whether errors are ours or the provider's, from its calls in every feature. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

LEAST_FAILED, LEAST_CALLS = 5, 10
_MOST_OF = Fraction(4, 5)  # of the failed calls are of one provider
_FAILS, _HOLDS = Fraction(1, 20), Fraction(1, 100)

Calls = tuple[str, str, int, int]  # provider, feature, calls, failed


@dataclass(frozen=True, slots=True)
class Whose:
    """`provider`, `us` or '' for not known, and why in a sentence."""

    origin: Literal["provider", "us", ""]
    sentence: str


def whose(rows: Iterable[Calls], feature: str = "") -> Whose:
    """Whose fault it is that calls fail; `feature` is what the rule watches, '' is all.

    The provider's where its calls fail in several features and those of others do not; ours where
    one feature alone fails with a provider that serves others well. Anything else is not known.
    """
    known = [row for row in rows if row[0]]
    failed = sum(row[3] for row in known)
    if failed < LEAST_FAILED:
        return Whose("", "")
    by_provider: dict[str, list[Calls]] = {}
    for row in known:
        by_provider.setdefault(row[0], []).append(row)
    name, its = max(by_provider.items(), key=lambda pair: sum(row[3] for row in pair[1]))
    its_failed = sum(row[3] for row in its)
    if Fraction(its_failed, failed) < _MOST_OF:
        return Whose("", "")
    busy = [row for row in its if row[2] >= LEAST_CALLS]
    failing = [row for row in busy if Fraction(row[3], row[2]) >= _FAILS]
    holding = [row for row in busy if Fraction(row[3], row[2]) <= _HOLDS]
    others = [row for row in known if row[0] != name]
    calls, wrong = sum(row[2] for row in others), sum(row[3] for row in others)
    others_hold = calls >= LEAST_CALLS and Fraction(wrong, calls) <= _HOLDS
    if len(failing) > 1 and not holding:
        compared = " Calls of other providers do not." if others_hold else ""
        return Whose("provider", f"Calls of {name} fail in {len(failing)} features.{compared}")
    if len(failing) == 1 and holding and feature in ("", failing[0][1]):
        other = "another feature" if len(holding) == 1 else f"{len(holding)} other features"
        return Whose("us", f"{name} serves {other} well at the same time.")
    return Whose("", "")
