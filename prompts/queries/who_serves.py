"""Who serves now: which versions, at what share, and which models answered in the last hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max
from django.utils import timezone

from accounts.models import Project
from prompts.models import Label, Rollout
from traces.ingest.record import Kind
from traces.models import Span, SpanContent
from traces.queries.detail import document_of

HOUR = timedelta(hours=1)
SAMPLED = 200  # newest calls whose content is read for a provider's fingerprint
# Under these names spans tell it; the first is ours.
SYSTEM_FINGERPRINTS = (
    "gen_ai.openai.response.system_fingerprint",
    "gen_ai.openai.system_fingerprint",
    "gen_ai.response.system_fingerprint",
    "openai.response.system_fingerprint",
    "llm.openai.system_fingerprint",
    "system_fingerprint",
)


@dataclass(frozen=True)
class Serving:
    """One prompt in an environment: its version, and during a rollout the candidate's share."""

    label: Label
    rollout: Rollout | None


@dataclass(frozen=True)
class Answering:
    """A model that answered in the last hour, by whom it was asked for and with what fingerprint.

    `fingerprints` are those among the newest calls that carry one, most frequent first.
    """

    provider: str
    model: str
    model_requested: str
    calls: int
    last_at: datetime
    fingerprints: list[tuple[str, int]]


def serving_in(project: Project, environment: str) -> list[Serving]:
    """Every prompt whose label of that name stands, by name."""
    labels = Label.objects.filter(
        prompt__project=project, name=environment, prompt__archived_at=None
    ).select_related("prompt", "version")
    running = {
        one.prompt_id: one
        for one in Rollout.objects.filter(
            prompt__project=project, label=environment, status=Rollout.Status.ACTIVE
        ).select_related("candidate")
    }
    return [
        Serving(label, running.get(label.prompt_id)) for label in labels.order_by("prompt__name")
    ]


def answering(project_id: int, environment: str) -> list[Answering]:
    """Models that answered calls of an environment in the last hour, most calls first."""
    calls = Span.objects.filter(
        project_id=project_id,
        start_time__gte=timezone.now() - HOUR,
        kind=Kind.GENERATION,
        environment=environment,
    )
    prints = _fingerprints(project_id, calls)
    rows = calls.values_list("provider", "model", "model_requested").annotate(
        calls=Count("span_id"), last=Max("start_time")
    )
    return [
        Answering(
            provider or "",
            model or "",
            asked or "",
            number,
            last,
            prints.get(model or "", Counter()).most_common(5),
        )
        for provider, model, asked, number, last in rows.order_by("-calls")[:50]
    ]


def _fingerprints(project_id: int, calls: Any) -> dict[str, Counter[str]]:
    newest = list(
        calls.order_by("-start_time").values_list("trace_id", "span_id", "start_time", "model")[
            :SAMPLED
        ]
    )
    models = {(trace, span): model or "" for trace, span, _, model in newest}
    found: dict[str, Counter[str]] = {}
    if not newest:
        return found
    contents = SpanContent.objects.filter(
        project_id=project_id,
        trace_id__in=[trace for trace, *_ in newest],
        span_id__in=[span for _, span, *_ in newest],
        start_time__gte=min(at for _, _, at, _ in newest),
    )
    for content in contents:
        model = models.get((content.trace_id, content.span_id))
        attributes = document_of(content.body, ()).get("attributes") or {}
        if model is not None and (sign := fingerprint_in(attributes)):
            found.setdefault(model, Counter())[sign] += 1
    return found


def fingerprint_in(attributes: Mapping[str, Any]) -> str:
    """What a span's attributes say of the system that answered; '' where they say nothing."""
    sign = next((attributes[key] for key in SYSTEM_FINGERPRINTS if attributes.get(key)), "")
    return str(sign)[:100]
