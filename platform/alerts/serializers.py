"""Shapes of the REST of alerts: what may be sent, what is answered."""

from __future__ import annotations

import math
from typing import Any

from rest_framework import serializers

from alerts.models import Channel, ChannelKind, Delivery, Incident, IncidentStep, Severity, State
from alerts.models import Origin as OriginChoice
from alerts.values import Evidence, Fact
from kit.rest_lists import ListParameters

HEALTH = ["ok", "failing", "off", "unused"]


class FactSerializer(serializers.Serializer[Any]):
    """A line of evidence."""

    text = serializers.CharField(max_length=300)
    value = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    href = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")

    def validate_href(self, href: str) -> str:
        """A path of ours or an address of the web: nothing that runs."""
        if href and not href.startswith(("/", "https://", "http://")):
            raise serializers.ValidationError("Give a path of ours, or an https address.")
        return href


class EvidenceSerializer(serializers.Serializer[Any]):
    """What the incident stands on."""

    facts = FactSerializer(many=True, required=False, default=list)
    points = serializers.ListField(
        child=serializers.FloatField(allow_null=True), required=False, default=list,
        help_text="The figure's course up to now; null where there was none.",
    )  # fmt: skip
    bar = serializers.FloatField(required=False, allow_null=True, default=None)
    trace_ids = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, default=list
    )
    excerpts = serializers.ListField(
        child=serializers.CharField(max_length=10_000), required=False, default=list,
        help_text="Content: leaves in messages only where the project allows it.",
    )  # fmt: skip

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Figures that JSON can hold."""
        figures = [*given["points"], given["bar"]]
        if any(one is not None and not math.isfinite(one) for one in figures):
            raise serializers.ValidationError("Points and bar are finite numbers.")
        return given


class NewIncidentSerializer(serializers.Serializer[Any]):
    """What is wrong. A cause that is open already gets no second incident."""

    cause = serializers.CharField(max_length=200, help_text="By which a second one is told.")
    sentence = serializers.CharField(max_length=500, help_text="Leaves the house: no content.")
    severity = serializers.ChoiceField(Severity.choices, required=False, default=Severity.TICKET)
    feature = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="Its name."
    )
    origin = serializers.ChoiceField(
        OriginChoice.choices, required=False, default=OriginChoice.UNKNOWN
    )
    evidence = EvidenceSerializer(required=False)

    def wanted(self) -> dict[str, Any]:
        """Arguments of the service."""
        given = dict(self.validated_data)
        said = given.pop("evidence", None)
        if said is not None:
            facts = [Fact(**one) for one in said.pop("facts")]
            given["evidence"] = Evidence(facts=facts, **said)
        return given


class NoteSerializer(serializers.Serializer[Any]):
    """What is said of the act."""

    text = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class SnoozeSerializer(NoteSerializer):
    """Until when nothing is heard of it."""

    until = serializers.DateTimeField(help_text="Within the next 30 days.")


class AssignSerializer(serializers.Serializer[Any]):
    """Whose it is."""

    owner = serializers.EmailField(help_text="Address of a member of the project.")


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    """An incident as it stands."""

    owner = serializers.EmailField(source="owner.email", default=None)
    url = serializers.CharField(source="page_path")
    folded_into = serializers.IntegerField(source="lead_id", allow_null=True)

    class Meta:
        model = Incident
        fields: tuple[str, ...] = (
            "id", "cause", "feature", "sentence", "severity", "state", "origin", "owner",
            "evidence", "runbook_url", "folded_into", "opened_at", "seen_at", "times_seen",
            "acknowledged_at", "snoozed_until", "held_until", "escalate_at", "resolved_at",
            "url",
        )  # fmt: skip
        read_only_fields = fields


class StepSerializer(serializers.ModelSerializer[IncidentStep]):
    """An act on it."""

    by = serializers.CharField(source="by_label")

    class Meta:
        model = IncidentStep
        fields = ("number", "kind", "at", "by", "text")
        read_only_fields = fields


class WholeIncidentSerializer(IncidentSerializer):
    """An incident with its timeline, the newest step first."""

    steps = StepSerializer(many=True)

    class Meta(IncidentSerializer.Meta):
        fields = (*IncidentSerializer.Meta.fields, "steps")
        read_only_fields = fields


class IncidentListSerializer(ListParameters):
    """Which incidents."""

    state = serializers.ChoiceField(
        [*State.choices, ("unresolved", "Not resolved")], required=False, default=""
    )
    feature = serializers.CharField(max_length=200, required=False, default="")


class IncidentPageSerializer(serializers.Serializer[Any]):
    """A page of incidents."""

    data = IncidentSerializer(many=True)  # type: ignore[assignment]  # a field
    next_cursor = serializers.CharField(allow_null=True)


class NewChannelSerializer(serializers.Serializer[Any]):
    """What a channel is made of: each kind takes what it needs."""

    kind = serializers.ChoiceField(ChannelKind.choices)
    name = serializers.CharField(max_length=100)
    addresses = serializers.ListField(
        child=serializers.CharField(max_length=254), required=False, default=list,
        help_text="Of a channel by email.",
    )  # fmt: skip
    url = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="",
        help_text="Slack's incoming webhook, PagerDuty's events address, or your server.",
    )  # fmt: skip
    key = serializers.CharField(
        max_length=64, required=False, allow_blank=True, default="",
        help_text="PagerDuty's routing key.",
    )  # fmt: skip
    least_severity = serializers.ChoiceField(
        Severity.choices, required=False, default=Severity.TICKET
    )


class ChangedChannelSerializer(serializers.Serializer[Any]):
    """What may change; what is left out stays."""

    name = serializers.CharField(max_length=100, required=False)
    addresses = serializers.ListField(child=serializers.CharField(max_length=254), required=False)
    url = serializers.CharField(max_length=500, required=False)
    key = serializers.CharField(max_length=64, required=False)
    least_severity = serializers.ChoiceField(Severity.choices, required=False)
    is_enabled = serializers.BooleanField(required=False)


class ChannelSerializer(serializers.ModelSerializer[Channel]):
    """A channel, without its secret."""

    health = serializers.ChoiceField(choices=HEALTH)

    class Meta:
        model = Channel
        fields: tuple[str, ...] = (
            "id", "kind", "name", "target", "least_severity", "is_enabled", "health",
            "failing_since", "failures", "last_at", "last_status", "last_error", "created_at",
        )  # fmt: skip
        read_only_fields = fields

    target = serializers.CharField(help_text="Where it leads, as far as that may be shown.")


class MadeChannelSerializer(ChannelSerializer):
    """A channel that was just made; the only answer that holds a webhook's secret."""

    secret = serializers.CharField(allow_blank=True)

    class Meta(ChannelSerializer.Meta):
        fields = (*ChannelSerializer.Meta.fields, "secret")
        read_only_fields = fields


class ChannelPageSerializer(serializers.Serializer[Any]):
    """A page of channels."""

    data = ChannelSerializer(many=True)  # type: ignore[assignment]  # a field
    next_cursor = serializers.CharField(allow_null=True)


class AlertDeliverySerializer(serializers.ModelSerializer[Delivery]):
    """A message on its way to a channel."""

    incident = serializers.IntegerField(source="incident_id", allow_null=True)
    step = serializers.CharField(source="step.kind", default=None, allow_null=True)
    next_try_at = serializers.DateTimeField(source="due_at", allow_null=True)

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = (
            "id", "incident", "step", "state", "tries", "created_at", "last_at", "last_status",
            "last_error", "last_duration_ms", "response_start", "next_try_at",
        )  # fmt: skip
        read_only_fields = fields


class AlertDeliveryPageSerializer(serializers.Serializer[Any]):
    """A page of messages."""

    data = AlertDeliverySerializer(many=True)  # type: ignore[assignment]  # a field
    next_cursor = serializers.CharField(allow_null=True)
