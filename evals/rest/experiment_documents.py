"""Experiments, their figures and results as the REST API gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from evals.models import EvaluatorVersion, Experiment, Judgement, Result
from evals.queries.dataset_items import HELD_OUT
from evals.queries.experiments import Figures, ScoreFigures
from evals.rest.pair_documents import ComparedDocument, WinsDocument, compared_document
from evals.values.plans import Estimate
from pricing.price import usd
from prompts.rest.documents import Document

_MONEY = "Decimal text in USD; null: unpriced or not known."


def _number(**parts: Any) -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, **parts)


def _count(**parts: Any) -> serializers.IntegerField:
    return serializers.IntegerField(allow_null=True, **parts)


def _money(**parts: Any) -> serializers.CharField:
    return serializers.CharField(allow_null=True, help_text=_MONEY, **parts)


class ProgressDocument(Document):
    """How far it is."""

    total = serializers.IntegerField(help_text="Items × repeats.")
    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    to_judge = serializers.IntegerField()
    judged = serializers.IntegerField()


class ScoreFiguresDocument(Document):
    """What the judgements under one name come to."""

    name = serializers.CharField()
    n = serializers.IntegerField(help_text="With a number.")
    mean = _number()
    pass_rate = _number(help_text="Of those that a bar decides.")
    passed = serializers.IntegerField()
    decided = serializers.IntegerField()
    undefined = serializers.IntegerField(help_text="Neither 0 nor 1: left out of the mean.")
    failed = serializers.IntegerField(help_text="Could not be judged.")
    cost_usd = _money()


class FiguresDocument(Document):
    """What the outputs took."""

    cost_usd = _money()
    unpriced = serializers.IntegerField()
    p50_ms = _number()
    p95_ms = _number()
    first_token_p95_ms = _number()
    input_tokens = _count()
    output_tokens = _count()
    refusal_rate = _number()
    scores = ScoreFiguresDocument(many=True)


class ExperimentDocument(Document):
    """An experiment."""

    number = serializers.IntegerField()
    id = serializers.CharField(help_text="As SDKs and scores (`run_id`) name it.")
    name = serializers.CharField()
    description = serializers.CharField()
    origin = serializers.ChoiceField(choices=Experiment.Origin.choices)
    purpose = serializers.ChoiceField(choices=Experiment.Purpose.choices)
    state = serializers.ChoiceField(choices=Experiment.State.choices)
    error = serializers.CharField(help_text="Why it ended so, or waits.")
    dataset = serializers.CharField(allow_null=True)
    dataset_version = _count()
    prompt = serializers.CharField(allow_null=True)
    prompt_version = _count()
    provider = serializers.CharField()
    model = serializers.CharField()
    parameters = serializers.DictField()
    feature = serializers.CharField()
    splits = serializers.ListField(child=serializers.CharField())
    slices = serializers.ListField(child=serializers.CharField())
    most_items = _count()
    repeats = serializers.IntegerField()
    concurrency = serializers.IntegerField()
    rate_per_minute = _count()
    cost_cap_usd = _money()
    baseline = _count(help_text="The run that pairwise evaluators compare with.")
    spent_usd = _money()
    progress = ProgressDocument()
    figures = FiguresDocument()
    author = serializers.CharField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    metadata = serializers.JSONField(allow_null=True)


class OneExperimentDocument(ExperimentDocument):
    """An experiment with its evaluators, and what pairwise ones came to."""

    evaluators = serializers.ListField(child=serializers.DictField())
    comparisons = WinsDocument(many=True)


class ExperimentPageDocument(Document):
    """A page of experiments, the newest first."""

    data_ = ExperimentDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class JudgementDocument(Document):
    """What was said of a result under one name."""

    name = serializers.CharField()
    evaluator_version = _count()
    state = serializers.ChoiceField(choices=Judgement.State.choices)
    value = _number(help_text="null where the state is done: undefined.")
    label_ = serializers.CharField(allow_null=True)
    passed = serializers.BooleanField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    error = serializers.CharField()
    compared_with = ComparedDocument(allow_null=True)
    cost_usd = _money()


class ResultDocument(Document):
    """One output. Of a held-out item that the reader may not open the content is null."""

    item = serializers.CharField()
    repeat = serializers.IntegerField()
    slice = serializers.CharField()
    cluster = serializers.CharField()
    closed = serializers.CharField(allow_null=True, help_text="Why the content is not shown.")
    state = serializers.ChoiceField(choices=Result.State.choices)
    input = serializers.JSONField(allow_null=True)
    expected = serializers.JSONField(allow_null=True)
    output = serializers.JSONField(allow_null=True)
    error = serializers.CharField(allow_null=True)
    trace_id = serializers.CharField(allow_null=True)
    span_id = serializers.CharField(allow_null=True)
    duration_ms = _number()
    first_token_ms = _number()
    cost_usd = _money()
    input_tokens = _count()
    output_tokens = _count()
    refusal = serializers.BooleanField(allow_null=True)
    metadata = serializers.JSONField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    scores = JudgementDocument(many=True)


class ResultPageDocument(Document):
    """A page of results in the order of the run."""

    data_ = ResultDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class PushedDocument(Document):
    """What was stored."""

    stored = serializers.IntegerField()
    trace_ids = serializers.DictField(
        child=serializers.CharField(), help_text="By item; the last repeat's."
    )
    experiment = ExperimentDocument()


class EstimateDocument(Document):
    """What a run will take."""

    items = serializers.IntegerField()
    calls = serializers.IntegerField()
    judgements = serializers.IntegerField()
    input_tokens = serializers.IntegerField()
    most_output_tokens = _count(help_text="null: nothing limits the answers.")
    input_usd = _money()
    most_usd = _money()
    judges_usd = _money()
    unpriced = serializers.CharField(help_text="Why the model has no price.")
    unanswerable = serializers.IntegerField(help_text="Items that do not fit the prompt.")
    problem = serializers.CharField()


def experiment_document(experiment: Experiment, figures: Figures) -> dict[str, Any]:
    """An experiment with its figures."""
    version = experiment.prompt_version
    return {
        "number": experiment.number,
        "id": experiment.external_id,
        "name": experiment.name,
        "description": experiment.description,
        "origin": experiment.origin,
        "purpose": experiment.purpose,
        "state": experiment.state,
        "error": experiment.error,
        "dataset": experiment.dataset.name if experiment.dataset else None,
        "dataset_version": experiment.dataset_version,
        "prompt": experiment.prompt.name if experiment.prompt else None,
        "prompt_version": version.number if version else None,
        "provider": experiment.provider,
        "model": experiment.model,
        "parameters": experiment.parameters,
        "feature": experiment.feature,
        "splits": experiment.splits or ["main"],
        "slices": experiment.slices,
        "most_items": experiment.most_items,
        "repeats": experiment.repeats,
        "concurrency": experiment.concurrency,
        "rate_per_minute": experiment.rate_per_minute,
        "cost_cap_usd": usd(experiment.cost_cap_nano),
        "baseline": experiment.baseline.number if experiment.baseline else None,
        "spent_usd": usd(experiment.spent_nano),
        "progress": {
            name: getattr(experiment, name)
            for name in ("total", "done", "failed", "to_judge", "judged")
        },
        "figures": figures_document(figures),
        "author": experiment.author_label,
        "created_at": experiment.created_at,
        "started_at": experiment.started_at,
        "finished_at": experiment.finished_at,
        "metadata": experiment.metadata,
    }


def evaluators_document(versions: Sequence[EvaluatorVersion]) -> list[dict[str, Any]]:
    """The versions that score it, the one that decides first."""
    return [
        {"name": one.evaluator.name, "kind": one.evaluator.kind, "version": one.number}
        for one in versions
    ]


def figures_document(figures: Figures) -> dict[str, Any]:
    """What the outputs took, times in milliseconds."""
    return {
        "cost_usd": usd(figures.cost_nano),
        "unpriced": figures.unpriced,
        "p50_ms": _milliseconds(figures.p50_us),
        "p95_ms": _milliseconds(figures.p95_us),
        "first_token_p95_ms": _milliseconds(figures.first_token_p95_us),
        "input_tokens": figures.input_tokens,
        "output_tokens": figures.output_tokens,
        "refusal_rate": figures.refusal_rate,
        "scores": [_score(one) for one in figures.scores],
    }


def result_document(
    result: Result, judgements: Sequence[Judgement], *, may_open: bool
) -> dict[str, Any]:
    """One output with what was said of it."""
    is_closed = result.is_held_out and not may_open
    item = result.revision
    content = {
        "input": result.input if item is None else item.input,
        "expected": result.expected if item is None else item.expected,
        "output": result.output,
        "error": result.error or None,
        "metadata": result.metadata,
    }
    return {
        "item": result.item_key,
        "repeat": result.repeat,
        "slice": result.slice,
        "cluster": result.cluster,
        "closed": HELD_OUT if is_closed else None,
        "state": result.state,
        **(dict.fromkeys(content) if is_closed else content),
        "trace_id": result.trace_id or None,
        "span_id": result.span_id or None,
        "duration_ms": _milliseconds(result.duration_us),
        "first_token_ms": _milliseconds(result.first_token_us),
        "cost_usd": usd(result.cost_nano),
        "input_tokens": result.input_tokens,
        "output_tokens": result.output_tokens,
        "refusal": result.is_refusal,
        "finished_at": result.finished_at,
        "scores": [_judgement(one, is_closed=is_closed) for one in judgements],
    }


def estimate_document(told: Estimate) -> dict[str, Any]:
    """What a run will take, money as text."""
    known = asdict(told)
    money = {f"{name}_usd": usd(known.pop(f"{name}_nano")) for name in ("input", "most", "judges")}
    return {**known, **money}


def _judgement(one: Judgement, *, is_closed: bool) -> dict[str, Any]:
    return {
        "name": one.name,
        "evaluator_version": one.version.number if one.version else None,
        "state": one.state,
        "value": one.num,
        "label": one.label,
        "passed": one.passed,
        "reason": None if is_closed else one.reason,
        "error": "" if is_closed else one.error,
        "compared_with": compared_document(one),
        "cost_usd": usd(one.cost_nano),
    }


def _score(one: ScoreFigures) -> dict[str, Any]:
    return {
        "name": one.name,
        "n": one.n,
        "mean": one.mean,
        "pass_rate": one.pass_rate,
        "passed": one.passed,
        "decided": one.decided,
        "undefined": one.undefined,
        "failed": one.failed,
        "cost_usd": usd(one.cost_nano),
    }


def _milliseconds(us: float | None) -> float | None:
    return None if us is None else us / 1000
