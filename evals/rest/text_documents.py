"""Text watches, their days and drifts over REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from evals.models import TextDay, TextDrift, TextWatch
from evals.queries.texts import day_text
from prompts.rest.documents import Document


class TextWatchDocument(Document):
    """What a feature's inputs and outputs are about, day by day."""

    id = serializers.IntegerField()
    feature = serializers.CharField()
    inputs = serializers.BooleanField()
    outputs = serializers.BooleanField()
    method = serializers.CharField(help_text="pieces, provider or local.")
    provider = serializers.CharField()
    model = serializers.CharField()
    runs_gates = serializers.BooleanField()
    enabled = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class TextDayDocument(Document):
    """One side on one day (UTC)."""

    id = serializers.IntegerField()
    day = serializers.CharField(help_text="As 2026-11-12.")
    side = serializers.CharField(help_text="input or output.")
    state = serializers.CharField(help_text="due, done, short (too few texts) or failed.")
    said = serializers.CharField(help_text="same, once, drift, still, too few texts; or empty.")
    p = serializers.FloatField(allow_null=True)
    distance = serializers.FloatField(allow_null=True, help_text="Of the mean vectors, 0 to 2.")
    share = serializers.FloatField(allow_null=True, help_text="Neighbours of the same side.")
    expected = serializers.FloatField(allow_null=True, help_text="The same by chance.")
    texts = serializers.IntegerField(help_text="Of the window.")
    reference_texts = serializers.IntegerField()
    made_by = serializers.CharField(help_text="How vectors were made.")
    examples = serializers.ListField(child=serializers.CharField(), help_text="Trace ids.")
    cost_nano = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()


class TextDriftDocument(Document):
    """Texts differed on two successive days."""

    id = serializers.IntegerField()
    watch = serializers.IntegerField()
    feature = serializers.CharField()
    side = serializers.CharField()
    since = serializers.CharField()
    state = serializers.CharField(help_text="open, closed or dismissed.")
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()
    day_ = TextDayDocument()


class TextWatchPageDocument(Document):
    """A page of watches."""

    data_ = TextWatchDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class TextDayPageDocument(Document):
    """A page of days."""

    data_ = TextDayDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class TextDriftPageDocument(Document):
    """A page of drifts."""

    data_ = TextDriftDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


def watch_document(watch: TextWatch) -> dict[str, Any]:
    """A watch."""
    return {
        "id": watch.pk, "feature": watch.feature, "inputs": watch.inputs,
        "outputs": watch.outputs, "method": watch.method, "provider": watch.provider,
        "model": watch.model, "runs_gates": watch.runs_gates, "enabled": watch.is_enabled,
        "created_at": watch.created_at,
    }  # fmt: skip


def day_document(day: TextDay) -> dict[str, Any]:
    """A day."""
    return {
        "id": day.pk, "day": day_text(day.day), "side": day.side, "state": day.state,
        "said": day.said, "p": day.p, "distance": day.distance, "share": day.share,
        "expected": day.expected, "texts": day.n, "reference_texts": day.reference_n,
        "made_by": day.way, "examples": list(day.examples), "cost_nano": day.cost_nano,
        "error": day.error,
    }  # fmt: skip


def drift_document(drift: TextDrift) -> dict[str, Any]:
    """A drift."""
    return {
        "id": drift.pk, "watch": drift.watch_id, "feature": drift.watch.feature,
        "side": drift.side, "since": day_text(drift.since), "state": drift.state,
        "opened_at": drift.opened_at, "closed_at": drift.closed_at, "note": drift.note,
        "day": day_document(drift.day),
    }  # fmt: skip
