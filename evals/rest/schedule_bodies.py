"""What is sent of schedules over REST."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from evals.queries.planning import MOST_CONCURRENCY
from evals.rest.experiment_bodies import EvaluatorChoice, PromptChoice
from evals.services.schedules import MOST_ANSWERS, MOST_JITTER, MOST_LATE_MINUTES, MOST_RETRIES
from prompts.rest.bodies import Body, number, text


def _weekdays(**parts: Any) -> serializers.ListField:
    child = serializers.IntegerField(min_value=0, max_value=6)
    return serializers.ListField(child=child, max_length=7, help_text="0 is Monday.", **parts)


class NewScheduleBody(Body):
    """A schedule to make. `prompt` pins a version or names the label that is followed."""

    name = serializers.CharField(max_length=200)
    description = text(max_length=20_000)
    feature = text(max_length=200)
    dataset = serializers.CharField(max_length=255)
    dataset_version = number(required=False)
    prompt = PromptChoice()
    provider = text(max_length=80)
    model = text(max_length=200)
    parameters = serializers.DictField(required=False, default=dict)
    evaluators = EvaluatorChoice(many=True, allow_empty=False, help_text="The first is watched.")
    concurrency = serializers.IntegerField(
        required=False, default=8, min_value=1, max_value=MOST_CONCURRENCY
    )
    cost_cap_usd = serializers.DecimalField(
        required=False, max_digits=14, decimal_places=9, min_value=Decimal(0)
    )
    month_cap_usd = serializers.DecimalField(
        required=False, max_digits=14, decimal_places=9, min_value=Decimal("0.000000001"),
        help_text="Of all that it runs in a month; a run that would go beyond it is missed.",
    )  # fmt: skip
    retries = serializers.IntegerField(
        required=False, default=2, min_value=0, max_value=MOST_RETRIES
    )
    judge_answers = serializers.IntegerField(
        required=False, default=40, min_value=0, max_value=MOST_ANSWERS,
        help_text="Stored answers that a judge marks again in each run: 30 to 50, or 0.",
    )  # fmt: skip
    hour = serializers.IntegerField(min_value=0, max_value=23)
    minute = serializers.IntegerField(required=False, default=0, min_value=0, max_value=59)
    zone = serializers.CharField(required=False, default="UTC", max_length=64)
    weekdays = _weekdays(required=False, default=lambda: list(range(7)))
    jitter_minutes = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=MOST_JITTER
    )
    late_minutes = serializers.IntegerField(
        required=False, default=360, min_value=5, max_value=MOST_LATE_MINUTES
    )
    canary = serializers.BooleanField(required=False, default=False)


class ChangeScheduleBody(Body):
    """What is changed; what is left out stays. The set itself is never changed."""

    paused = serializers.BooleanField(required=False)
    hour = serializers.IntegerField(required=False, min_value=0, max_value=23)
    minute = serializers.IntegerField(required=False, min_value=0, max_value=59)
    zone = serializers.CharField(required=False, max_length=64)
    weekdays = _weekdays(required=False)
    month_cap_usd = serializers.DecimalField(
        required=False, max_digits=14, decimal_places=9, min_value=Decimal("0.000000001"),
        allow_null=True,
    )  # fmt: skip


class CloseAlarmBody(Body):
    """How an alarm is closed: repaired keeps the reference, the new normal makes another."""

    note = text(max_length=5_000)

    def get_fields(self) -> dict[str, Any]:
        """With `as`, a name that Python has taken."""
        choices = ["repaired", "new_normal"]
        return {"as": serializers.ChoiceField(choices=choices), **super().get_fields()}
