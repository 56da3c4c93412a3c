"""Tokens of an experiment's calls by item, for plans of what its feature will cost."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from django.db.models import Case, Q, When

from accounts.models import Project
from costs.economy.planning import Item, Tokens
from costs.queries.measured import Finished, Measured, Source
from evals.models import Experiment, Result
from traces.ingest.record import TOKEN_CLASSES
from traces.models import Span

MOST_CHOICES = 50
MOST_RESULTS = 2_000
MOST_ITEMS = 500
MOST_CALLS = 5_000  # of them all; beyond, items are left out
MARGIN = timedelta(days=1)  # around its times: the clock of who pushed it may be another


def finished(project: Project) -> list[Finished]:
    """The newest that are done; those that a schedule ran leave room for the others."""
    rows = Experiment.objects.filter(project=project, state=Experiment.State.DONE)
    is_of_schedule = Q(purpose=Experiment.Purpose.SCHEDULE)
    found = rows.alias(late=Case(When(is_of_schedule, then=1), default=0)).order_by(
        "late", "-number"
    )[:MOST_CHOICES]
    return [
        Finished(one.number, f"#{one.number} {one.name}", one.model, one.provider)
        for one in sorted(found, key=lambda one: -one.number)
    ]


def measured(project: Project, number: int) -> Measured | None:
    """The tokens of its targets' calls, judges left out; None where it is not there or not done."""
    experiment = Experiment.objects.filter(
        project=project, number=number, state=Experiment.State.DONE
    ).first()
    if experiment is None:
        return None
    results = list(
        experiment.results.filter(state=Result.State.DONE).order_by("place", "repeat")[
            :MOST_RESULTS
        ]
    )
    calls = _calls(experiment, [one.trace_id for one in results if one.trace_id])
    items: dict[str, list[list[Tokens]]] = {}
    left_out = kept = 0
    for one in results:
        told = calls.get(one.trace_id, []) or _own(one)
        is_much = kept + len(told) > MOST_CALLS
        is_much = is_much or (one.item_key not in items and len(items) >= MOST_ITEMS)
        if not told or is_much:
            left_out += 1
        else:
            kept += len(told)
            items.setdefault(one.item_key, []).append(told)
    label = f"experiment #{experiment.number} {experiment.name}"
    return Measured(
        label,
        [Item(len(uses), [call for use in uses for call in use]) for uses in items.values()],
        left_out,
    )


def _calls(experiment: Experiment, traces: list[str]) -> dict[str, list[Tokens]]:
    found: dict[str, list[Tokens]] = defaultdict(list)
    spans = Span.objects.filter(
        project_id=experiment.project_id,
        trace_id__in=traces,
        counts=True,
        start_time__gte=(experiment.started_at or experiment.created_at) - MARGIN,
        start_time__lt=(experiment.finished_at or experiment.created_at) + MARGIN,
    ).exclude(evaluates=True)
    for trace_id, *tokens in spans.values_list("trace_id", *TOKEN_CLASSES):
        if any(number is not None for number in tokens):
            a, b, c, d, e, f, g = (number or 0 for number in tokens)
            found[trace_id].append((a, b, c, d, e, f, g))
    return found


def _own(result: Result) -> list[Tokens]:
    """What a runner said of the result itself."""
    if result.input_tokens is None and result.output_tokens is None:
        return []
    return [(result.input_tokens or 0, 0, 0, 0, result.output_tokens or 0, 0, 0)]


SOURCE = Source(finished, measured, "evals:experiment")
