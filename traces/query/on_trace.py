"""The conditions of a query on a trace: its columns and facets where they answer exactly, else its
spans, scores and outcomes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Q

from traces.models import DataType, ScoreSource
from traces.query import conditions, content
from traces.query.content import ContentTest
from traces.query.fields import FIELDS, NUMERIC
from traces.query.nodes import And, Node, Not, OneSpan, Or, Term, Test, Text, TextTest
from traces.query.on_span import SpanPart, content_known, content_test, prompt, sent_by, span_part
from traces.query.parts import All, Content, Part, Some, Sql, every, opposite, possible, some
from traces.query.scope import Scope
from traces.query.words import may_say


@dataclass(frozen=True)
class SpanTest:
    """A span of the trace meets the part; `is_of_body`: only one that content is kept of."""

    part: SpanPart
    is_of_body: bool = False


TracePart = Part[SpanTest]

# Where evaluators alone could be priced, nobody knows what the trace itself cost.
PRICED = Q(call_count__gt=F("unpriced_count")) & ~Q(
    unpriced_count__gt=0, evaluator_nano__gt=0, cost_nano=0
)
_RECOVERED = Q(error_count__gt=0, root_ok=True)
_FAILED = Q(error_count__gt=0) & (Q(root_ok=False) | Q(root_ok__isnull=True))
STATUSES = {
    "ok": Q(error_count=0, open_count=0),
    "running": Q(error_count=0, open_count__gt=0),
    "recovered": _RECOVERED,
    "error": _FAILED,
}
METERED = Q(metered_count__gt=0)
ENDED = Q(open_count__lt=F("span_count"))
# Ids of OpenTelemetry and Langfuse; a provider's ids of responses look otherwise.
_OUR_ID = re.compile(r"[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def trace_part(node: Node, scope: Scope) -> TracePart:
    """What `node` asks of a trace."""
    if isinstance(node, And):
        return every([trace_part(item, scope) for item in node.items])
    if isinstance(node, Or):
        return some([trace_part(item, scope) for item in node.items])
    if isinstance(node, Not):
        return opposite(trace_part(node.item, scope))
    if isinstance(node, OneSpan):
        return of_some_span(span_part(node.item, scope), scope)
    if isinstance(node, Text):
        return _searched(node, scope)
    part = _term(node, scope)
    return opposite(part) if node.is_negative else part


def of_some_span(part: SpanPart, scope: Scope) -> TracePart:
    """A span meets the part: in SQL where that suffices."""
    if isinstance(part, Sql):
        return Sql(scope.some_span(part.q))
    may = possible(part)
    found = scope.some_span(may) if isinstance(may, Q) else Q() if may else Q(span_count__lt=0)
    needed = _needed(part)
    for test in needed:
        said = may_say(test, scope)
        if isinstance(said, Q):
            found &= said
    is_of_body = any(test.is_of_body for test in needed)
    return Content(SpanTest(part, is_of_body), found if found else True)


def is_of_bodies(part: TracePart) -> bool:
    """Only traces match that content is kept of."""
    if isinstance(part, Content):
        return bool(part.test.is_of_body)
    if isinstance(part, All):
        return any(is_of_bodies(one) for one in part.parts)
    return isinstance(part, Some) and all(is_of_bodies(one) for one in part.parts)


def _needed(part: SpanPart) -> list[ContentTest]:
    """The conditions on the content without which no span meets the part."""
    if isinstance(part, Content):
        return [part.test]
    return [test for one in part.parts for test in _needed(one)] if isinstance(part, All) else []


def _searched(text: Text, scope: Scope) -> TracePart:
    """The words stand in a span or in the trace's name; or the text is the trace's id."""
    named = Q(name__icontains=text.text) | Q(trace_id=text.text)
    test = content.searched(text)
    found = some([Sql(named), Content(SpanTest(Content(test)))])
    # Names are indexed with the rest, so whatever is found the index knows. It is asked once: a
    # second time, inside the alternative, the planner would rather read every trace.
    known = may_say(test, scope, or_is=text.text)
    return every([Sql(known), found]) if isinstance(known, Q) else found


def _term(term: Term, scope: Scope) -> TracePart:
    field, tests = FIELDS[term.field], term.tests
    if term.field == "has":
        return _known(term.key, scope)
    if test := content_test(term):
        return of_some_span(Content(test), scope)
    if term.field == "id":
        return _id(tests, scope)
    if term.field == "status":
        return Sql(conditions.any_of([STATUSES[test.text] for test in _texts(tests)]))
    if term.field == "outcome":
        return Sql(scope.outcomes(conditions.text("name", tests)))
    if term.field == "score":
        return Sql(scope.some_score(Q(name=term.key) & conditions.score(tests)))
    if term.field == "feedback":
        thumbs = conditions.any_of([_thumb(test.text) for test in _texts(tests)])
        return Sql(scope.some_score(Q(source=ScoreSource.USER) & thumbs))
    if term.field == "prompt":
        # Not from the facets: where a name holds a slash, they do not say where the version begins.
        named = conditions.any_of([prompt(test) for test in _texts(tests)])
        return Sql(scope.some_span(named))
    if term.field == "key":
        return Sql(scope.some_span(sent_by(tests, scope)))
    if term.field == "latency":
        return Sql(ENDED & conditions.numbers("duration_us", tests))
    if term.field == "cost":
        return Sql(PRICED & conditions.numbers("cost_nano", tests))
    if term.field == "tokens":
        total = F("tokens_in") + F("tokens_out")
        return Sql(METERED & conditions.expression(total, tests))
    if field.letter:
        return Sql(conditions.facet(field.letter, tests))
    if field.trace == "name":
        return Sql(conditions.of_name(tests))
    if field.trace:
        return Sql(conditions.text(field.trace, tests))
    column = conditions.numbers if field.type in NUMERIC else conditions.text
    return Sql(scope.some_span(column(field.span, tests)))


def _id(tests: Sequence[Test], scope: Scope) -> TracePart:
    """Of the trace or a span; what looks like neither may be a provider's id of a response."""
    found: list[TracePart] = [
        Sql(conditions.text("trace_id", tests) | scope.some_span(conditions.text("span_id", tests)))
    ]
    if not all(_OUR_ID.fullmatch(test.text) for test in _texts(tests)):
        found.append(of_some_span(Content(content.response_is(tests)), scope))
    return some(found)


