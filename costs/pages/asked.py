"""What a page of costs was asked, and the addresses that its figures open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlencode

from django.urls import reverse

from costs.queries.days import MONTH, RANGES, Days, days_of
from costs.queries.dimensions import NARROWS, Dimension, dimension_of

LONGEST, MOST_MONTHS = 200, 12
SORTS = {
    "spend": "Spend", "change": "Change", "calls": "Requests", "each": "Per request",
    "name": "Name",
}  # fmt: skip
_WORDS = {
    "feature": "Feature", "model": "Model", "prompt": "Prompt", "version": "Version",
    "env": "Environment",
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """Days, dimension and what it is narrowed to; everything of it stands in the URL."""

    slug: str
    days: Days
    dimension: Dimension
    narrowed: Mapping[str, str] = field(default_factory=dict)  # of NARROWS, none is ''
    sort: str = "spend"
    q: str = ""

    @property
    def equal(self) -> dict[str, str]:
        """Columns of the roll-ups and what they must be."""
        return {NARROWS[name]: value for name, value in self.narrowed.items()}

    @property
    def scope(self) -> dict[str, str]:
        """The same for users, of whom only environments are known apart."""
        is_users = not self.dimension.columns
        return {n: v for n, v in self.equal.items() if n == "environment" or not is_users}

    def to(self, route: str, **changes: str | None) -> str:
        """The page of `costs` with these parameters; None takes one out."""
        given: dict[str, str | None] = {"by": self.dimension.name, "t": self.days.text}
        given |= self.narrowed
        if self.sort != "spend":
            given["sort"] = self.sort
        if self.q:
            given["q"] = self.q
        kept = {name: value for name, value in (given | changes).items() if value}
        return f"{reverse(f'costs:{route}', args=[self.slug])}?{urlencode(kept)}"

    def spend(self, **changes: str | None) -> str:
        """The page of spend."""
        return self.to("spend", **changes)

    def traces(self, **narrowed: str) -> str:
        """The traces of these days, in the narrower scope."""
        return traces_of_days(
            self.slug, self.days.start, self.days.until, {**self.narrowed, **narrowed}
        )

    def chips(self) -> list[tuple[str, str, str]]:
        """Word, value and the address without it."""
        return [
            (_WORDS[name], value, self.spend(**{name: None}))
            for name, value in self.narrowed.items()
        ]

    def ranges(self, today: date) -> list[tuple[str, str]]:
        """What `t` may be: ranges up to today, and the last twelve months."""
        found = [(name, f"Last {count} days") for name, count in RANGES.items()]
        day = today.replace(day=1)
        for place in range(MOST_MONTHS):
            found.append((f"{day:%Y-%m}" if place else MONTH, f"{day:%B %Y}"))
            day = (day - timedelta(days=1)).replace(day=1)
        return found

    def kept(self) -> list[tuple[str, str]]:
        """Parameters of a form that changes the days."""
        given = {"by": self.dimension.name, **self.narrowed, "q": self.q}
        return [(name, value) for name, value in given.items() if value]


def traces_of_days(slug: str, since: date, until: date, narrowed: Mapping[str, str]) -> str:
    """The list of traces of whole days; `narrowed` as in Asked, and `user` or `q`."""
    kept = dict(narrowed)
    if version := kept.pop("version", ""):
        kept["prompt"] = f"{kept.get('prompt', '')}/{version}"
    between = {"t": f"{since}T00:00Z..{until}T00:00Z"}
    return f"{reverse('traces:trace_list', args=[slug])}?{urlencode(between | kept)}"


def asked_of(slug: str, given: Mapping[str, str], today: date) -> Asked:
    """What the parameters of a URL ask; what cannot be meant is left out."""
    narrowed = {name: text for name in NARROWS if (text := _text(given.get(name)))}
    if "prompt" not in narrowed:
        narrowed.pop("version", None)
    sort = given.get("sort", "")
    return Asked(
        slug=slug,
        days=days_of(given.get("t") or given.get("m") or "month", today),
        dimension=dimension_of(given.get("by", "")),
        narrowed=narrowed,
        sort=sort if sort in SORTS else "spend",
        q=_text(given.get("q")),
    )


def _text(given: str | None) -> str:
    return (given or "").replace("\0", "").encode("utf-8", "replace").decode().strip()[:LONGEST]
