"""A trace, or one of its spans, as the input and expected output of an item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models

from accounts.models import Project
from evals.models import DatasetItem
from evals.queries.snapshots import last_words
from evals.queries.subjects import subject_of_trace
from evals.values.json_values import without_odd_letters
from gateway.client import BadMessages, read_messages
from gateway.client.request import document_of
from traces.queries.asked import AskedCall, asked_call


class Mapping(models.TextChoices):
    """What of a trace becomes the input."""

    BEST = "best", "As a prompt takes it: variables, or the conversation"
    LAST = "last", "What the user said last"
    WHOLE = "whole", "The whole input, as it was recorded"


@dataclass(frozen=True)
class TraceCase:
    """What a trace gives. None is nothing that was recorded."""

    trace_id: str
    span_id: str
    input: Any
    output: Any


def case_of_trace(
    project: Project, trace_id: str, span_id: str = "", mapping: str = Mapping.BEST
) -> TraceCase | None:
    """The case; None where there is no such trace or span. Redacted content is as it is stored."""
    subject = subject_of_trace(project, trace_id, span_id)
    if subject is None:
        return None
    call = asked_call(project.pk, trace_id, span_id=span_id) if mapping == Mapping.BEST else None
    given = subject.input
    if mapping == Mapping.LAST:
        given = last_words(given) or None
    elif mapping == Mapping.BEST:
        given = _best(given, call, is_span=bool(span_id))
    return TraceCase(
        trace_id, span_id, without_odd_letters(given), without_odd_letters(_answer(subject.output))
    )


def items_from(project: Project, trace_id: str) -> list[DatasetItem]:
    """The items that came from a trace, and are in the newest version of their dataset."""
    found = DatasetItem.objects.filter(
        project=project,
        source_trace_id=trace_id,
        revisions__until=None,
        dataset__archived_at=None,
    )
    return list(found.select_related("dataset").order_by("pk")[:20])


def _best(given: Any, call: AskedCall | None, *, is_span: bool) -> Any:
    """Variables where the sender told them; a conversation as messages; a text as it is."""
    if call is not None and call.variables:
        return call.variables
    if not isinstance(given, list):
        is_empty = given in (None, "")
        return _conversation(call.messages) if call is not None and (is_span or is_empty) else given
    return _conversation(given)


def _conversation(messages: Any) -> Any:
    """{"messages": [...]} without instructions; the text alone of a single one of the user."""
    try:
        said = [one for one in read_messages(messages) if one.role not in ("system", "developer")]
    except BadMessages:
        return messages
    if len(said) == 1 and said[0].role == "user" and said[0].text:
        return said[0].text
    return {"messages": [document_of(one) for one in said]} if said else messages


def _answer(output: Any) -> Any:
    """The text of an answer that is a chat of one message; anything else as it is."""
    if isinstance(output, list) and output and all(isinstance(one, dict) for one in output):
        return last_words(output) or output
    return output