def _thumb(word: str) -> Q:
    """Yes and no, and numbers where senders say 1 for up and 0 or -1 for down."""
    numbers = [1.0] if word == "up" else [0.0, -1.0]
    return Q(num__in=numbers, data_type__in=[DataType.BOOLEAN, DataType.NUMBER])


def _known(key: str, scope: Scope) -> TracePart:
    if test := content_known(key):
        return of_some_span(Content(test), scope)
    if key == "error":
        return Sql(Q(error_count__gt=0))
    if key == "outcome":
        return Sql(scope.outcomes(Q()))
    if key == "feedback":
        return Sql(scope.some_score(Q(source=ScoreSource.USER)))
    if key.startswith("score"):
        named = Q(name=key.partition(".")[2]) if "." in key else Q()
        return Sql(scope.some_score(named))
    known = {"latency": ENDED, "cost": PRICED, "tokens": METERED}
    if key in known:
        return Sql(known[key])
    field = FIELDS[key]
    if field.letter:
        return Sql(conditions.some_facet(f"{field.letter}:*"))
    if field.trace:
        return Sql(Q(**{f"{field.trace}__isnull": False}))
    return Sql(scope.some_span(Q(**{f"{field.span}__isnull": False})))


def _texts(tests: Sequence[Test]) -> list[TextTest]:
    return [test for test in tests if isinstance(test, TextTest)]
