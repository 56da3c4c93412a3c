"""What a call of a model was asked, so that the same can be asked again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from traces.ingest.canonical.messages import canonical, is_chat
from traces.ingest.canonical.represent import read_content
from traces.ingest.record import Kind
from traces.models import Span
from traces.queries.detail import content_of, get_span, get_trace, list_spans

MOST_SPANS = 2_000  # looked at for a call; in a larger trace the span must be named


@dataclass(frozen=True, slots=True)
class AskedCall:
    """One call: its span, what it was sent, and the prompt's variables where its sender told them.

    Messages are canonical, instructions first.
    """

    span: Span
    messages: list[dict[str, Any]]
    variables: dict[str, Any] | None


def asked_call(
    project_id: int, trace_id: str, *, span_id: str = "", prompt_name: str = ""
) -> AskedCall | None:
    """The call of `span_id`; without one the trace's first call of the prompt, else its first call.

    None where there is no such call, or nothing was recorded of what it was asked.
    """
    trace = get_trace(project_id, trace_id)
    if trace is None:
        return None
    if span_id:
        span = get_span(project_id, trace, span_id)
    else:
        spans = list_spans(project_id, trace, most=MOST_SPANS)
        calls = [span for span in spans if span.kind == Kind.GENERATION]
        named = [span for span in calls if prompt_name and span.prompt_name == prompt_name]
        span = next(iter([*named, *calls]), None)
    document = content_of(project_id, span) if span is not None else None
    if span is None or document is None:
        return None
    content = read_content(document)
    messages = _messages(content)
    return AskedCall(span, messages, content.get("prompt_variables")) if messages else None


def _messages(content: dict[str, Any]) -> list[dict[str, Any]]:
    said = content.get("input")
    found: list[dict[str, Any]] = []
    if (instructions := content.get("system_instructions")) is not None:
        found += canonical([{"role": "system", "content": instructions}], "system")
    if isinstance(said, list) and is_chat(said):
        found += said
    elif said not in (None, ""):
        found += canonical([{"role": "user", "content": said}], "user")
    return found
