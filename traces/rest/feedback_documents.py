"""How scores, outcomes and definitions stand in the OpenAPI document; `feedback` makes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from traces.models import BarDirection, DataType, ScoreSource

Document = serializers.Serializer[Any]


def _text(**parts: Any) -> serializers.CharField:
    return serializers.CharField(allow_null=True, **parts)


class GivenDocument(Document):
    """The id of one; of a list `accepted` and `ids`."""

    id = serializers.CharField(required=False)
    accepted = serializers.IntegerField(required=False)
    ids = serializers.ListField(child=serializers.CharField(), required=False)


class _Feedback(Document):
    id = serializers.CharField()
    name = serializers.CharField()
    trace_id = _text()
    session_id = _text()
    comment = _text()
    metadata = serializers.DictField(allow_null=True)
    author = _text(help_text="E-mail address of a person, public key of a program.")
    at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ScoreDocument(_Feedback):
    """A score."""

    value = serializers.JSONField(help_text="Number, boolean, or the name of a category.")
    data_type = serializers.ChoiceField(choices=DataType.choices)
    source = serializers.ChoiceField(choices=ScoreSource.values)  # type: ignore[assignment]
    span_id = _text()
    run_id = _text()
    environment = _text()


class OutcomeDocument(_Feedback):
    """An outcome."""

    value = _text(help_text="Decimal text.")
    unit = _text()


class ScorePageDocument(Document):
    """A page of scores."""

    data = ScoreDocument(many=True)  # type: ignore[assignment]  # a field
    next_cursor = _text()


class OutcomePageDocument(Document):
    """A page of outcomes."""

    data = OutcomeDocument(many=True)  # type: ignore[assignment]
    next_cursor = _text()


class NewDefinition(Document):
    """What a definition is made of."""

    name = serializers.CharField(max_length=200)
    data_type = serializers.ChoiceField(choices=DataType.choices, default=DataType.NUMBER.value)
    description = serializers.CharField(required=False, allow_blank=True)
    minimum = serializers.FloatField(required=False, allow_null=True)
    maximum = serializers.FloatField(required=False, allow_null=True)
    categories = serializers.ListField(child=serializers.CharField(), required=False)
    bar = serializers.FloatField(
        required=False, allow_null=True, help_text="Of a number: what it must reach to pass."
    )
    bar_direction = serializers.ChoiceField(
        choices=BarDirection.choices,
        required=False,
        help_text="On which side of the bar it passes.",
    )
    passing = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Values that pass: true or false of a boolean, categories of a category.",
    )
    sources = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Who may give it; empty: anybody."
    )
    primary_for = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Features it is the primary of."
    )
    is_archived = serializers.BooleanField(required=False)


class ChangedDefinition(NewDefinition):
    """What a definition may change to; what is left out stays."""

    name = None  # type: ignore[assignment]
    data_type = serializers.ChoiceField(choices=DataType.choices, required=False)


class DefinitionDocument(NewDefinition):
    """A definition."""

    created_at = serializers.DateTimeField()


class DefinitionPageDocument(Document):
    """A page of definitions."""

    data = DefinitionDocument(many=True)  # type: ignore[assignment]
    next_cursor = _text()
