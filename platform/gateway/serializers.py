"""Connections to providers as JSON. The key goes in and never comes out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from gateway.models import LONGEST_MODEL, LONGEST_NAME, Kind, Provider
from gateway.terms import LONGEST_KEY, LONGEST_TRACED_AS, MOST_MODELS, Terms


class ChangedProviderSerializer(serializers.Serializer[Any]):
    """What may change of a connection; what is left out stays."""

    name = serializers.CharField(max_length=LONGEST_NAME, required=False)
    base_url = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        help_text="Empty: the provider's own address. Plain http only in your own network. "
        "With another address the key must be sent anew.",
    )
    api_version = serializers.CharField(
        max_length=40,
        required=False,
        allow_blank=True,
        help_text="Of Azure alone; empty: its API v1.",
    )
    traced_as = serializers.CharField(
        max_length=LONGEST_TRACED_AS,
        required=False,
        allow_blank=True,
        help_text="What spans call the provider, on which prices hang; empty: told from the "
        "address.",
    )
    models = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_MODEL),
        required=False,
        max_length=MOST_MODELS,
        help_text="Names to call; of Azure those of deployments.",
    )
    asks_models = serializers.BooleanField(
        required=False, help_text="Take the models that the provider says it has, at each test."
    )
    is_enabled = serializers.BooleanField(required=False)
    is_default = serializers.BooleanField(
        required=False, help_text="Only true: calls that name no provider go here."
    )
    key = serializers.CharField(
        max_length=LONGEST_KEY,
        required=False,
        allow_blank=True,
        write_only=True,
        help_text="Encrypted at rest; no answer ever holds it.",
    )

    def validate_is_default(self, value: bool) -> bool:
        """Another one becomes the default; none stops being it by itself."""
        if not value:
            raise serializers.ValidationError("Make another provider the default instead.")
        return value

    def to_internal_value(self, data: Any) -> Any:
        """The values. Raises: ValidationError, also for a name that is not one of these."""
        values = super().to_internal_value(data)
        if other := sorted(set(data) - set(self.fields)):
            raise serializers.ValidationError(dict.fromkeys(other, "There is no such field."))
        return values

    def terms(self, provider: Provider | None = None) -> Terms:
        """What was sent, over what `provider` says."""
        given = self.validated_data
        known = provider or Provider()
        return Terms(
            kind=Kind(given.get("kind", known.kind)),
            name=given.get("name", known.name),
            base_url=given.get("base_url", known.base_url),
            api_version=given.get("api_version", known.api_version),
            traced_as=given.get("traced_as", known.traced_as),
            model_names=given.get("models", known.model_names),
            asks_models=given.get("asks_models", known.asks_models),
            is_enabled=given.get("is_enabled", known.is_enabled),
        )


class NewProviderSerializer(ChangedProviderSerializer):
    """A connection to be made."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    name = serializers.CharField(max_length=LONGEST_NAME)


class ProviderSerializer(serializers.ModelSerializer[Provider]):
    """A connection, without its key."""

    models = serializers.ListField(source="model_names", child=serializers.CharField())
    has_key = serializers.SerializerMethodField(help_text="Whether a key is stored.")
    created_by = serializers.EmailField(source="created_by.email", default=None)
    changed_by = serializers.EmailField(source="changed_by.email", default=None)

    class Meta:
        model = Provider
        fields: tuple[str, ...] = (
            "id",
            "kind",
            "name",
            "base_url",
            "api_version",
            "traced_as",
            "models",
            "asks_models",
            "models_asked_at",
            "is_default",
            "is_enabled",
            "has_key",
            "key_hint",
            "key_set_at",
            "tested_at",
            "test_passed",
            "test_said",
            "created_by",
            "created_at",
            "changed_by",
            "changed_at",
        )
        read_only_fields = fields

    def get_has_key(self, provider: Provider) -> bool:
        """Whether a key is stored."""
        return bool(provider.key_sealed)


class ProviderPageSerializer(serializers.Serializer[Any]):
    """A page of connections."""

    data = ProviderSerializer(many=True)  # type: ignore[assignment]  # a field
    next_cursor = serializers.CharField(allow_null=True)


class TestedSerializer(serializers.Serializer[Any]):
    """What came of a test."""

    passed = serializers.BooleanField()
    said = serializers.CharField(help_text="What the provider answered, or why it did not.")
    trace_id = serializers.CharField(
        allow_blank=True, help_text="The trace of the call, where a model was asked; else empty."
    )
    provider = ProviderSerializer()
