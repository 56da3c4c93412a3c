"""What a file is answered with, for the OpenAPI document."""

from __future__ import annotations

from rest_framework import serializers


class MediaUseDocument(serializers.Serializer[object]):
    """A place that shows a file."""

    trace_id = serializers.CharField()
    span_id = serializers.CharField(allow_null=True)
    field = serializers.ChoiceField(choices=["input", "output", "metadata"])


class MediaDocument(serializers.Serializer[object]):
    """A file that spans show."""

    id = serializers.CharField(help_text="First 22 characters of base64url of its SHA-256.")
    content_type = serializers.CharField(help_text="As it was sent.")
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField(help_text="Base64.")
    uploaded_at = serializers.DateTimeField()
    url = serializers.CharField(help_text="Its address among the pages.")
    uses = MediaUseDocument(many=True, help_text="At most 100.")
