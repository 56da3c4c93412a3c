"""What intake sends back, in the form that the request came in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from kit.problems import CONTENT_TYPE, problem
from traces.ingest.pipeline import Dialect, Prepared
from traces.ingest.wire.decode import is_json
from traces.ingest.wire.langfuse_batch import Event

RETRY_AFTER = (b"retry-after", b"1")
_EMPTY = ExportTraceServiceResponse().SerializeToString()


@dataclass(slots=True)
class Answer:
    """Status, body and headers."""

    status: int
    body: bytes
    content_type: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


def refusal(status: int, detail: str, *headers: tuple[bytes, bytes], **parts: Any) -> Answer:
    """A problem document."""
    return Answer(status, orjson.dumps(problem(status, detail, **parts)), CONTENT_TYPE, headers)


def busy() -> Answer:
    """Nothing was stored, and a second later the same may be."""
    return refusal(503, "Busy: nothing was stored. Send the same again.", RETRY_AFTER)


def over_limit(dialect: Dialect, content_type: str, reason: str) -> Answer:
    """503 in the form of the request: the same may be sent again a second later."""
    if dialect is Dialect.LANGFUSE:
        answer = langfuse_refusal(503, reason)
    elif dialect is Dialect.NATIVE or "json" in content_type.lower():
        answer = refusal(503, reason, title="Over a limit of the project")
    else:
        # OTLP asks for google.rpc.Status: its code 8 is RESOURCE_EXHAUSTED.
        answer = Answer(503, _status(8, reason), "application/x-protobuf")
    answer.headers = (RETRY_AFTER,)
    return answer


def _status(code: int, message: str) -> bytes:
    """A google.rpc.Status; its message at most 127 bytes, so that one byte tells its length."""
    text = message.encode()[:127]
    return bytes((0x08, code, 0x12, len(text))) + text


def warning(prepared: Prepared) -> str:
    """What a sender should know although every span was taken; OTLP allows it beside a zero."""
    parts = [prepared.said] if prepared.said else []
    if prepared.clamped:
        parts.append(f"{prepared.clamped} spans lie outside the time that is kept and were moved")
    if prepared.cut:
        parts.append(f"{prepared.cut} spans were cut to the limits")
    return "; ".join(parts)


def otlp_answer(content_type: str, prepared: Prepared, rejected: int, message: str) -> Answer:
    """200; with a partial success where spans were rejected or changed."""
    message = message or warning(prepared)
    if "json" in content_type.lower():
        document: dict[str, Any] = {}
        if rejected or message:
            document["partialSuccess"] = {
                "rejectedSpans": str(rejected),
                "errorMessage": message,
            }
        return Answer(200, orjson.dumps(document), "application/json")
    if not rejected and not message:
        return Answer(200, _EMPTY, "application/x-protobuf")
    response = ExportTraceServiceResponse()
    response.partial_success.rejected_spans = rejected
    response.partial_success.error_message = message
    return Answer(200, response.SerializeToString(), "application/x-protobuf")


def langfuse_refusal(status: int, reason: str) -> Answer:
    """What Langfuse's SDKs expect of a refusal."""
    word = _LANGFUSE_WORDS.get(status, "LangfuseError")
    return Answer(status, orjson.dumps({"message": reason, "error": word}), "application/json")


_LANGFUSE_WORDS = {
    400: "InvalidRequestError",
    401: "UnauthorizedError",
    403: "ForbiddenError",
    404: "LangfuseNotFoundError",
    405: "MethodNotAllowedError",
    413: "PayloadTooLargeError",
    429: "RateLimitError",
}


def langfuse_answer(events: list[Event]) -> Answer:
    """207 with what became of each event."""
    document = {
        "successes": [{"id": e.id, "status": 201} for e in events if e.error is None],
        "errors": [
            {"id": e.id, "status": 400, "message": e.error, "error": _LANGFUSE_WORDS[400]}
            for e in events
            if e.error is not None
        ],
    }
    return Answer(207, orjson.dumps(document), "application/json")


def native_answer(prepared: Prepared, rejected: int, message: str) -> Answer:
    """200 with counts and ids; 422 where nothing could be taken."""
    accepted = prepared.rejected + len(prepared.spans) - rejected
    if rejected and not accepted:
        return refusal(422, message, title="No span could be taken")
    document: dict[str, Any] = {"accepted": accepted, "trace_ids": prepared.trace_ids}
    if rejected:
        document |= {"rejected": rejected, "errors": message}
    if said := warning(prepared):
        document["warning"] = said
    return Answer(200, orjson.dumps(document), "application/json")


def empty_answer(content_type: str) -> Answer:
    """Full success of an OTLP export, in the form of the request. Raises: BadRequestBody, 415."""
    if is_json(content_type):
        return Answer(200, b"{}", "application/json")
    return Answer(200, b"", "application/x-protobuf")
