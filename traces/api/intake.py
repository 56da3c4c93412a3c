"""The intake addresses in the OpenAPI document; `traces.ingest.door` answers before Django."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import Scope
from traces.ingest.door.adapter import take
from traces.ingest.wire.native_schema import NativeSpan, NativeTrace
from traces.rest import documents

PROBLEM = OpenApiResponse(description="A problem document (RFC 9457).")
BUSY = OpenApiResponse(description="Busy: nothing was stored. Send the same again in a second.")
EXAMPLE = OpenApiExample(
    "One call of a model",
    value={
        "name": "answer",
        "user_id": "u_48213",
        "spans": [
            {
                "name": "chat",
                "kind": "generation",
                "model": "gpt-4o-mini",
                "start_time": "2026-11-20T14:02:11.104Z",
                "end_time": "2026-11-20T14:02:12.377Z",
                "input": [{"role": "user", "content": "Where is my order?"}],
                "output": "On its way.",
                "tokens": {"input_total": 46, "output_total": 9},
            }
        ],
    },
    request_only=True,
)


class RawParser(BaseParser):
    """Leaves the body to the pipeline."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """Nothing: intake reads the body itself."""
        return {}


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """JSON Schema with its references put in place; none of ours refers to itself."""
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if reference := schema.get("$ref"):
        return _inlined(definitions[reference.rpartition("/")[2]], definitions)
    return {key: _inlined(value, definitions) for key, value in schema.items()}


def native_schema() -> dict[str, Any]:
    """The schema of a native body, from the structures that check it."""
    _, definitions = msgspec.json.schema_components([NativeTrace, NativeSpan])
    trace, span = (
        _inlined(definitions[name], definitions) for name in ("NativeTrace", "NativeSpan")
    )
    below = {"type": "array", "items": {**span, "title": "Span"}, "default": []}
    trace["properties"]["spans"] = below
    return {"oneOf": [trace, {"type": "array", "items": trace, "title": "Traces"}]}


post_native = extend_schema(
    operation_id="send_traces",
    summary="Send traces as plain JSON",
    description="One trace or a list; spans nested (`spans`, `children`) or flat "
    "(`parent_span_id`). Answers once everything is committed.",
    request={"application/json": native_schema()},
    examples=[EXAMPLE],
    responses={200: documents.AcceptedDocument, 400: PROBLEM, 422: PROBLEM, 503: BUSY},
)


class OtlpTraces(APIView):
    """OTLP/HTTP."""

    scope = Scope.INGEST
    parser_classes = [RawParser]

    @extend_schema(
        operation_id="send_otlp_traces",
        summary="Send spans by OTLP/HTTP",
        description="ExportTraceServiceRequest as protobuf or JSON, plain, gzip or deflate. Spans "
        "that cannot be taken are told by partial success.",
        request={
            "application/x-protobuf": {"type": "string", "format": "binary"},
            "application/json": {
                "type": "object",
                "properties": {"resourceSpans": {"type": "array", "items": {"type": "object"}}},
            },
        },
        responses={200: documents.OtlpAnswer, 400: PROBLEM, 503: BUSY},
    )
    def post(self, request: Request) -> HttpResponse:
        """The answer of intake."""
        return take(request._request)
