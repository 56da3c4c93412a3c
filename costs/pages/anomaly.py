"""An anomaly in words and as a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.urls import reverse

from costs.models import Anomaly
from costs.services.words import feature_text
from kit.figures import money, percent

WIDTH, HEIGHT, TOP, BOTTOM = 720, 160, 8, 2
Kind = Anomaly.Kind
_WORDS: Mapping[str, str] = {
    Kind.SPIKE: "spiked", Kind.LEVEL: "rose to a higher level", Kind.LEAK: "has been leaking",
    Kind.DROP: "fell", Kind.UNIT_COST: "rose because requests became dearer",
    Kind.NO_DATA: "is not known: nothing arrived",
}  # fmt: skip
FACTORS = {
    "volume": "more requests", "tokens": "more tokens a request", "price": "dearer tokens",
    "cache": "less from the provider's cache",
}  # fmt: skip
_LESS = {
    "volume": "fewer requests", "tokens": "fewer tokens a request", "price": "cheaper tokens",
    "cache": "more from the provider's cache",
}  # fmt: skip


def title_of(anomaly: Anomaly) -> str:
    """`Spike of chat`."""
    return f"{anomaly.get_kind_display()} of {feature_text(anomaly.feature) or 'the project'}"


def sentence_of(anomaly: Anomaly) -> str:
    """What happened, in one sentence without content."""
    who = f"Spend of {feature_text(anomaly.feature)}" if anomaly.feature else "Spend of the project"
    at = (
        f"{anomaly.since:%-d %b, %H:%M}" if anomaly.grain == "hourly" else f"{anomaly.since:%-d %b}"
    )
    text = f"{who} {_WORDS[anomaly.kind]} since {at} UTC"
    if anomaly.kind == Kind.NO_DATA:
        return f"{text}."
    side = "under" if anomaly.excess < 0 else "over"
    if anomaly.kind == Kind.DROP and anomaly.excess > 0:
        whose = f" of {feature_text(anomaly.feature)}" if anomaly.feature else ""
        return (
            f"Requests{whose} became cheaper since {at} UTC; more of them came, so that "
            f"{money(anomaly.excess)} were spent over the {money(anomaly.expected)} expected."
        )
    text += (
        f": {money(abs(anomaly.excess))} {side} the {money(anomaly.expected)} that were expected"
    )
    if anomaly.causes:
        text += f", most of it {cause_words(anomaly.causes[0])}"
    return f"{text}."


def cause_words(cause: Mapping[str, Any]) -> str:
    """`kb-search with gpt-x, prompt answer v7, which was not there before`, or a user."""
    if user := cause.get("user"):
        named = f"user {user}" + (
            f" in {feature_text(cause['feature'])}" if cause["feature"] else ""
        )
        return named + (", who was not there before" if cause["is_new"] else "")
    feature = feature_text(cause["feature"]) or "not attributed"
    parts = [feature + (f" with {cause['model']}" if cause["model"] else "")]
    if cause["prompt"]:
        parts.append(
            f"prompt {cause['prompt']}" + (f" v{cause['version']}" if cause["version"] else "")
        )
    if cause["is_new"]:
        parts.append("which was not there before")
    return ", ".join(parts)


def causes_of(anomaly: Anomaly) -> list[dict[str, Any]]:
    """Each with words, money, share and the traces that it is made of."""
    slug = anomaly.project.slug
    found = []
    for one in anomaly.causes:
        terms = [f'{name}:"{value}"'.replace("\\", "") for name, value in (
            ("feature", one["feature"]), ("model", one["model"]), ("prompt", one["prompt"]),
            ("user", one.get("user", "")),
        ) if value and '"' not in value]  # fmt: skip
        found.append(
            {
                "words": cause_words(one),
                "feature": one["feature"],
                "prompt": one["prompt"],
                "excess": one["excess"],
                "share": min(max(one["share"], 0), 1),
                "share_text": percent(one["share"]),
                "href": traces_of(slug, anomaly.since, anomaly.last_at, " ".join(terms)),
            }
        )
    return found


def factors_of(anomaly: Anomaly) -> list[tuple[str, int]]:
    """`("more requests", nano)`, the largest first."""
    rows = [
        ((FACTORS if amount >= 0 else _LESS)[name], int(amount))
        for name, amount in anomaly.factors.items()
        if name in FACTORS
    ]
    return sorted(rows, key=lambda row: -abs(row[1]))


def traces_of(slug: str, since: datetime, until: datetime, query: str = "") -> str:
    """The list of traces of a time, the dearest first."""
    between = quote(f"{since:%Y-%m-%dT%H:%MZ}..{until:%Y-%m-%dT%H:%MZ}")
    asked = f"&q={quote(query)}" if query else ""
    return f"{reverse('traces:trace_list', args=[slug])}?t={between}{asked}"


@dataclass(frozen=True)
class Course:
    """Bars of an SVG of WIDTH by HEIGHT: (x, y, height, inside the episode)."""

    bars: Sequence[tuple[float, float, float, bool]]
    width: float
    top: str
    first: str
    last: str
    label: str


def course(anomaly: Anomaly, buckets: Sequence[tuple[datetime, int]]) -> Course | None:
    """How spend ran; None of nothing."""
    if not buckets:
        return None
    most = max(amount for _, amount in buckets) or 1
    step = WIDTH / len(buckets)
    room = HEIGHT - TOP - BOTTOM
    bars = []
    for place, (at, amount) in enumerate(buckets):
        height = round(amount / most * room, 1)
        inside = anomaly.since <= at < anomaly.last_at
        bars.append((round(place * step, 1), round(HEIGHT - BOTTOM - height, 1), height, inside))
    form = "%-d %b" if anomaly.grain == "daily" else "%-d %b, %H:00"
    first, last = f"{buckets[0][0]:{form}}", f"{buckets[-1][0]:{form}}"
    return Course(
        bars=bars, width=max(round(step - 0.6, 1), 0.6), top=money(most), first=first, last=last,
        label=f"Spend from {first} to {last}, {money(most)} at the most; the anomaly is marked.",
    )  # fmt: skip
