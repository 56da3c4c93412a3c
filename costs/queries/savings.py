"""What savings advice stands on: spend of the roll-ups, scores of traces; and the advice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import QuerySet

from accounts.models import Project
from costs.models import SavingsAdvice, SavingsReading
from costs.saving.advice import Spend
from costs.saving.facts import Key
from traces.ingest.record import Kind
from traces.models import Score
from traces.models.feedback import BarDirection, DataType, ScoreDefinition
from traces.queries.score_figures import ScoreScope, score_days
from traces.queries.usage import Scope, span_figures
from traces.query.compiling import HIDDEN_ENVIRONMENT

MONTH = 30  # days
CHUNK = 1_000
MOST_TRACES = 20_000
# What a dear model is tried against where the feature has no cheaper one, as priced in 2026.
CHEAPER: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "openai": {
        "gpt-4o-mini": (), "gpt-4o": ("gpt-4o-mini",), "gpt-4.1-mini": (), "gpt-4.1-nano": (),
        "gpt-4.1": ("gpt-4.1-mini",), "gpt-5-mini": ("gpt-5-nano",), "gpt-5-nano": (),
        "gpt-5": ("gpt-5-mini",), "o3": ("o4-mini",), "o1": ("o4-mini",),
    },
    "anthropic": {
        "claude-haiku": (), "claude-opus": ("claude-sonnet-4-5", "claude-haiku-4-5"),
        "claude-sonnet": ("claude-haiku-4-5",), "claude-3-opus": ("claude-haiku-4-5",),
        "claude-3-7-sonnet": ("claude-haiku-4-5",), "claude-3-5-sonnet": ("claude-haiku-4-5",),
    },
    "gcp.gemini": {
        "gemini-2.5-pro": ("gemini-2.5-flash",), "gemini-1.5-pro": ("gemini-2.5-flash",),
    },
}  # fmt: skip


def advice_of(project: Project) -> QuerySet[SavingsAdvice]:
    """The advice of a project, the dearest first."""
    rows = SavingsAdvice.objects.filter(project=project).select_related("dismissed_by")
    return rows.order_by("-amount", "pk")


def reading_of(project: Project) -> SavingsReading | None:
    """How far the project's calls were read; None before the first look."""
    return SavingsReading.objects.filter(project=project).first()


def spend_of(project_id: int, until: date) -> dict[Key, Spend]:
    """What each feature, model and prompt spent in the thirty days before `until`.

    Of a project that is younger, what thirty such days would be. Evaluators are not in it.
    """
    high = datetime.combine(until, time.min, UTC)
    scope = Scope(project_id, high - timedelta(days=MONTH), high)
    days = {one.key[0] for one in span_figures(scope, ("day",), with_latencies=False) if one.calls}
    if not days:
        return {}
    known = min(MONTH, (until - min(days)).days)
    found = {}
    for one in span_figures(scope, ("feature", "model", "prompt_name"), with_latencies=False):
        if one.calls:
            found[Key(*one.key)] = Spend(
                one.cost_nano * MONTH // known, one.calls * MONTH // known,
                one.tokens_in * MONTH // known,
            )  # fmt: skip
    return found


def calls_by_day(project_id: int, since: date, until: date) -> dict[date, int]:
    """Calls of each day that generate; of days without any, nothing."""
    low, high = (datetime.combine(day, time.min, UTC) for day in (since, until))
    scope = Scope(project_id, low, high, equal={"kind": int(Kind.GENERATION)})
    rows = span_figures(scope, ("day",), with_latencies=False)
    return {one.key[0]: one.calls for one in rows if one.calls}


def scores_of(project_id: int, traces: Collection[str]) -> dict[str, dict[str, float]]:
    """Numbers and yes-or-no scores of traces by name, turned so that higher is better.

    Of several on one trace, their mean. At most 20,000 traces are looked at.
    """
    turned = set(
        ScoreDefinition.objects.filter(
            project_id=project_id, bar_direction=BarDirection.AT_MOST
        ).values_list("name", flat=True)
    )
    ids = list(dict.fromkeys(traces))[:MOST_TRACES]
    sums: dict[str, dict[str, list[float]]] = {}
    for place in range(0, len(ids), CHUNK):
        rows = Score.objects.filter(
            project_id=project_id, trace_id__in=ids[place : place + CHUNK], num__isnull=False,
            data_type__in=(DataType.NUMBER, DataType.BOOLEAN),
        )  # fmt: skip
        for trace, name, value in rows.values_list("trace_id", "name", "num"):
            if value is not None and abs(value) < 1e12:
                sign = -value if name in turned else value
                sums.setdefault(trace, {}).setdefault(name, []).append(sign)
    return {
        trace: {name: sum(values) / len(values) for name, values in named.items()}
        for trace, named in sums.items()
    }


def trials_of(
    project_id: int, feature: str, models: Collection[str], until: date
) -> dict[str, dict[str, tuple[float, int]]]:
    """What experiments of a feature scored by model in ninety days: (mean, number) by score."""
    turned = set(
        ScoreDefinition.objects.filter(
            project_id=project_id, bar_direction=BarDirection.AT_MOST
        ).values_list("name", flat=True)
    )
    found: dict[str, dict[str, tuple[float, int]]] = {}
    for model in models:
        scope = ScoreScope(
            project_id, until - timedelta(days=90), until, environment=HIDDEN_ENVIRONMENT,
            feature=feature, model=model,
        )  # fmt: skip
        sums: dict[str, list[float]] = {}
        for one in score_days(scope):
            if one.data_type in (DataType.NUMBER, DataType.BOOLEAN) and one.weight > 0:
                of = sums.setdefault(one.name, [0.0, 0.0, 0.0])
                of[0] += -one.total if one.name in turned else one.total
                of[1] += one.weight
                of[2] += one.n
        found[model] = {name: (of[0] / of[1], int(of[2])) for name, of in sums.items()}
    return found


def cheaper_than(provider: str, model: str) -> tuple[str, ...]:
    """Models that are worth asking instead; () where none is known."""
    named = CHEAPER.get(provider, {})
    longest = max((one for one in named if model.startswith(one)), key=len, default="")
    return named.get(longest, ())
