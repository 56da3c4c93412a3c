"""The card “What changed”, and the change points that the burn-down names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from costs.models import Anomaly
from costs.pages.anomaly import causes_of, sentence_of, traces_of
from costs.pages.burn import Change
from costs.pages.changes import grown
from costs.pages.lines import Line
from costs.queries.changing import move_near
from costs.services.words import feature_text
from kit.figures import duration, money, percent
from pricing.models import Price
from prompts.models import LabelMove

SHOWN = 3
_NUMBERS = {1: "One cause explains", 2: "Two causes explain", 3: "Three causes explain"}
_KINDS = {
    Anomaly.Kind.SPIKE: "spike", Anomaly.Kind.LEVEL: "higher level", Anomaly.Kind.LEAK: "leak",
    Anomaly.Kind.UNIT_COST: "dearer requests",
}  # fmt: skip


@dataclass(frozen=True)
class Changed:
    """The anomaly that costs the most, with its causes; `acts` are links of (icon, words)."""

    anomaly: Anomaly
    amount: str
    rest: str
    causes: Sequence[dict[str, Any]]
    explained: str
    href: str
    traces: str
    alert: str
    cap: str
    cap_word: str
    more: int


def changed_of(slug: str, anomalies: Sequence[Anomaly], moves: list[LabelMove]) -> Changed | None:
    """Of those that go on, the dearest first; None of none."""
    if not anomalies:
        return None
    one = anomalies[0]
    near = move_near(one, moves)
    causes = causes_of(one)[:SHOWN]
    for cause in causes:
        cause["near"] = _near(one, near) if near and near.prompt.name == cause["prompt"] else None
    explained = ""
    if causes:
        share = min(sum(cause["share"] for cause in causes), 1.0)
        explained = f"{_NUMBERS[len(causes)]} {percent(round(share, 2))} of it."
    amount, rest = _amount(one)
    feature = one.feature or next((c["feature"] for c in causes if c["feature"]), "")
    scope = f'feature:"{feature}"' if feature and '"' not in feature else ""
    cap = urlencode({"scope": "feature", "value": feature} if feature else {"scope": "project"})
    return Changed(
        anomaly=one,
        amount=amount,
        rest=rest,
        causes=causes,
        explained=explained,
        href=reverse("costs:anomaly", args=[slug, one.pk]),
        traces=traces_of(slug, one.since, one.last_at, scope if one.feature else ""),
        alert=f"{reverse('alerts:rule_new', args=[slug])}?"
        + urlencode({"metric": "cost", "scope": scope}),
        cap=f"{reverse('costs:budgets', args=[slug])}?{cap}#new",
        cap_word=f"Cap {feature_text(feature)}" if feature else "Cap",
        more=len(anomalies) - 1,
    )


def _amount(one: Anomaly) -> tuple[str, str]:
    """`$284 a day`, `above expected since 14 Nov, 16:20 UTC.`"""
    if one.kind == Anomaly.Kind.NO_DATA:
        return "No data", sentence_of(one).partition("is not known: nothing arrived ")[2]
    days = (one.last_at - one.since) / timedelta(days=1)
    is_daily = days >= 2
    amount = money(abs(round(one.excess / days)) if is_daily else abs(one.excess))
    side = "below" if one.excess < 0 else "above"
    at = f"{one.since:%-d %b}" if one.grain == "daily" else f"{one.since:%-d %b, %H:%M} UTC"
    return f"{amount} a day" if is_daily else amount, f"{side} expected since {at}."


def _near(one: Anomaly, move: LabelMove) -> dict[str, str]:
    apart = move.at - one.since
    after = "after" if apart <= timedelta(0) else "before"
    version = f" v{move.to_version.number}" if move.to_version else ""
    return {
        "lead": f"{duration(abs(apart))} {after}",
        "name": f"{move.prompt.name}{version}",
        "prompt": move.prompt.name,
        "tail": f"got {move.label}",
    }


def movers(lines: Sequence[Line], before: dict[str, int]) -> list[dict[str, Any]]:
    """Where nothing is unexpected: the rows that grew or fell by the most money."""
    found: list[dict[str, Any]] = []
    for line in lines:
        if line.is_rest or line.change is None:
            continue
        by = line.cost - before.get(line.name, 0)
        if by:
            found.append({"name": line.name, "by": by, "href": line.href,
                          "grown": grown(line.change), "tone": line.tone})  # fmt: skip
    most = max((abs(one["by"]) for one in found), default=1)
    for one in found:
        one["share"] = abs(one["by"]) / most
    return sorted(found, key=lambda one: -abs(one["by"]))[:SHOWN]


def change_points(
    slug: str, anomalies: Sequence[Anomaly], moves: list[LabelMove], prices: Sequence[Price]
) -> list[Change]:
    """What the burn-down names: anomalies by what went before them, then labels and prices."""
    found = []
    used = set()
    for one in anomalies:
        near = move_near(one, moves)
        if near is not None:
            if near.pk in used:  # it is marked already
                continue
            used.add(near.pk)
        version = f" v{near.to_version.number}" if near and near.to_version else ""
        what = f"{near.prompt.name}{version}" if near else f"{_name(one)}"
        href = reverse("costs:anomaly", args=[slug, one.pk])
        found.append(Change(one.since, f"{one.since:%-d %b}, {what}", href))
    for price in prices:
        text = f"{price.valid_from:%-d %b}, price of {price.pattern}"
        found.append(Change(price.valid_from, text, reverse("pricing:prices", args=[slug])))
    for move in moves:
        if move.pk not in used and move.label == "production" and move.to_version:
            text = f"{move.at:%-d %b}, {move.prompt.name} v{move.to_version.number}"
            href = reverse("prompts:prompt", args=[slug, move.prompt.name])
            found.append(Change(move.at, text, href))
    return found


def _name(one: Anomaly) -> str:
    kind = _KINDS.get(Anomaly.Kind(one.kind), one.get_kind_display().lower())
    return f"{feature_text(one.feature)} {kind}" if one.feature else kind
