"""The environment and range of a page, and the links that carry them to lists of traces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from accounts.models import Project
from kit.figures import instant
from traces.queries import facets
from traces.queries.criteria import ANY_ENVIRONMENT
from traces.values.ranges import CHOICES, BadRange, Range, parse_range


@dataclass(frozen=True)
class PageScope:
    """What `env` and `t` of an address say; `complaint` is why `t` was not taken."""

    env: str
    range: Range
    is_default: bool
    complaint: str = ""

    @property
    def kept(self) -> dict[str, str]:
        """The two parameters as links inside the project carry them."""
        t = "" if self.is_default else self.range.text
        return {name: value for name, value in (("env", self.env), ("t", t)) if value}


def text_of(query: QueryDict, name: str) -> str:
    """A parameter as text; '' for what PostgreSQL could not hold."""
    text = query.get(name, "").strip()[:1000]
    return "" if "\0" in text else text


def page_scope(
    query: QueryDict, *, default: str = "24h", most: tuple[int, str] | None = None
) -> PageScope:
    """The scope of an address; the default range where `t` is none, or longer than `most` days."""
    text = text_of(query, "t")
    complaint = ""
    try:
        chosen = parse_range(text or default)
        if most and chosen.since is not None:
            end = chosen.until or datetime.now(chosen.since.tzinfo)
            if (end - chosen.since).total_seconds() > most[0] * 86_400 + 60:
                raise BadRange(most[1])
    except BadRange as bad:
        chosen, complaint = parse_range(default), str(bad)
    return PageScope(text_of(query, "env"), chosen, chosen.text == default, complaint)


def scope_context(
    request: HttpRequest, scope: PageScope, *, choices: tuple[tuple[str, str], ...] = CHOICES
) -> dict[str, Any]:
    """What the two menus of the top bar need, and the query that links carry."""
    kept = scope.kept
    return {
        "range_choices": choices,
        "current": scope.range.text,
        "range_label": scope.range.label,
        "range_complaint": scope.complaint,
        "env": scope.env,
        "env_label": {"": "All but experiments", ANY_ENVIRONMENT: "All environments"}.get(
            scope.env, scope.env
        ),
        "env_all": with_query(request.GET, env=ANY_ENVIRONMENT),
        "env_default": with_query(request.GET, env=None),
        "carried": f"?{urlencode(kept)}" if kept else "",
    }


def environments(request: HttpRequest, project: Project, env: str) -> HttpResponse:
    """The menu of environments, fetched when it is opened."""
    choices = [("", "All but experiments"), (ANY_ENVIRONMENT, "All")]
    choices += [(name, name) for name in facets.environments(project.pk)]
    items = [
        {
            "text": text,
            "is_chosen": value == env,
            "href": with_query(request.GET, env=value or None),
        }
        for value, text in choices
    ]
    return render(request, "traces/_environments.html", {"environments": items})


def with_query(query: QueryDict, **changes: str | None) -> str:
    """`?…` of this page with parameters changed; None removes one, and places are dropped."""
    kept = query.copy()
    for name in ("piece", "after", "from"):
        kept.pop(name, None)
    for name, value in changes.items():
        kept.pop(name, None)
        if value:
            kept[name] = value
    return f"?{kept.urlencode()}"


def traces_href(project: Project, *, env: str = "", t: str = "", **narrowed: str | None) -> str:
    """The list of traces, narrowed: user, session, status, name, model, min_duration …"""
    given = {"t": t, "env": env, **narrowed}
    kept = {name: value for name, value in given.items() if value}
    address = reverse("traces:trace_list", args=[project.slug])
    return f"{address}?{urlencode(kept)}" if kept else address


def between(first: datetime, last: datetime) -> str:
    """`from..to` that holds both instants; the end of a range is exclusive, to the second."""
    low = first.replace(microsecond=0)
    high = last.replace(microsecond=0) + timedelta(seconds=1)
    return f"{instant(low)}..{instant(high)}"
