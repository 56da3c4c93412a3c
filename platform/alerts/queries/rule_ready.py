"""Rules that are ready for a project, from what it has: its targets, its scores, its traffic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q

from accounts.models import Project
from alerts.models import AlertRule
from evals.queries.grounding import scores_to_choose
from features.queries import targets_by_feature
from traces.models import Score, ScoreSource

_OF_DOCUMENTS = re.compile(r"faithful|grounded|hallucinat|retriev|context", re.IGNORECASE)
_FLUENT = re.compile(r"helpful|relevan|coheren|fluen|tone|quality", re.IGNORECASE)


@dataclass(frozen=True)
class Ready:
    """A rule that one click makes. `says` is why somebody wants it."""

    key: str
    says: str
    fields: dict[str, Any]

    @property
    def name(self) -> str:
        """The rule's name."""
        return str(self.fields["name"])


def ready_rules(project: Project) -> list[Ready]:
    """Those that the project's data allow, without those that it has."""
    taken = set(AlertRule.objects.filter(project=project).values_list("name", flat=True))
    return [one for one in _all(project) if one.name not in taken]


def ready_named(project: Project, key: str) -> Ready | None:
    """The ready rule of that key."""
    return next((one for one in _all(project) if one.key == key), None)


def _all(project: Project) -> Iterator[Ready]:
    yield Ready("errors", "More than one request in twenty fails.", {
        "name": "Error rate", "metric": "error_rate", "condition": "above",
        "amount": Decimal("0.05"), "window_minutes": 15, "least": 20, "severity": "page",
    })  # fmt: skip
    yield from _latency(project)
    pair = documents_pair(project)
    if pair is not None:
        fluent, wrong = pair
        yield Ready(
            "fluent_wrong",
            f"{fluent} passes and {wrong} misses its bar: it reads well, and nobody notices.", {
                "name": "Fluent answer on wrong documents", "metric": "fluent_wrong",
                "score": fluent, "other": wrong, "condition": "above", "amount": Decimal("0.2"),
                "window_minutes": 1440, "least": 20, "severity": "ticket", "clear_minutes": 60,
            },
        )  # fmt: skip
    if _has_thumbs(project):
        yield Ready("thumbs", "More than one in five of the answers that users rate gets a no.", {
            "name": "Thumbs down", "metric": "thumbs_down", "condition": "above",
            "amount": Decimal("0.2"), "window_minutes": 1440, "least": 20, "severity": "ticket",
            "clear_minutes": 60,
        })  # fmt: skip
    yield Ready("unpriced", "Calls without a price are in no figure of cost.", {
        "name": "Spend without a price", "metric": "unpriced", "condition": "above",
        "amount": Decimal("0.05"), "window_minutes": 1440, "least": 20, "severity": "ticket",
        "clear_minutes": 60,
    })  # fmt: skip
    yield Ready("silence", "Nothing came for an hour: an exporter, a key or the product is down.", {
        "name": "No traffic", "metric": "requests", "condition": "silent", "window_minutes": 60,
        "severity": "page", "clear_minutes": 0,
    })  # fmt: skip


def _latency(project: Project) -> Iterator[Ready]:
    """Against the target of each feature that asks for one; else against the days before."""
    targets = targets_by_feature(project)
    asked = {name: one for name, one in sorted(targets.items()) if one.p95_latency_ms is not None}
    for name, target in list(asked.items())[:3]:
        says = f"The target of {name} asks for {target.p95_latency_ms} ms."
        yield Ready(f"latency:{name}", says, {
            "name": f"p95 latency of {name}", "metric": "p95", "condition": "above",
            "scope": f'feature:"{name}"', "feature": name, "window_minutes": 30, "least": 20,
            "amount": Decimal((target.p95_latency_ms or 0) * 1000), "breaches": 2, "windows": 3,
            "severity": "ticket",
        })  # fmt: skip
    if not asked:
        yield Ready("latency", "Half as slow again as at this time on the days before.", {
            "name": "p95 latency", "metric": "p95", "condition": "rises", "baseline": "median",
            "amount": Decimal("0.5"), "is_percent": True, "window_minutes": 60, "least": 20,
            "severity": "ticket",
        })  # fmt: skip


def documents_pair(project: Project) -> tuple[str, str] | None:
    """A score of how an answer reads, and one of whether its documents bear it, both with bars."""
    retrievals, generations = scores_to_choose(project)
    named = list(dict.fromkeys((*retrievals, *generations)))
    wrong = next((name for name in named if _OF_DOCUMENTS.search(name)), None)
    fluent = next((name for name in named if name != wrong and _FLUENT.search(name)), None)
    fluent = fluent or next((name for name in generations if name != wrong), None)
    return (fluent, wrong) if fluent and wrong else None


def _has_thumbs(project: Project) -> bool:
    of_users = Q(source=ScoreSource.USER, data_type__in=("boolean", "number"))
    return Score.objects.filter(of_users, project_id=project.pk).exists()
