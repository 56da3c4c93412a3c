"""Shapes of the REST of unit costs."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from costs.models import GoodEnd
from costs.queries.months import DIMENSIONS
from traces.models import ScoreSource


class UnitsParameters(serializers.Serializer[Any]):
    """Whose unit costs, and of when."""

    by = serializers.ChoiceField(sorted(DIMENSIONS), required=False, default="feature")
    days = serializers.ChoiceField(
        [7, 28, 90], required=False, default=28, help_text="Whole UTC days, with today."
    )
    feature = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


class UnitSerializer(serializers.Serializer[Any]):
    """What one costs, with its 95 % range; null is unknown, and `why` says why."""

    usd = serializers.CharField(allow_null=True)
    low_usd = serializers.CharField(allow_null=True)
    high_usd = serializers.CharField(allow_null=True)
    number = serializers.IntegerField(help_text="Of how many.")
    estimated = serializers.BooleanField(help_text="The number is worked out from a part.")
    why = serializers.CharField(allow_blank=True)


class UnitRowSerializer(serializers.Serializer[Any]):
    """One feature, model or version of a prompt."""

    name = serializers.CharField(allow_blank=True)
    key = serializers.ListField(child=serializers.CharField(allow_blank=True))
    cost_usd = serializers.CharField()
    evaluators_usd = serializers.CharField(help_text="Judges on traffic, apart.")
    requests = serializers.IntegerField()
    unpriced_requests = serializers.IntegerField()
    per_request = UnitSerializer()
    per_trace = UnitSerializer()
    per_session = UnitSerializer()
    per_good_end = UnitSerializer()
    good_end = serializers.CharField(allow_null=True)
    ends_known = serializers.IntegerField()
    share_of_ends_known = serializers.FloatField(allow_null=True)
    compared_with = serializers.CharField(allow_null=True)
    change = serializers.FloatField(allow_null=True)
    change_low = serializers.FloatField(allow_null=True)
    change_high = serializers.FloatField(allow_null=True)
    more_than_noise = serializers.BooleanField(allow_null=True)


class UnitsSerializer(serializers.Serializer[Any]):
    """All rows, the dearest first."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    whole = UnitRowSerializer()
    experiments_usd = serializers.CharField()
    traces_looked_at = serializers.IntegerField()
    traces = serializers.IntegerField()
    all_looked_at = serializers.BooleanField()
    data = UnitRowSerializer(many=True)  # type: ignore[assignment]
    next_cursor = serializers.CharField(allow_null=True)


class GoodEndSerializer(serializers.Serializer[Any]):
    """What counts as a good end, of a feature or ('') of all without a choice of their own."""

    feature = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    kind = serializers.ChoiceField(GoodEnd.Kind.choices)
    name = serializers.CharField(max_length=200)
    test = serializers.ChoiceField(
        GoodEnd.Test.choices, required=False, allow_blank=True, default=""
    )
    value = serializers.CharField(required=False, allow_blank=True, default="", max_length=40)
    bar = serializers.FloatField(required=False, allow_null=True, default=None)
    source = serializers.ChoiceField(  # type: ignore[assignment]
        ScoreSource.choices, required=False, allow_blank=True, default=""
    )


class GoodEndsSerializer(serializers.Serializer[Any]):
    """All choices of a project."""

    data = GoodEndSerializer(many=True)  # type: ignore[assignment]
    next_cursor = serializers.CharField(allow_null=True)


class DroppedParameters(serializers.Serializer[Any]):
    """Whose choice is dropped."""

    feature = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
