"""Shapes of the REST of webhooks: what may be sent, what is answered."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kit.outbound import BadAddress, check_url
from kit.rest_lists import ListParameters
from notices.events import EVERY, Wish, all_events
from notices.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

HEALTH = ["ok", "failing", "off", "unused"]


class NewWebhookSerializer(serializers.Serializer[Any]):
    """What a webhook is made of; in a change, what is left out stays."""

    url = serializers.CharField(max_length=500)
    events = serializers.ListField(
        child=serializers.CharField(max_length=100),
        allow_empty=False,
        help_text='Names of events, or ["*"] for every one, those of later versions too.',
    )
    description = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default=""
    )

    def validate_url(self, url: str) -> str:
        """An address that may be spoken to, as far as can be told without asking for names."""
        try:
            return check_url(url)
        except BadAddress as bad:
            raise serializers.ValidationError(str(bad)) from None

    def validate_events(self, chosen: list[str]) -> list[str]:
        """Events that exist."""
        known = {event.name for event in all_events()} | {EVERY}
        if unknown := sorted(set(chosen) - known):
            raise serializers.ValidationError(f"There is no event {unknown[0]!r}.")
        return chosen


class ChangedWebhookSerializer(NewWebhookSerializer):
    """What may change; what is left out stays."""

    is_enabled = serializers.BooleanField(required=False)


class WebhookSerializer(serializers.ModelSerializer[WebhookEndpoint]):
    """A webhook, without its secret."""

    health = serializers.ChoiceField(choices=HEALTH)
    created_by = serializers.EmailField(source="created_by.email", default=None)
    last_status = serializers.IntegerField(
        allow_null=True, help_text="null where no answer came, or nothing was sent."
    )

    class Meta:
        model = WebhookEndpoint
        fields: tuple[str, ...] = (
            "id",
            "url",
            "description",
            "events",
            "is_enabled",
            "off_reason",
            "health",
            "failing_since",
            "failures",
            "last_at",
            "last_status",
            "last_error",
            "former_until",
            "created_by",
            "created_at",
        )
        read_only_fields = fields


class MadeWebhookSerializer(WebhookSerializer):
    """A webhook with a secret that was just made; the only answers that hold one."""

    secret = serializers.CharField()

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")
        read_only_fields = fields


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    """A message on its way to a webhook."""

    message_id = serializers.CharField(source="message.uid")
    type = serializers.CharField(source="message.type")
    next_try_at = serializers.DateTimeField(source="due_at", allow_null=True)
    response_start = serializers.CharField(
        allow_null=True, help_text="What the last answer began with."
    )

    class Meta:
        model = WebhookDelivery
        fields: tuple[str, ...] = (
            "id",
            "message_id",
            "type",
            "state",
            "is_test",
            "created_at",
            "attempts",
            "last_at",
            "last_status",
            "last_error",
            "last_duration_ms",
            "response_start",
            "next_try_at",
        )
        read_only_fields = fields


class AttemptSerializer(serializers.ModelSerializer[WebhookAttempt]):
    """One request and what came back."""

    class Meta:
        model = WebhookAttempt
        fields = ("at", "status", "duration_ms", "error", "response_start")
        read_only_fields = fields


class WholeDeliverySerializer(DeliverySerializer):
    """A delivery with its payload and every attempt."""

    payload = serializers.JSONField(help_text="As it was written when it happened.")
    log = AttemptSerializer(many=True)

    class Meta(DeliverySerializer.Meta):
        fields = (*DeliverySerializer.Meta.fields, "payload", "log")
        read_only_fields = fields


class EventSerializer(serializers.Serializer[Any]):
    """An event that a webhook can be told of."""

    name = serializers.CharField()
    text = serializers.CharField()
    data = serializers.DictField(  # type: ignore[assignment]  # a field
        child=serializers.CharField(), help_text="Fields of the payload and what they are."
    )
    default = serializers.ChoiceField(
        choices=Wish.choices,
        allow_null=True,
        help_text="What a person gets who chose nothing; null: it is not for persons.",
    )


class ReplayFailedSerializer(serializers.Serializer[Any]):
    """How far back what failed is sent again."""

    since = serializers.DateTimeField(help_text="Failed deliveries of what happened since then.")


class ReplayedSerializer(serializers.Serializer[Any]):
    """How many deliveries are sent again."""

    replayed = serializers.IntegerField()


class WebhookPageSerializer(serializers.Serializer[Any]):
    """A page of webhooks."""

    data = WebhookSerializer(many=True)  # type: ignore[assignment]  # a field
    next_cursor = serializers.CharField(allow_null=True)


class DeliveryPageSerializer(serializers.Serializer[Any]):
    """A page of deliveries."""

    data = DeliverySerializer(many=True)  # type: ignore[assignment]
    next_cursor = serializers.CharField(allow_null=True)


class EventPageSerializer(serializers.Serializer[Any]):
    """All events."""

    data = EventSerializer(many=True)  # type: ignore[assignment]
    next_cursor = serializers.CharField(allow_null=True)


class DeliveryListSerializer(ListParameters):
    """Which deliveries."""

    state = serializers.ChoiceField(
        choices=WebhookDelivery.State.choices, required=False, default=""
    )
    since = serializers.DateTimeField(
        required=False, default=None, help_text="Of what happened since then."
    )
