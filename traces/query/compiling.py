"""From meaning to a plan: a condition in SQL, and what is left for the content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet

from traces.models import Trace
from traces.query.nodes import And, Node, Not, OneSpan, Or, Query, Term, TextTest
from traces.query.on_trace import SpanTest, TracePart, is_of_bodies, trace_part
from traces.query.parts import content_tests, possible, sql_parts
from traces.query.scope import Scope

# Runs of experiments would drown the traffic; they are asked for by name.
HIDDEN_ENVIRONMENT = "sdk-experiment"
PLATFORM_ENVIRONMENT = "platform"  # of what Roadworthy itself asks of models
PLATFORM_FEATURE = "roadworthy.platform"  # its calls are a feature that nobody registers
ANY_ENVIRONMENT = "*"

# Answered by an index in the order of time, however rare the value is.
_INDEXED = frozenset({"user", "session", "feature"})


@dataclass(frozen=True)
class Plan:
    """A compiled query. Reading it never fails: what a query can say was checked by the parser."""

    query: Query
    scope: Scope
    part: TracePart | None

    @cached_property
    def rows(self) -> QuerySet[Trace]:
        """The traces that may match, in no order: all of them where `needs_content` is not so."""
        found = Trace.objects.filter(project_id=self.scope.project_id)
        if self.scope.since is not None:
            found = found.filter(start_time__gte=self.scope.since)
        if self.scope.until is not None:
            found = found.filter(start_time__lt=self.scope.until)
        found = found.filter(self.environments).filter(self.sql)
        if self.part is not None and self.is_walked and is_of_bodies(self.part):
            return found.filter(self.scope.some_content())
        return found

    @cached_property
    def sql(self) -> Q:
        """The condition of the query that SQL can say: it holds for every trace that matches."""
        if self.part is None:
            return Q()
        bound = possible(self.part)
        if isinstance(bound, Q):
            return bound
        return Q() if bound else Q(span_count__lt=0)

    @property
    def environments(self) -> Q:
        """Which environments are looked at."""
        if self.scope.environment == ANY_ENVIRONMENT:
            return Q()
        if self.scope.environment:
            return Q(environment=self.scope.environment)
        if self.query.root is not None and _names(self.query.root) & {"env", "dataset"}:
            return Q()
        return ~Q(environment=HIDDEN_ENVIRONMENT)

    @cached_property
    def is_walked(self) -> bool:
        """SQL says nothing of which traces match: they are looked through, one after the other."""
        return self.needs_content and self.part is not None and possible(self.part) is True

    @cached_property
    def needs_content(self) -> bool:
        """Rows that SQL finds must be verified on their content."""
        return self.part is not None and bool(content_tests(self.part))

    @cached_property
    def answers(self) -> list[Q]:
        """What SQL is asked of each row, so that the content decides only what is open."""
        return [] if self.part is None else sql_parts(self.part)

    @cached_property
    def tests(self) -> list[SpanTest]:
        """What the content is asked of each row."""
        return [] if self.part is None else content_tests(self.part)

    @property
    def is_cheap(self) -> bool:
        """LIMIT never walks far: every condition has an index in the order of time."""
        root = self.query.root
        if root is None:
            return True
        items = root.items if isinstance(root, And) else (root,)
        return not self.needs_content and all(_is_indexed(item) for item in items)


_FAILED = frozenset({("status", "error"), ("status", "recovered")})  # an index holds both


def compile(query: Query, scope: Scope) -> Plan:
    """The plan of a query: always with the condition on the project, for each table it reads."""
    return Plan(query, scope, None if query.root is None else trace_part(query.root, scope))


def _is_indexed(node: Node) -> bool:
    if not isinstance(node, Term) or node.is_negative or len(node.tests) != 1:
        return False
    test = node.tests[0]
    if not isinstance(test, TextTest) or test.glob:
        return False
    return node.field in _INDEXED or (node.field, test.text) in _FAILED


def _names(node: Node) -> set[str]:
    """The fields that a query names anywhere."""
    if isinstance(node, Term):
        return {node.field, node.key} if node.field == "has" else {node.field}
    if isinstance(node, And | Or):
        return set().union(*(_names(item) for item in node.items))
    return _names(node.item) if isinstance(node, Not | OneSpan) else set()
