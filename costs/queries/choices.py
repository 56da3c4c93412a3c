"""Names that a budget may be of, as suggestions."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.models import Project
from features.queries import features_of
from traces.queries.usage import Scope, span_figures

RECENT = timedelta(days=30)
MOST = 50


def values_of(project: Project) -> list[str]:
    """Features that are registered or seen, and models seen in thirty days."""
    now = timezone.now()
    scope = Scope(project.pk, now - RECENT, now)
    names = {feature.name for feature in features_of(project)}
    for by in ("feature", "model"):
        found = span_figures(scope, (by,), with_latencies=False)
        names |= {str(one.key[0]) for one in found if one.key[0]}
    return sorted(names)[: 2 * MOST]
