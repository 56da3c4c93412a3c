"""One look at the list of traces: its query, range and columns, and the addresses around it.

What older addresses say by a parameter of its own (`status=error`) becomes a term of the query,
so that text, chips and facets can never disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import Project
from kit.htmx import HtmxRequest
from traces.forms.traces import TraceFilter
from traces.queries.criteria import Criteria
from traces.queries.orders import NEWEST, BadOrder, Order, order_named
from traces.queries.score_conditions import ANY
from traces.query import Query, QueryError, parse, with_term, without_term
from traces.query.edit import has_term
from traces.query.render import written_name
from traces.query.values import quoted
from traces.values.columns import MOST_COLUMNS, Column, chosen_columns, columns_text
from traces.values.ranges import Range
from traces.values.score_parameters import score_parameters
from traces.views.addresses import LIST_PARAMETERS

_SAME = ("status", "name", "feature", "model", "prompt", "tag", "release", "user", "session")
_KEPT = ("q", "env", "t", "sort", "cols", "view", "chart", "sel")
_LONGEST_COLUMNS = 2000
# The menu "Filter" adds one condition by three fields.
FIELD, OPERATOR, VALUE = "add", "add_op", "add_value"
OPERATORS = {
    ":": "is", "!=": "is not", ">": "above", ">=": "at least", "<": "below", "<=": "at most",
}  # fmt: skip


@dataclass(frozen=True)
class Listing:
    """The list as one address shows it. `error` says why the query cannot be read."""

    request: HtmxRequest
    project: Project
    form: TraceFilter
    address: str
    text: str
    query: Query
    error: QueryError | None = None
    rest: Mapping[str, str] = field(default_factory=dict)  # what could not become a term

    @cached_property
    def state(self) -> dict[str, str]:
        """The parameters that say something, without a place in the list."""
        given = self.request.GET
        kept = {name: value for name in _KEPT if (value := given.get(name))}
        kept.pop("q", None)
        kept["cols"] = columns_text(self.columns)
        kept = {name: value for name, value in kept.items() if value}
        text = {"q": self.text} if self.text.strip() else {}
        return text | dict(self.rest) | kept

    def href(self, **changes: str | None) -> str:
        """The address with some parameters changed; None or '' removes one."""
        kept = {name: value for name, value in self.state.items() if name not in changes}
        kept |= {name: value for name, value in changes.items() if value}
        return f"{self.address}?{urlencode(kept)}" if kept else self.address

    def narrowed(self, name: str, value: str, *, key: str = "", op: str = ":") -> str | None:
        """The address with the term added; None where the query cannot say it."""
        try:
            return self.href(q=with_term(self.query, name, value, key=key, op=op))
        except QueryError:
            return None

    def toggled(self, name: str, value: str, *, key: str = "") -> str | None:
        """The address with the term added, or removed where the query has it."""
        if self.has(name, value, key=key):
            return self.href(q=without_term(self.query, name, value, key=key))
        return self.narrowed(name, value, key=key)

    def has(self, name: str, value: str, *, key: str = "") -> bool:
        """Whether the query asks for it."""
        return has_term(self.query, name, value, key=key)

    @property
    def here(self) -> str:
        """This list as an address that more parameters can be put behind."""
        return f"{self.address}?{urlencode(self.state)}"

    @property
    def list_query(self) -> str:
        """`?…` of this list, or nothing."""
        return f"?{urlencode(self.state)}" if self.state else ""

    @property
    def range(self) -> Range:
        """The range of time."""
        return self.form.range()

    @cached_property
    def criteria(self) -> Criteria:
        """What the list is narrowed to."""
        if self.rest:
            return self.form.criteria()
        chosen = self.range
        env = self.form.cleaned_data.get("env", "")
        return Criteria(since=chosen.since, until=chosen.until, environment=env, query=self.query)

    def between(self, since: datetime, until: datetime) -> Criteria:
        """The same list in another range."""
        return replace(self.criteria, since=since, until=until)

    @property
    def order(self) -> Order:
        """The order; the newest first where the address names none that there is."""
        try:
            return order_named(self.request.GET.get("sort", "")[:200])
        except BadOrder:
            return NEWEST

    @cached_property
    def columns(self) -> list[Column]:
        """The columns of the table, in their order."""
        given = self.request.GET
        picked = ",".join(given.getlist("col")[:MOST_COLUMNS]) or given.get("cols", "")
        return chosen_columns(picked[:_LONGEST_COLUMNS])


def open_listing(request: HtmxRequest, project: Project) -> Listing:
    """What the address asks for; an invalid parameter asks for nothing."""
    form = TraceFilter(request.GET)
    form.is_valid()
    address = reverse("traces:trace_list", args=[project.slug])
    listing = Listing(request, project, form, address, request.GET.get("q", ""), form.query)
    if form.query_error is not None:
        return replace(listing, error=form.query_error)
    rest = {name: request.GET[name] for name in LIST_PARAMETERS if request.GET.get(name)}
    rest |= score_parameters(request.GET)
    rest = {name: text for name, text in rest.items() if name not in _KEPT}
    try:
        folded = _folded(form.query, form.cleaned_data)
    except QueryError:
        return replace(listing, rest=rest)
    text = _with_added(folded, request.GET)
    try:
        return replace(listing, text=text, query=parse(text))
    except QueryError as error:
        return replace(listing, text=text, query=folded, error=error)


def _with_added(query: Query, given: Mapping[str, str]) -> str:
    """The query with the condition that the menu adds behind it."""
    name, value = given.get(FIELD, "").strip(), given.get(VALUE, "").strip()
    if not name or not value:
        return query.text
    operator = given.get(OPERATOR, ":")
    sign = operator if operator in OPERATORS else ":"
    is_plain = ".." in value or "*" in value or value.startswith("(")
    return _joined(query, f"{name}{sign}{value if is_plain else quoted(value)}")


def _joined(query: Query, *terms: str) -> str:
    """The text with terms behind it that hold as well; an OR at the top gets parentheses."""
    return " ".join(filter(None, [without_term(query, ""), *terms]))


def _folded(query: Query, given: Mapping[str, Any]) -> Query:
    """The query with the other parameters as terms behind it. Raises: QueryError."""
    terms = []
    for name in _SAME:
        if value := given.get(name):
            terms.append(f"{name}:{quoted(value.rstrip('/') if name == 'prompt' else value)}")
    for sign, bound in ((">=", "min"), ("<=", "max")):
        if (length := given.get(f"{bound}_duration")) is not None:
            terms.append(f"latency{sign}{Decimal(length) / 1000:f}ms")
        if (amount := given.get(f"{bound}_cost")) is not None:
            terms.append(f"cost{sign}${Decimal(amount) / 10**9:f}")
        if (number := given.get(f"{bound}_tokens")) is not None:
            terms.append(f"tokens{sign}{number}")
    if outcome := given.get("outcome"):
        terms.append("has:outcome" if outcome == ANY else f"outcome:{quoted(outcome)}")
    for condition in given.get("scores", ()):
        name = written_name("score", condition.name)
        if not condition.terms:
            terms.append(f"has:{quoted(f'score.{condition.name}')}")
        terms += [f"{name}{sign}{quoted(value)}" for sign, value in condition.terms]
    return parse(_joined(query, *terms)) if terms else query
