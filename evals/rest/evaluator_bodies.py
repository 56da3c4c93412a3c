"""What is asked of evaluators over REST, and what is sent to change them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from evals.evaluating.settings import Terms
from evals.evaluating.subject import Document, ToolUse
from evals.models import EvaluatorKind
from prompts.rest.bodies import Body, number, text
from prompts.rest.parameters import PageParameters
from traces.models import BarDirection, DataType

MOST_LISTED = 1_000


class EvaluatorParameters(PageParameters):
    """Which evaluators."""

    kind = serializers.ChoiceField(choices=EvaluatorKind.choices, required=False)
    search = serializers.CharField(required=False, allow_blank=True, default="")
    archived = serializers.BooleanField(
        required=False, default=False, help_text="true: those that were archived."
    )


class TermsBody(Body):
    """How a version scores. What is left out is that of its check."""

    config = serializers.JSONField(
        required=False, default=dict, help_text="Settings of the kind: see evaluator-kinds."
    )
    data_type = serializers.ChoiceField(choices=DataType.choices, required=False)
    minimum = serializers.FloatField(required=False, allow_null=True)
    maximum = serializers.FloatField(required=False, allow_null=True)
    categories = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, max_length=100
    )
    values = serializers.ListField(
        child=serializers.FloatField(), required=False, max_length=100,
        help_text="A number for each category.",
    )  # fmt: skip
    bar = serializers.FloatField(required=False, allow_null=True)
    bar_direction = serializers.ChoiceField(choices=BarDirection.choices, required=False)
    provider = text(max_length=80)
    model = text(max_length=200)
    parameters = serializers.JSONField(required=False, default=dict)
    message = text(max_length=500, help_text="What the version changes.")


class NewEvaluatorBody(TermsBody):
    """An evaluator to make, with its first version."""

    name = serializers.CharField(max_length=1000, trim_whitespace=False)
    kind = serializers.ChoiceField(choices=EvaluatorKind.choices, required=False)
    description = text(max_length=2_000)
    template = text(
        max_length=50, help_text="A judge's template: kind, scale and rubric are taken from it."
    )


class DescribeEvaluatorBody(Body):
    """What is said about an evaluator; how it scores stays."""

    description = serializers.CharField(
        required=False, allow_blank=True, max_length=2_000, trim_whitespace=False
    )
    owner = serializers.EmailField(
        required=False, allow_null=True, help_text="Of a member; null: nobody."
    )
    archived = serializers.BooleanField(required=False, help_text="false: bring it back.")


class ProposeBody(Body):
    """Why a version is to be used."""

    reason = text(max_length=5_000)


class DecideBody(Body):
    """What is said with a decision; a rejection needs it."""

    note = text(max_length=5_000)


class DocumentBody(Body):
    """A document that was retrieved."""

    id = text(max_length=1_000)
    text = text()
    score = serializers.FloatField(required=False, allow_null=True, default=None)


class ToolBody(Body):
    """A tool that was called."""

    name = serializers.CharField(max_length=1_000)
    arguments = serializers.JSONField(required=False, allow_null=True, default=None)
    result = serializers.JSONField(required=False, allow_null=True, default=None)
    failed = serializers.BooleanField(required=False, default=False)


class SubjectBody(Body):
    """One answer; a trace's where `trace_id` is given, of which what is said here counts more."""

    trace_id = text(max_length=400)
    span_id = text(max_length=400)
    input = serializers.JSONField(required=False, allow_null=True)
    output = serializers.JSONField(required=False, allow_null=True)
    expected = serializers.JSONField(required=False, allow_null=True)
    characteristics = serializers.ListField(
        child=serializers.CharField(max_length=10_000), required=False, max_length=MOST_LISTED
    )
    metadata = serializers.DictField(required=False)
    documents = serializers.ListField(child=DocumentBody(), required=False, max_length=MOST_LISTED)
    tools = serializers.ListField(child=ToolBody(), required=False, max_length=MOST_LISTED)
    steps = serializers.IntegerField(required=False, min_value=0, max_value=2**31)
    duration_ms = serializers.FloatField(required=False, min_value=0)
    first_token_ms = serializers.FloatField(required=False, min_value=0)
    cost_nano = serializers.IntegerField(required=False, min_value=0, max_value=2**53)
    output_tokens = serializers.IntegerField(required=False, min_value=0, max_value=2**31)


class TryBody(SubjectBody):
    """An answer to try a version on."""

    version = number(required=False, help_text="That in use when left out; drafts may be tried.")
    other = SubjectBody(required=False, help_text="The other answer of a pair.")


def terms_from(given: dict[str, Any]) -> Terms:
    """What the service takes, of a valid body."""
    config, parameters = given.get("config"), given.get("parameters")
    return Terms(
        config=config if config is not None else {},
        data_type=given.get("data_type") or "",
        minimum=given.get("minimum"),
        maximum=given.get("maximum"),
        categories=tuple(given.get("categories") or ()),
        values=tuple(given.get("values") or ()),
        bar=given.get("bar"),
        bar_direction=given.get("bar_direction") or "",
        provider=given.get("provider", ""),
        model=given.get("model", ""),
        parameters=parameters if parameters is not None else {},
    )


def subject_from(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of a subject that a body says."""
    plain = (
        "input", "output", "expected", "metadata", "steps", "duration_ms", "first_token_ms",
        "cost_nano", "output_tokens",
    )  # fmt: skip
    told = {name: given[name] for name in plain if name in given}
    if "characteristics" in given:
        told["characteristics"] = tuple(given["characteristics"])
    if "documents" in given:
        told["documents"] = tuple(
            Document(one["id"], one["text"], one["score"]) for one in given["documents"]
        )
    if "tools" in given:
        told["tools"] = tuple(
            ToolUse(one["name"], one["arguments"], one["result"], one["failed"])
            for one in given["tools"]
        )
    return told
