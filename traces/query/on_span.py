"""The conditions of a query on one span."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from traces.ingest.record import TOKEN_CLASSES, Kind, Level
from traces.query import conditions, content
from traces.query.content import ContentTest
from traces.query.fields import FIELDS, NUMERIC
from traces.query.nodes import And, Node, Not, OneSpan, Or, Term, Test, Text, TextTest
from traces.query.parts import Content, Part, Sql, every, opposite, some
from traces.query.scope import Scope

SpanPart = Part[ContentTest]

_METERED = Q(*((f"{name}__isnull", False) for name in TOKEN_CLASSES), _connector=Q.OR)


def span_part(node: Node, scope: Scope) -> SpanPart:
    """What `node` asks of a span."""
    if isinstance(node, And):
        return every([span_part(item, scope) for item in node.items])
    if isinstance(node, Or):
        return some([span_part(item, scope) for item in node.items])
    if isinstance(node, Not):
        return opposite(span_part(node.item, scope))
    if isinstance(node, OneSpan):
        return span_part(node.item, scope)
    if isinstance(node, Text):
        return Content(content.searched(node))
    part = _term(node, scope)
    return opposite(part) if node.is_negative else part


def _term(term: Term, scope: Scope) -> SpanPart:
    field, tests = FIELDS[term.field], term.tests
    if term.field == "has":
        return _known(term.key, scope)
    if test := content_test(term):
        return Content(test)
    if term.field == "id":
        ids = conditions.text("span_id", tests) | conditions.text("trace_id", tests)
        return some([Sql(ids), Content(content.response_is(tests))])
    if term.field == "score":
        found = scope.scores(name=term.key, span_id=OuterRef("span_id"))
        return Sql(Q(Exists(found.filter(conditions.score(tests)))))
    if term.field == "tokens":
        return Sql(tokens(tests))
    if term.field == "kind":
        return Sql(conditions.any_of([Q(kind=Kind[t.text.upper()]) for t in _texts(tests)]))
    if term.field == "status":
        return Sql(conditions.any_of([_status(t.text) for t in _texts(tests)]))
    if term.field == "model":
        asked = Q(model__isnull=True) & conditions.text("model_requested", tests)
        return Sql(conditions.text("model", tests) | asked)
    if term.field == "prompt":
        return Sql(conditions.any_of([prompt(test) for test in _texts(tests)]))
    if term.field == "key":
        return Sql(sent_by(tests, scope))
    if field.type in NUMERIC:
        return Sql(conditions.numbers(field.span, tests))
    return Sql(conditions.text(field.span, tests))


def content_test(term: Term) -> ContentTest | None:
    """The condition on the content that the term is; None where columns answer it."""
    if term.field in {"input", "output"}:
        return content.said_in(term.field, term.tests)
    if term.field == "attr":
        return content.attribute_is(term.key, term.tests)
    if term.field in READ:
        return content.fields_are(READ[term.field], term.tests)
    return None


def content_known(key: str) -> ContentTest | None:
    """The condition on the content that `has:key` is; None where columns answer it."""
    if key in {"input", "output"}:
        return content.has_said(key)
    if key.startswith("attr."):
        return content.has_attribute(key.removeprefix("attr."))
    return content.has_field(READ[key]) if key in READ else None


def tokens(tests: Sequence[Test]) -> Q:
    """Input and output tokens of a span together, where any class of them is known."""
    total = sum((Coalesce(F(name), 0) for name in TOKEN_CLASSES[1:]), Coalesce(F("in_uncached"), 0))
    return _METERED & conditions.expression(total, tests)


def prompt(test: TextTest) -> Q:
    """A span used the prompt: its name, or name/version after the last slash."""
    named = conditions.text("prompt_name", [test])
    name, slash, version = test.text.rpartition("/")
    if not slash or not name or not version:
        return named
    of_name = conditions.text("prompt_name", [TextTest(name, test.glob and "*" in name)])
    of_version = conditions.text(
        "prompt_version", [TextTest(version, test.glob and "*" in version)]
    )
    return named | (of_name & of_version)


def sent_by(tests: Sequence[Test], scope: Scope) -> Q:
    """A key of that name, or that public key, sent the span."""
    named = conditions.text("name", tests) | conditions.text("public_key", tests)
    return scope.sent_by(named)


def _status(word: str) -> Q:
    """A span that failed has not recovered: that is said of a trace."""
    if word == "error":
        return Q(level=Level.ERROR)
    if word == "running":
        return Q(duration_us__isnull=True)
    if word == "ok":
        return ~Q(level=Level.ERROR) & Q(duration_us__isnull=False)
    return Q(level=Level.ERROR) & ~Q(level=Level.ERROR)


def _known(key: str, scope: Scope) -> SpanPart:
    if test := content_known(key):
        return Content(test)
    if key == "error":
        return Sql(Q(level=Level.ERROR))
    if key == "kind":
        return Sql(Q(kind__isnull=False))
    if key.startswith("score"):
        named = {"name": key.partition(".")[2]} if "." in key else {}
        return Sql(Q(Exists(scope.scores(span_id=OuterRef("span_id"), **named))))
    if key == "tokens":
        return Sql(_METERED)
    if key == "model":
        return Sql(Q(model__isnull=False) | Q(model_requested__isnull=False))
    return Sql(Q(**{f"{FIELDS[key].span}__isnull": False}))


def _texts(tests: Sequence[Test]) -> list[TextTest]:
    return [test for test in tests if isinstance(test, TextTest)]


def _experiment(read: dict[str, Any]) -> list[Any]:
    experiment = read.get("experiment")
    if not isinstance(experiment, dict):
        return []
    return [experiment.get(name) for name in ("dataset_id", "dataset_name", "name")]


# Where the fields that have no column stand in the content.
READ: dict[str, Callable[[dict[str, Any]], Sequence[Any]]] = {
    "segment": lambda read: [read.get("user_segment")],
    "index": lambda read: [read.get("index_name")],
    "route": lambda read: [read.get("route")],
    "dataset": _experiment,
}
