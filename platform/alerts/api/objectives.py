"""`/api/v1/alerts/objectives`: service objectives with their budgets and burn rates."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROJECT
from alerts.api.incidents import AlertsView
from alerts.burning import decide
from alerts.models import ObjectiveMinute
from alerts.queries.objectives import Standing, objectives_of, standings_of


class BurnSerializer(serializers.Serializer[Any]):
    """What one window holds."""

    window = serializers.CharField(help_text="5m, 30m, 1h, 6h or 3d")
    total = serializers.IntegerField()
    bad = serializers.IntegerField()
    burn_rate = serializers.FloatField(
        allow_null=True, help_text="1 spends the budget evenly over 30 days; null: nothing counted"
    )


class ErrorBudgetSerializer(serializers.Serializer[Any]):
    """What may miss in 30 days, and what of that is left."""

    total = serializers.IntegerField()
    bad = serializers.IntegerField()
    left_ratio = serializers.FloatField(
        allow_null=True, help_text="1 is all of it, below 0 it is overdrawn; null: unknown"
    )


class ObjectiveSerializer(serializers.Serializer[Any]):
    """One objective of a feature's approved target."""

    feature = serializers.CharField()
    name = serializers.ChoiceField(ObjectiveMinute.Name.choices)
    asked = serializers.CharField()
    allowed_ratio = serializers.FloatField(help_text="share that may miss, 0 to 1")
    budget = ErrorBudgetSerializer()
    windows = BurnSerializer(many=True)
    holding = serializers.ListField(
        child=serializers.ChoiceField(["fast", "slow", "long"]), help_text="rules that hold now"
    )


class ObjectivePageSerializer(serializers.Serializer[Any]):
    """All objectives of a project."""

    data = ObjectiveSerializer(many=True)  # type: ignore[assignment]  # a field
    next_cursor = serializers.CharField(allow_null=True)


class Objectives(AlertsView):
    """`/api/v1/alerts/objectives`"""

    @extend_schema(
        operation_id="list_objectives",
        parameters=[PROJECT],
        responses={200: ObjectivePageSerializer},
    )
    def get(self, request: Request) -> Response:
        """What the project's features ask of their traffic, and how fast their budgets go."""
        project = self.opened(request)
        rows = standings_of(project, objectives_of(project), timezone.now())
        return Response({"data": [_document(one) for one in rows], "next_cursor": None})


def _document(standing: Standing) -> dict[str, Any]:
    objective, budget = standing.objective, standing.budget
    return {
        "feature": objective.feature.name,
        "name": objective.name,
        "asked": objective.asked,
        "allowed_ratio": objective.allowed,
        "budget": {
            "total": budget.counted.total,
            "bad": budget.counted.bad,
            "left_ratio": _rounded(budget.left),
        },
        "windows": [
            {
                "window": _length(length),
                "total": counted.total,
                "bad": counted.bad,
                "burn_rate": _rounded(standing.burn(length)),
            }
            for length, counted in sorted(standing.windows.items())
        ],
        "holding": [rule.name for rule in decide(standing.windows, objective.allowed).holding],
    }


def _length(length: timedelta) -> str:
    for unit, name in ((timedelta(days=1), "d"), (timedelta(hours=1), "h")):
        if length >= unit:
            return f"{length // unit}{name}"
    return f"{length // timedelta(minutes=1)}m"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
