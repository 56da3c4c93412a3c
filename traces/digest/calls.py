"""What counting needs of a span, and how two spans are compared. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from traces.ingest.record import COUNTING_KINDS, TOKEN_CLASSES, SpanRecord

# How far a span may stick out of another that contains it: clients round to milliseconds. Never
# more than a quarter of the shorter one, lest neighbours be taken for one.
SLACK_NS = 1_000_000


@dataclass(frozen=True, slots=True)
class Call:
    """A span as counting sees it. Times are Unix nanoseconds.

    `tokens` are the classes in the order of `TOKEN_CLASSES`, as sent; all None: no usage.
    `has_usage` is for kinds that never count, whose classes are not kept. `is_log` is set on a span
    that is a log record (`logfire.span_type`).
    """

    span_id: str
    parent_span_id: str | None
    kind: int
    start: int
    end: int
    scope: str | None = None
    model: str | None = None
    tokens: tuple[int | None, ...] = (None,) * len(TOKEN_CLASSES)
    has_usage: bool = False
    response_id: str | None = None
    has_content: bool = False
    is_log: bool = False

    @property
    def may_count(self) -> bool:
        """Whether its kind calls a model itself."""
        return self.kind in COUNTING_KINDS

    @property
    def metered(self) -> bool:
        """Whether it says how many tokens were used."""
        return any(count is not None for count in self.tokens)

    @property
    def sums(self) -> tuple[int, int]:
        """Tokens in and out. Clients split the same call into classes more or less finely."""
        counts = [count or 0 for count in self.tokens]
        return sum(counts[:4]), sum(counts[4:])


def call_of(record: SpanRecord) -> Call:
    """Return what counting needs of a record."""
    start = record.start_ns or 0
    return Call(
        span_id=record.span_id,
        parent_span_id=record.parent_span_id,
        kind=record.kind,
        start=start,
        end=max(record.end_ns or start, start),
        scope=record.scope_name,
        model=record.model or record.model_requested,
        tokens=tuple(getattr(record, name) for name in TOKEN_CLASSES),
        has_usage=record.usage is not None,
        response_id=record.response_id,
        has_content=has_content(record),
        is_log=record.attributes.get("logfire.span_type") == "log",
    )


# Names under which messages stand; enough to tell a bare span from one that tells what was said.
_MESSAGES = (
    "gen_ai.output.messages",
    "gen_ai.input.messages",
    "langfuse.observation.output",
    "langfuse.observation.input",
    "output.value",
    "input.value",
    "llm.input_messages.0.message.role",
    "ai.prompt.messages",
    "gen_ai.prompt",
    "gen_ai.prompt.0.role",
    "gen_ai.prompt.0.content",
    "gen_ai.completion.0.content",
    "mlflow.spanInputs",
    "request_data",
    "events",
)


def has_content(record: SpanRecord) -> bool:
    """Return whether a span tells what was asked or answered."""
    if record.input is not None or record.output is not None:
        return True
    attributes = record.attributes
    return any(name in attributes for name in _MESSAGES) or any(
        str(event.get("name", "")).startswith("gen_ai.") for event in record.events
    )


def within(one: Call, other: Call) -> bool:
    """Return whether one interval lies within the other."""
    slack = min(SLACK_NS, (min(one.end - one.start, other.end - other.start)) // 4)
    return (one.start - slack <= other.start and other.end <= one.end + slack) or (
        other.start - slack <= one.start and one.end <= other.end + slack
    )


def alike(one: str | None, other: str | None) -> bool:
    """Return whether two names may be one model: one often lacks the date or the provider."""
    if one is None or other is None:
        return True
    one, other = one.lower(), other.lower()
    return one in other or other in one


def same_response(one: Call, other: Call) -> bool:
    """Return whether two spans, also of different traces, tell the same call.

    For spans that share a `gen_ai.response.id`: without an enclosing span a vendor's client and
    an instrumentation make two traces of one call.
    """
    return (
        one.response_id is not None
        and one.response_id == other.response_id
        and one.may_count
        and other.may_count
        and one.scope != other.scope
        and (one.sums == other.sums or not one.metered or not other.metered)
        and within(one, other)
    )


def twins(one: Call, other: Call) -> bool:
    """Return whether two spans of one trace are two instrumentations' word on one call."""
    if one.scope == other.scope or one.kind != other.kind or not any(one.sums):
        return False
    if one.sums != other.sums or not within(one, other):
        return False
    if one.response_id is not None and other.response_id is not None:
        return one.response_id == other.response_id
    return alike(one.model, other.model)


def better(one: Call, other: Call) -> Call:
    """Return which of two spans of one call counts."""
    return min(one, other, key=worth)


def worth(call: Call) -> tuple[bool, bool, int, int, int, str, str]:
    """Return a key by which the span that should count comes first.

    One with usage before one without, then the one with content, then the one that knows more
    classes, then the longer; the rest only makes the order a fixed one.
    """
    known = sum(count is not None for count in call.tokens)
    return (
        not call.metered,
        not call.has_content,
        -known,
        call.start - call.end,
        call.start,
        call.scope or "",
        call.span_id,
    )
