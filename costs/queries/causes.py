"""Why spend is over what was expected: by whom it was spent, and by what it grew.

What was before is the mean of the same hours one to four weeks earlier. The factors are those of
the logarithmic mean Divisia index, whose parts add up exactly. Source: Ang, Energy Policy 33
(2005).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log
from typing import Any

from costs.queries.months import CLASSES
from traces.queries.usage import Scope, SpanFigures, span_figures

WEEKS = 4
MOST_CAUSES = 5
LEAST_SHARE = 0.05
BY = ("feature", "model", "prompt_name", "prompt_version")


@dataclass(frozen=True)
class Why:
    """Causes, factors and figures as `Anomaly` keeps them."""

    causes: list[dict[str, Any]]
    factors: dict[str, int]
    figures: dict[str, Any]


@dataclass(frozen=True)
class Sums:
    """Spend of some hours; `before` is a mean of weeks, so its figures are no whole numbers."""

    cost: float = 0.0
    calls: float = 0.0
    tokens: float = 0.0
    cached: float = 0.0
    put_in: float = 0.0


def why(project_id: int, feature: str, since: datetime, until: datetime) -> Why:
    """Of a feature's spend, or of all where it is ''."""
    now = _rows(project_id, feature, since, until)
    before: dict[tuple[str, ...], Sums] = {}
    weeks = 0
    for week in range(1, WEEKS + 1):
        shift = timedelta(weeks=week)
        rows = _rows(project_id, feature, since - shift, until - shift)
        weeks += bool(rows)
        for key, one in rows.items():
            before[key] = _plus(before.get(key, Sums()), one)
    before = {key: _times(one, 1 / max(weeks, 1)) for key, one in before.items()}
    whole_now, whole_before = _whole(now), _whole(before)
    over = whole_now.cost - whole_before.cost
    return Why(
        causes=_causes(now, before, over),
        factors=_factors(whole_now, whole_before),
        figures={"now": _told(whole_now), "before": _told(whole_before), "weeks": weeks},
    )


def _causes(
    now: dict[tuple[str, ...], Sums], before: dict[tuple[str, ...], Sums], over: float
) -> list[dict[str, Any]]:
    if not over:
        return []
    found: list[dict[str, Any]] = []
    for key in now.keys() | before.keys():
        excess = now.get(key, Sums()).cost - before.get(key, Sums()).cost
        share = excess / over
        if share >= LEAST_SHARE:
            feature, model, prompt, version = key
            found.append(
                {
                    "feature": feature, "model": model, "prompt": prompt, "version": version,
                    "excess": round(excess), "share": round(share, 4),
                    "is_new": key not in before,
                }
            )  # fmt: skip
    return sorted(found, key=lambda one: (-one["share"], str(one)))[:MOST_CAUSES]


def _factors(now: Sums, before: Sums) -> dict[str, int]:
    """Nano-dollars by which volume, tokens of a request and price of a token changed the spend."""
    parts = [
        (now.calls, before.calls),
        (_ratio(now.tokens, now.calls), _ratio(before.tokens, before.calls)),
        (_ratio(now.cost, now.tokens), _ratio(before.cost, before.tokens)),
    ]
    if now.cost <= 0 or before.cost <= 0 or any(a <= 0 or b <= 0 for a, b in parts):
        return {}
    over = now.cost - before.cost
    mean = over / log(now.cost / before.cost) if over else now.cost
    names = ("volume", "tokens", "price")
    return {name: round(mean * log(a / b)) for name, (a, b) in zip(names, parts, strict=True)}


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _told(one: Sums) -> dict[str, Any]:
    return {
        "cost": round(one.cost),
        "calls": round(one.calls, 1),
        "tokens_a_call": round(one.tokens / one.calls, 1) if one.calls else None,
        "nano_a_token": round(one.cost / one.tokens, 3) if one.tokens else None,
        "cache_share": round(one.cached / one.put_in, 4) if one.put_in else None,
    }


def _rows(
    project_id: int, feature: str, since: datetime, until: datetime
) -> dict[tuple[str, ...], Sums]:
    equal = {"feature": feature} if feature else {}
    scope = Scope(project_id, since, until, equal=equal)
    rows = span_figures(scope, BY, with_latencies=False)
    return {tuple(str(part) for part in one.key): _sums(one) for one in rows}


def _sums(one: SpanFigures) -> Sums:
    put_in = sum(one.tokens[name] for word in CLASSES if word != "Output" for name in CLASSES[word])
    return Sums(
        cost=one.cost_nano + one.evaluator_nano,
        calls=one.calls,
        tokens=one.tokens_in + one.tokens_out,
        cached=one.tokens["in_cached"],
        put_in=put_in,
    )


def _whole(rows: dict[tuple[str, ...], Sums]) -> Sums:
    total = Sums()
    for one in rows.values():
        total = _plus(total, one)
    return total


def _plus(a: Sums, b: Sums) -> Sums:
    return Sums(
        a.cost + b.cost, a.calls + b.calls, a.tokens + b.tokens, a.cached + b.cached,
        a.put_in + b.put_in,
    )  # fmt: skip


def _times(one: Sums, factor: float) -> Sums:
    return Sums(
        one.cost * factor, one.calls * factor, one.tokens * factor, one.cached * factor,
        one.put_in * factor,
    )  # fmt: skip
