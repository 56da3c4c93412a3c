"""How traces and spans stand in the OpenAPI document. The values are made by `representation`."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from traces.ingest.record import KIND_NAMES, LEVEL_NAMES
from traces.queries.criteria import STATUSES

Document = serializers.Serializer[Any]


def _text(**parts: Any) -> serializers.CharField:
    return serializers.CharField(allow_null=True, **parts)


class TokenTotals(Document):
    """Tokens of all calls whose usage is known."""

    input_total = serializers.IntegerField()
    output_total = serializers.IntegerField()
    total = serializers.IntegerField()


class PromptUsed(Document):
    """A prompt that a span named."""

    name = serializers.CharField()
    version = _text(help_text="A number where the version is one.")


class TraceDocument(Document):
    """The totals of a trace."""

    trace_id = serializers.CharField()
    name = _text()
    start = serializers.IntegerField(help_text="Unix nanoseconds, exact to the microsecond.")
    end = serializers.IntegerField()
    start_time = serializers.DateTimeField()
    end_time = serializers.DateTimeField()
    duration_ms = serializers.FloatField()
    status = serializers.ChoiceField(
        choices=STATUSES, help_text="recovered: a span failed, and the root ended without an error."
    )
    span_count = serializers.IntegerField()
    error_count = serializers.IntegerField()
    open_count = serializers.IntegerField(help_text="Spans without an end.")
    call_count = serializers.IntegerField(help_text="Calls of a model.")
    tokens = TokenTotals(allow_null=True, help_text="null: no call said.")
    unmetered_calls = serializers.IntegerField()
    cost_usd = _text(
        help_text="Decimal text, without evaluators; null where nothing could be priced, never 0."
    )
    evaluator_cost_usd = serializers.CharField(
        help_text="What evaluators cost, beside the trace's own cost and never in it."
    )
    unpriced_calls = serializers.IntegerField()
    models = serializers.ListField(child=serializers.CharField())
    kinds = serializers.ListField(child=serializers.CharField())
    tags = serializers.ListField(child=serializers.CharField())
    prompts = PromptUsed(many=True)
    user_id = _text()
    session_id = _text()
    environment = _text()
    release = _text()
    feature = _text()
    root_span_id = _text()
    input_preview = _text()
    output_preview = _text()
    settled = serializers.BooleanField(
        help_text="False for some seconds after a write: calls told twice may still count twice."
    )
    url = serializers.CharField(help_text="Address of its page.")


class SampledDocument(Document):
    """What was sampled away of traces in the asked time, whatever else was asked."""

    since = serializers.DateTimeField(allow_null=True, help_text="A whole hour; null: ever.")
    traces = serializers.IntegerField()
    spans = serializers.IntegerField()
    cost_usd = serializers.CharField(allow_null=True)


class TracePageDocument(Document):
    """A page of traces, newest first."""

    data = TraceDocument(many=True)  # type: ignore[assignment]
    next_cursor = _text()
    searched_back_to = serializers.DateTimeField(
        allow_null=True, help_text="Set where the search ran out of time; the cursor goes on."
    )
    too_wide = serializers.BooleanField(
        help_text="The search was stopped after 5 s; `data` is what was found so far."
    )
    sampled_away = SampledDocument()


class Tokens(Document):
    """Disjoint token classes and their two totals. All are 0 or more once the usage is known."""

    input_total = serializers.IntegerField()
    input_uncached = serializers.IntegerField()
    input_cached = serializers.IntegerField()
    input_cache_write = serializers.IntegerField()
    input_audio = serializers.IntegerField()
    output_total = serializers.IntegerField()
    output_text = serializers.IntegerField()
    output_reasoning = serializers.IntegerField()
    output_audio = serializers.IntegerField()


class ToolRun(Document):
    """The tool a span ran."""

    name = _text()
    call_id = _text()


class SpanDocument(Document):
    """A span as its row knows it (`content=0`): times are whole microseconds."""

    start = serializers.IntegerField(help_text="Unix nanoseconds.")
    end = serializers.IntegerField(allow_null=True, help_text="null: still running.")
    start_time = serializers.DateTimeField()
    end_time = serializers.DateTimeField(allow_null=True)
    duration_ms = serializers.FloatField(allow_null=True)
    time_to_first_token_ms = serializers.FloatField(allow_null=True)
    trace_id = serializers.CharField()
    span_id = serializers.CharField()
    parent_span_id = _text()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=list(KIND_NAMES.values()))
    model = _text(help_text="The model that answered.")
    model_requested = _text()
    provider = _text()
    tokens = Tokens(allow_null=True, help_text="null: unknown, or a repeat of descendants' usage.")
    cost_usd = _text(help_text="Decimal text; null: unpriced.")
    cost_source = serializers.ChoiceField(choices=["given", "table", "project"], allow_null=True)
    level = serializers.ChoiceField(choices=list(LEVEL_NAMES.values()))
    status_message = _text()
    error_type = _text()
    user_id = _text()
    session_id = _text()
    prompt_name = _text()
    prompt_version = _text(help_text="A number where the version is one.")
    environment = _text()
    release = _text()
    feature = _text()
    input_preview = _text()
    output_preview = _text()


class WholeSpanDocument(SpanDocument):
    """A span with its content; times are the nanoseconds that were sent."""

    scope = _text(help_text="Name of the instrumentation scope.")
    scope_version = _text()
    scope_attributes = serializers.DictField()
    dialect = _text(help_text="Whose attribute names were read.")
    aggregated_tokens_not_counted = serializers.BooleanField(
        help_text="The usage sent repeats that of descendants and is in no total."
    )
    usage = serializers.DictField(allow_null=True, help_text="The usage record as it was sent.")
    cost_given = serializers.DictField(allow_null=True, help_text="USD, as it was sent.")
    operation_name = _text()
    response_id = _text()
    finish_reasons = serializers.ListField(child=serializers.CharField(), allow_null=True)
    params = serializers.DictField(allow_null=True)
    tool_definitions = serializers.JSONField(allow_null=True)
    system_instructions = serializers.JSONField(allow_null=True)
    input = serializers.JSONField(
        allow_null=True, help_text="Messages `[{role, parts}]` where it is a chat."
    )
    output = serializers.JSONField(allow_null=True)
    has_input = serializers.BooleanField()
    has_output = serializers.BooleanField()
    input_text = _text(help_text="As the sender spelled it.")
    output_text = _text()
    tags = serializers.ListField(child=serializers.CharField(), allow_null=True)
    metadata = serializers.JSONField(allow_null=True)
    version = _text()
    user_segment = _text()
    index_name = _text()
    index_version = _text()
    route = _text(help_text="By which route a gateway found the model.")
    documents = serializers.ListField(child=serializers.DictField(), allow_null=True)
    tool = ToolRun(allow_null=True)
    tool_calls_requested = serializers.ListField(child=serializers.CharField(), allow_null=True)
    attributes = serializers.DictField(help_text="Raw, untouched but for the limits.")
    events = serializers.ListField(child=serializers.DictField())
    links = serializers.ListField(child=serializers.DictField())
    resource = serializers.DictField()
    cuts = serializers.ListField(
        child=serializers.DictField(), help_text="What was cut, `{where, limit, was}`."
    )
    not_counted = serializers.DictField(
        allow_null=True,
        help_text="Why its usage is in no total, and which span counts: {reason, counted_span_id}.",
    )
    sent_start = serializers.IntegerField(
        allow_null=True, help_text="The start as sent, where it lay outside of the kept time."
    )


class SpanListDocument(Document):
    """All spans of a trace by start."""

    data = WholeSpanDocument(many=True)  # type: ignore[assignment]
    next_cursor = _text(help_text="Always null: the whole trace is one answer.")


class AcceptedDocument(Document):
    """What was taken of a native request."""

    accepted = serializers.IntegerField()
    trace_ids = serializers.ListField(child=serializers.CharField())
    rejected = serializers.IntegerField(required=False)
    errors = serializers.CharField(required=False)  # type: ignore[assignment]
    warning = serializers.CharField(required=False)


class OtlpAnswer(Document):
    """OTLP's ExportTraceServiceResponse in JSON."""

    partialSuccess = serializers.DictField(required=False)
