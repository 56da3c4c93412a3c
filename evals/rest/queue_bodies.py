"""What is sent about review queues, and which part of a list is asked for."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from evals.models import QueueItem
from evals.services.queues import MOST_AT_ONCE, MOST_FIELDS, MOST_PEOPLE
from kit.rest_lists import ListParameters
from prompts.rest.bodies import Body, text
from traces.models import DataType


class ItemParameters(ListParameters):
    """Which answers of a queue."""

    state = serializers.ChoiceField(choices=QueueItem.State.choices, required=False)


class LabelParameters(ListParameters):
    """Which labels."""

    name = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=200, help_text="Of this score."
    )

    def validate_name(self, name: str) -> str:
        """A name without a NUL. Raises: ValidationError."""
        if "\0" in name:
            raise serializers.ValidationError("Holds a NUL.")
        return name


class FieldBody(Body):
    """A score that is asked for."""

    name = serializers.CharField(max_length=200)
    data_type = serializers.ChoiceField(choices=DataType.choices, default=DataType.NUMBER)
    categories = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, max_length=50
    )
    minimum = serializers.FloatField(required=False, allow_null=True)
    maximum = serializers.FloatField(required=False, allow_null=True)
    description = text(max_length=1_000)


class QueueBody(Body):
    """A queue to be made."""

    name = serializers.CharField(max_length=200)
    description = text(max_length=20_000)
    instructions = text(max_length=20_000)
    evaluator = text(max_length=200, help_text="Name of the evaluator that it calibrates.")
    fields_ = serializers.ListField(
        child=FieldBody(), required=False, max_length=MOST_FIELDS, source="asked",
        help_text="Scores beside that of the evaluator.",
    )  # fmt: skip
    people_each = serializers.IntegerField(
        required=False, default=1, min_value=1, max_value=MOST_PEOPLE
    )
    blind = serializers.BooleanField(required=False, default=True)

    def get_fields(self) -> dict[str, Any]:
        """`fields` is a word of the framework's own, so the field stands under another name."""
        found = dict(super().get_fields())
        found["fields"] = found.pop("fields_")
        return found


class AddBody(Body):
    """Answers to be added: traces by their ids, or picked for a reason."""

    traces = serializers.ListField(
        child=serializers.CharField(max_length=128), required=False, max_length=MOST_AT_ONCE
    )
    reason = serializers.ChoiceField(choices=QueueItem.Reason.choices, required=False)
    evaluator = text(max_length=200, help_text="By whose scores is picked; the queue's own else.")
    experiment = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=2**31 - 1,
        help_text="Number of the experiment whose outputs are picked from.",
    )  # fmt: skip
    most = serializers.IntegerField(required=False, default=50, min_value=1, max_value=MOST_AT_ONCE)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """One of the two. Raises: ValidationError."""
        if bool(given.get("traces")) == bool(given.get("reason")):
            raise serializers.ValidationError("Send traces, or a reason for which to pick.")
        if any("\0" in one for one in given.get("traces", ())):
            raise serializers.ValidationError({"traces": "An id holds a NUL."})
        return given


class OneLabelBody(Body):
    """What a person says in one field."""

    name = serializers.CharField(max_length=200)
    value = serializers.JSONField(help_text="A number, true or false, or a category.")
    reason = text(max_length=10_000)

    def validate_value(self, value: Any) -> Any:
        """A number, a boolean or a text. Raises: ValidationError."""
        if not isinstance(value, bool | int | float | str) or value == "":
            raise serializers.ValidationError("A number, true or false, or a category.")
        return value


class LabelsBody(Body):
    """What a person says of the answer that is theirs now."""

    labels = serializers.ListField(child=OneLabelBody(), min_length=1, max_length=MOST_FIELDS)
    seconds = serializers.FloatField(required=False, allow_null=True, min_value=0)
