"""Shapes of the REST of anomalies and planned events."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from costs.models import Anomaly, PlannedEvent
from costs.pages.anomaly import sentence_of
from kit.rest_lists import ListParameters
from pricing.price import usd

GRAINS = ("hourly", "daily")
_LONGEST = 200


class AnomalyParameters(ListParameters):
    """Which anomalies."""

    state = serializers.ChoiceField(Anomaly.State.choices, required=False)
    grain = serializers.ChoiceField(GRAINS, required=False)
    feature = serializers.CharField(
        required=False, allow_blank=True, max_length=_LONGEST,
        help_text="Of that feature; empty: of the whole project.",
    )  # fmt: skip
    since = serializers.DateTimeField(required=False, help_text="Began at or after this instant.")


class CauseSerializer(serializers.Serializer[Any]):
    """Who spent what is over."""

    feature = serializers.CharField(allow_blank=True)
    model = serializers.CharField(allow_blank=True)
    prompt = serializers.CharField(allow_blank=True)
    version = serializers.CharField(allow_blank=True)
    excess_usd = serializers.CharField()
    share = serializers.FloatField(help_text="Of what is over.")
    is_new = serializers.BooleanField(help_text="Was not there in the weeks before.")


class AnomalySerializer(serializers.Serializer[Any]):
    """Spend that nobody expected. Amounts are dollars as decimal text."""

    id = serializers.IntegerField()
    feature = serializers.CharField(allow_blank=True, help_text="Empty: the whole project.")
    kind = serializers.ChoiceField(Anomaly.Kind.choices)
    state = serializers.ChoiceField(Anomaly.State.choices)
    grain = serializers.ChoiceField(GRAINS)
    sentence = serializers.CharField()
    since = serializers.DateTimeField()
    last_at = serializers.DateTimeField(help_text="The end of the last hour or day of it.")
    found_at = serializers.DateTimeField()
    excess_usd = serializers.CharField(help_text="Over what was expected; below it is negative.")
    expected_usd = serializers.CharField()
    acknowledged_by = serializers.CharField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class WholeAnomalySerializer(AnomalySerializer):
    """One anomaly with its causes."""

    causes = CauseSerializer(many=True)
    factors_usd = serializers.DictField(
        child=serializers.CharField(), help_text="By what it grew: volume, tokens, price."
    )
    figures = serializers.DictField(help_text="What was used then and before.")


class AnomalyPageSerializer(serializers.Serializer[Any]):
    """A page of anomalies."""

    data = AnomalySerializer(many=True)  # type: ignore[assignment]  # a field
    next_cursor = serializers.CharField(allow_null=True)


class NewEventSerializer(serializers.Serializer[Any]):
    """A launch or a holiday of which other spend is to be expected."""

    note = serializers.CharField(max_length=_LONGEST)
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    feature = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=_LONGEST
    )
    holiday = serializers.BooleanField(
        required=False, default=False, help_text="Nothing alerts; else it takes twice as much."
    )


class PlannedEventSerializer(NewEventSerializer):
    """A planned event."""

    id = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class PlannedEventPageSerializer(serializers.Serializer[Any]):
    """A page of planned events."""

    data = PlannedEventSerializer(many=True)  # type: ignore[assignment]  # a field
    next_cursor = serializers.CharField(allow_null=True)


def anomaly_document(one: Anomaly) -> dict[str, Any]:
    """One anomaly without its causes."""
    who = one.acknowledged_by
    return {
        "id": one.pk,
        "feature": one.feature,
        "kind": one.kind,
        "state": one.state,
        "grain": one.grain,
        "sentence": sentence_of(one),
        "since": one.since,
        "last_at": one.last_at,
        "found_at": one.found_at,
        "excess_usd": usd(one.excess),
        "expected_usd": usd(one.expected),
        "acknowledged_by": None if who is None else who.email,
        "acknowledged_at": one.acknowledged_at,
        "closed_at": one.closed_at,
    }


def whole_document(one: Anomaly) -> dict[str, Any]:
    """One anomaly with causes, factors and figures."""
    causes = [
        {
            **{name: cause.get(name, "") for name in ("feature", "model", "prompt", "version")},
            "excess_usd": usd(int(cause["excess"])),
            "share": cause["share"],
            "is_new": bool(cause.get("is_new")),
        }
        for cause in one.causes
    ]
    factors = {name: usd(int(amount)) for name, amount in one.factors.items()}
    return {
        **anomaly_document(one), "causes": causes, "factors_usd": factors, "figures": one.figures,
    }  # fmt: skip


def event_document(one: PlannedEvent) -> dict[str, Any]:
    """One planned event."""
    return {
        "id": one.pk, "note": one.note, "since": one.since, "until": one.until,
        "feature": one.feature, "holiday": one.is_holiday, "created_at": one.created_at,
    }  # fmt: skip
