"""Why spend is over what was expected: by whom it was spent, and by what it grew.

What was before is the mean of the same hours one to four weeks earlier. The factors are those of
the logarithmic mean Divisia index, whose parts add up exactly. Source: Ang, Energy Policy 33
(2005). Users are another cut through the same money: their shares do not add to the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import log
from typing import Any

from costs.queries.caching import cached_of
from costs.queries.months import CLASSES
from traces.queries.costly_users import cost_by_user
from traces.queries.usage import Scope, SpanFigures, span_figures

WEEKS = 4
MOST_CAUSES = 5
LEAST_SHARE = 0.05
LEAST_OF_USER = 0.25  # a user is named who is a good part of it
LONGEST = timedelta(days=8)  # of what users spent: the last days of a long episode
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
    saved: float | None = 0.0  # by the provider's cache; None: not known


def why(project_id: int, feature: str, since: datetime, until: datetime) -> Why:
    """Of a feature's spend, or of all where it is ''."""
    now = _rows(project_id, feature, since, until)
    saved = _saved(project_id, feature, since, until)
    before: dict[tuple[str, ...], Sums] = {}
    saved_before: float | None = 0.0
    weeks = []
    for week in range(1, WEEKS + 1):
        shift = timedelta(weeks=week)
        rows = _rows(project_id, feature, since - shift, until - shift)
        if not rows:
            continue
        weeks.append(week)
        saved_before = _added(
            saved_before, _saved(project_id, feature, since - shift, until - shift)
        )
        for key, one in rows.items():
            before[key] = _plus(before.get(key, Sums()), one)
    share = 1 / max(len(weeks), 1)
    before = {key: _times(one, share) for key, one in before.items()}
    whole_now, whole_before = _whole(now, saved), _whole(before, _part(saved_before, share))
    over = whole_now.cost - whole_before.cost
    causes = _causes(now, before, over) + _users(project_id, feature, since, until, weeks, over)
    return Why(
        causes=sorted(causes, key=lambda one: (-one["share"], str(one)))[:MOST_CAUSES],
        factors=_factors(whole_now, whole_before),
        figures={"now": _told(whole_now), "before": _told(whole_before), "weeks": len(weeks)},
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
    return found


def _users(
    project_id: int, feature: str, since: datetime, until: datetime, weeks: list[int], over: float
) -> list[dict[str, Any]]:
    """Users who make a good part of what is over, or of what is missing."""
    if not over:
        return []
    since = max(since, until - LONGEST)
    now = cost_by_user(project_id, since, until, feature=feature)
    sums: dict[str, int] = {}
    for week in weeks:
        shift = timedelta(weeks=week)
        earlier = cost_by_user(
            project_id, since - shift, until - shift, feature=feature, users=list(now)
        )
        for user, nano in earlier.items():
            sums[user] = sums.get(user, 0) + nano
    found = []
    for user, nano in now.items():
        excess = nano - sums.get(user, 0) / max(len(weeks), 1)
        share = excess / over
        if share >= LEAST_OF_USER:
            found.append(
                {
                    "feature": feature, "model": "", "prompt": "", "version": "", "user": user,
                    "excess": round(excess), "share": round(share, 4), "is_new": user not in sums,
                }
            )  # fmt: skip
    return found


def _factors(now: Sums, before: Sums) -> dict[str, int]:
    """Nano-dollars by which each factor changed the spend.

    Volume, tokens of a request, price of a token, and what of the price the cache leaves; where
    nobody knows what the cache saved, the price holds it.
    """
    known = now.saved is not None and before.saved is not None
    full_now, full_before = (one.cost + (one.saved or 0.0) * known for one in (now, before))
    parts = {
        "volume": (now.calls, before.calls),
        "tokens": (_ratio(now.tokens, now.calls), _ratio(before.tokens, before.calls)),
        "price": (_ratio(full_now, now.tokens), _ratio(full_before, before.tokens)),
    }
    if known and (now.cached or before.cached):
        parts["cache"] = (_ratio(now.cost, full_now), _ratio(before.cost, full_before))
    if now.cost <= 0 or before.cost <= 0 or any(a <= 0 or b <= 0 for a, b in parts.values()):
        return {}
    over = now.cost - before.cost
    mean = over / log(now.cost / before.cost) if over else now.cost
    return {name: round(mean * log(a / b)) for name, (a, b) in parts.items()}


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


def _saved(project_id: int, feature: str, since: datetime, until: datetime) -> float | None:
    equal = {"feature": feature} if feature else {}
    scope = Scope(project_id, since, until, equal=equal)
    rows = span_figures(scope, ("day", "model", "provider"), with_latencies=False)
    found = cached_of(project_id, rows)
    return None if found.unknown else float(found.saved)


def _added(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b


def _part(whole: float | None, share: float) -> float | None:
    return None if whole is None else whole * share


def _whole(rows: dict[tuple[str, ...], Sums], saved: float | None) -> Sums:
    total = Sums()
    for one in rows.values():
        total = _plus(total, one)
    return replace(total, saved=saved)


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
