"""Shapes of the REST of advice on savings."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from costs.models import SavingsAdvice


class SavingsSerializer(serializers.Serializer[Any]):
    """A piece of advice; amounts are decimal text in USD a month."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=SavingsAdvice.Kind.choices)
    state = serializers.ChoiceField(choices=SavingsAdvice.State.choices)
    feature = serializers.CharField()
    model = serializers.CharField()
    prompt = serializers.CharField()
    cheaper_model = serializers.CharField()
    amount_usd = serializers.CharField()
    low_usd = serializers.CharField()
    high_usd = serializers.CharField()
    known = serializers.BooleanField()
    evidence = serializers.ListField(child=serializers.CharField())
    assumptions = serializers.ListField(child=serializers.CharField())
    traces = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField()
    found_at = serializers.DateTimeField()


class SavingsPageSerializer(serializers.Serializer[Any]):
    """Advice, and what of it holds together: amounts overlap and do not add up."""

    data = SavingsSerializer(many=True)  # type: ignore[assignment]
    next_cursor = serializers.CharField(allow_null=True)
    together_usd = serializers.CharField(allow_null=True)
    month_usd = serializers.CharField(allow_null=True)
    read_until = serializers.DateField(allow_null=True)


class DismissSerializer(serializers.Serializer[Any]):
    """Why it is not followed."""

    reason = serializers.CharField(max_length=500)
