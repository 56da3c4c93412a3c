"""REST of a project's limits and sampling: read with the scope read, changed with admin."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Scope
from accounts.rest import PROBLEM, PROJECT
from pricing.price import usd
from traces.api.score_definitions import DefinitionView
from traces.forms.limits import MOST_LISTED, MOST_WAIT_MINUTES
from traces.queries.limits import Limits, limits_of, used
from traces.queries.sampling import came_too_late, sampled_away
from traces.services.limits import change_limits
from traces.values.instants import iso, nanoseconds

_DAY = timedelta(days=1)


def _number(most: int, help_text: str) -> serializers.IntegerField:
    return serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=most, help_text=help_text
    )


def _list(help_text: str) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=200),
        required=False,
        max_length=MOST_LISTED,
        help_text=help_text,
    )


class LimitsBody(serializers.Serializer[Any]):
    """What a project sets; null is no limit of its own. A field that is not sent stays."""

    spans_per_second = _number(10_000_000, "Beyond it 503 with Retry-After.")
    burst_spans = _number(100_000_000, "Spans at once; null: ten seconds of the rate.")
    spans_per_day = _number(10**12, "Beyond it only errors, slow and scored traces stay.")
    keep_percent = serializers.DecimalField(
        required=False, min_value=0, max_value=100, max_digits=5, decimal_places=2,
        help_text="Share of traces that is kept, told by their ids.",
    )  # fmt: skip
    slow_ms = _number(10**12, "A trace that took longer is kept.")
    keep_features = _list("Traces of these features are kept.")
    keep_tags = _list("Traces with one of these tags are kept.")
    wait_minutes = serializers.IntegerField(
        required=False, min_value=0, max_value=MOST_WAIT_MINUTES,
        help_text="Minutes of quiet before a trace goes.",
    )  # fmt: skip

    def to_internal_value(self, data: Any) -> Any:
        """The checked values. Raises: ValidationError, naming each unknown field."""
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            known = ", ".join(self.fields)
            raise serializers.ValidationError(
                dict.fromkeys(unknown, f"No such field. There are: {known}.")
            )
        return super().to_internal_value(data)


class _SampledDocument(serializers.Serializer[Any]):
    since = serializers.DateTimeField()
    traces = serializers.IntegerField()
    spans = serializers.IntegerField()
    cost_usd = serializers.CharField(allow_null=True)
    scores_too_late = serializers.IntegerField()


class LimitsDocument(LimitsBody):
    """The limits, what is used of them, and what was sampled away within a day."""

    spans_per_second_in_force = serializers.IntegerField(allow_null=True)
    spans_per_day_in_force = serializers.IntegerField(allow_null=True)
    spans_today = serializers.IntegerField(help_text="Of the day in UTC.")
    over_quota_since = serializers.DateTimeField(allow_null=True)
    refused_last_hour = serializers.IntegerField(help_text="Requests answered 503 for the rate.")
    sampled_away = _SampledDocument()


class ProjectLimits(DefinitionView):
    """`/api/v1/limits`"""

    scope = {"GET": Scope.READ, "PATCH": Scope.ADMIN}
    known_parameters = frozenset({"project"})

    @extend_schema(
        operation_id="get_limits",
        summary="Limits, sampling and how the project stands",
        parameters=[PROJECT],
        responses={200: LimitsDocument},
    )
    def get(self, request: Request) -> Response:
        """What is set and what is used."""
        self.check_parameters(request)
        project_id, _ = self.place(request)
        return Response(_document(project_id, limits_of(project_id)))

    @extend_schema(
        operation_id="change_limits",
        summary="Change limits and sampling",
        parameters=[PROJECT],
        request=LimitsBody,
        responses={200: LimitsDocument, 400: PROBLEM},
    )
    def patch(self, request: Request) -> Response:
        """Change what is sent, and audit it."""
        self.check_parameters(request)
        project = self.opened(request)
        body = LimitsBody(data=request.data)
        body.is_valid(raise_exception=True)
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in body.validated_data.items()
        }
        change_limits(project, lambda stand: replace(stand, **given), actor=self.actor(request))
        return Response(_document(project.pk, limits_of(project.pk)))


def _document(project_id: int, limits: Limits) -> dict[str, Any]:
    stands = used(project_id, limits)
    since = timezone.now() - _DAY
    gone = sampled_away(project_id, since)
    over = stands.over_since
    return {
        **limits.told(),
        "spans_per_second_in_force": stands.per_second,
        "spans_per_day_in_force": stands.per_day,
        "spans_today": stands.day_spans,
        "over_quota_since": None if over is None else iso(nanoseconds(over)),
        "refused_last_hour": stands.refused,
        "sampled_away": {
            "since": iso(nanoseconds(gone.since)),
            "traces": gone.traces,
            "spans": gone.spans,
            "cost_usd": usd(gone.known_cost_nano),
            "scores_too_late": came_too_late(project_id, since),
        },
    }
