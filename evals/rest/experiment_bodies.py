"""What is asked of experiments over REST, and what is sent to run or to push one."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from evals.models import Experiment, Split
from evals.queries.planning import MOST_CONCURRENCY, MOST_REPEATS
from evals.services.pushing import MOST_AT_A_TIME
from evals.values.pushed import PushedResult, PushedScore
from prompts.rest.bodies import MOST_NUMBER, Body, number, text
from prompts.rest.parameters import PageParameters
from traces.models import ScoreSource

NANO = 10**9
MOST_US = 2**62


class ExperimentParameters(PageParameters):
    """Which experiments."""

    dataset = serializers.CharField(required=False, allow_blank=True, default="")
    prompt = serializers.CharField(required=False, allow_blank=True, default="")
    search = serializers.CharField(required=False, allow_blank=True, default="")
    state = serializers.ChoiceField(
        choices=Experiment.State.choices, required=False, default="", allow_blank=True
    )
    purpose = serializers.ChoiceField(
        choices=Experiment.Purpose.choices, required=False, default="", allow_blank=True
    )


class ResultParameters(PageParameters):
    """Which results of an experiment."""

    state = serializers.CharField(required=False, allow_blank=True, default="")
    slice = serializers.CharField(required=False, allow_blank=True, default=None)
    item = serializers.CharField(required=False, allow_blank=True, default="")


class _Renamed(Body):
    """A body with fields whose names the base has taken: they have `_` behind them here."""

    def get_fields(self) -> dict[str, Any]:
        """The fields by the names that are sent."""
        return {name.removesuffix("_"): field for name, field in super().get_fields().items()}


class EvaluatorChoice(Body):
    """An evaluator, at a version or at the one in use."""

    name = serializers.CharField(max_length=200)
    version = number(required=False)


class PromptChoice(_Renamed):
    """A version of a prompt: by its number, or where a label points (`production`)."""

    name = serializers.CharField(max_length=255)
    version = number(required=False)
    label_ = serializers.CharField(required=False, max_length=100)


class _Experiment(Body):
    """What both kinds of experiments say."""

    name = text(max_length=255)
    description = text(max_length=20_000)
    dataset_version = number(required=False)
    model = text(max_length=200)
    parameters = serializers.DictField(required=False, default=dict)
    feature = text(max_length=200)
    evaluators = EvaluatorChoice(many=True, required=False, default=list)
    baseline = number(
        required=False, allow_null=True,
        help_text="Number of the run whose answers pairwise evaluators compare with; "
        "without it they compare with what is expected.",
    )  # fmt: skip
    metadata = serializers.JSONField(required=False, allow_null=True, default=None)


class NewExperimentBody(_Experiment):
    """An experiment to run here."""

    dataset = serializers.CharField(max_length=255)
    prompt = PromptChoice()
    provider = text(max_length=80, help_text="A connection's name; empty: one with the model.")
    splits = serializers.ListField(
        child=serializers.ChoiceField(choices=Split.choices), required=False, default=list
    )
    slices = serializers.ListField(
        child=serializers.CharField(max_length=100, allow_blank=True), required=False, default=list
    )
    most_items = number(required=False, help_text="So many, the same ones each time.")
    repeats = serializers.IntegerField(
        required=False, default=1, min_value=1, max_value=MOST_REPEATS
    )
    concurrency = serializers.IntegerField(
        required=False, default=8, min_value=1, max_value=MOST_CONCURRENCY
    )
    rate_per_minute = number(required=False)
    cost_cap_usd = serializers.DecimalField(
        required=False, max_digits=14, decimal_places=9, min_value=Decimal(0),
        help_text="Of target and judges; the call that might cross it is not made.",
    )  # fmt: skip
    allow_unpriced = serializers.BooleanField(required=False, default=False)


class NewPushedBody(_Experiment):
    """An experiment whose results you push. The same `id` again is the same experiment."""

    origin = serializers.ChoiceField(choices=["pushed"])
    id = serializers.CharField(required=False, max_length=200)
    dataset = text(max_length=255, help_text="Empty: your items are no dataset here.")
    prompt = PromptChoice(required=False)


class ScoreBody(_Renamed):
    """A score of a result by its name: a number, a boolean or the name of a category."""

    name = serializers.CharField(max_length=200)
    value = serializers.JSONField()
    reason = text(max_length=10_000)
    passed = serializers.BooleanField(
        required=False, allow_null=True, default=None,
        help_text="null: the bar of the score's definition says.",
    )  # fmt: skip
    source_ = serializers.ChoiceField(
        choices=ScoreSource.choices, required=False, default=ScoreSource.CODE.value
    )

    def validate_value(self, value: Any) -> Any:
        """Raises: ValidationError."""
        if isinstance(value, bool | int | float | str):
            return value
        raise serializers.ValidationError("A number, a boolean, or the name of a category.")


class ResultBody(Body):
    """One output. What is left out is unknown."""

    item = serializers.CharField(max_length=255, trim_whitespace=False)
    repeat = serializers.IntegerField(
        required=False, default=1, min_value=1, max_value=MOST_REPEATS
    )
    input = serializers.JSONField(required=False, allow_null=True, default=None)
    expected = serializers.JSONField(required=False, allow_null=True, default=None)
    output = serializers.JSONField(required=False, allow_null=True, default=None)
    error = text(max_length=10_000)
    trace_id = text(max_length=128)
    span_id = text(max_length=128)
    started_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    duration_ms = serializers.FloatField(
        required=False, allow_null=True, default=None, min_value=0, max_value=10**12
    )
    first_token_ms = serializers.FloatField(
        required=False, allow_null=True, default=None, min_value=0, max_value=10**12
    )
    cost_usd = serializers.DecimalField(
        required=False, allow_null=True, default=None, max_digits=18, decimal_places=9,
        min_value=Decimal(0),
    )  # fmt: skip
    input_tokens = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=MOST_NUMBER
    )
    output_tokens = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=MOST_NUMBER
    )
    refusal = serializers.BooleanField(required=False, allow_null=True, default=None)
    slice = text(max_length=100)
    cluster = text(max_length=200)
    metadata = serializers.JSONField(required=False, allow_null=True, default=None)
    scores = ScoreBody(many=True, required=False, default=list)


class PushBody(Body):
    """Results to store. The later one of an item and repeat wins, with its scores."""

    results = ResultBody(many=True, allow_empty=False)
    finish = serializers.BooleanField(
        required=False, default=False, help_text="These are the last ones."
    )

    def validate_results(self, results: list[Any]) -> list[Any]:
        """Raises: ValidationError."""
        if len(results) > MOST_AT_A_TIME:
            raise serializers.ValidationError(f"At most {MOST_AT_A_TIME:,} at a time.")
        return results


class RetryBody(Body):
    """What failed is run again, and what was left undone."""

    cost_cap_usd = serializers.DecimalField(
        required=False, allow_null=True, default=None, max_digits=14, decimal_places=9,
        min_value=Decimal(0),
    )  # fmt: skip


def nano(amount: Decimal | None) -> int | None:
    """Nano-dollars of a checked amount."""
    return None if amount is None else int(amount * NANO)


def pushed_of(given: Mapping[str, Any]) -> PushedResult:
    """What the service takes, of a valid body."""
    return PushedResult(
        item=given["item"],
        repeat=given["repeat"],
        input=given["input"],
        expected=given["expected"],
        output=given["output"],
        error=given["error"],
        trace_id=given["trace_id"],
        span_id=given["span_id"],
        started_at=given["started_at"],
        duration_us=_microseconds(given["duration_ms"]),
        first_token_us=_microseconds(given["first_token_ms"]),
        cost_nano=nano(given["cost_usd"]),
        input_tokens=given["input_tokens"],
        output_tokens=given["output_tokens"],
        is_refusal=given["refusal"],
        slice=given["slice"],
        cluster=given["cluster"],
        metadata=given["metadata"],
        scores=[PushedScore(**score) for score in given["scores"]],
    )


def _microseconds(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else round(milliseconds * 1000)
