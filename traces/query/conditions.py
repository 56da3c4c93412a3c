"""Conditions on columns as Django's Q: every value is a parameter, and null is never a match."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.functions import Left
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    LessThan,
    LessThanOrEqual,
)

from traces.models import DataType
from traces.query.nodes import NumberTest, Test, TextTest
from traces.query.values import BOOLEANS, number_in

_STARS = re.compile(r"\*+")
_SPECIAL = re.compile(r"([\\%_])")


class Like(Func):
    """`column LIKE pattern`, as a condition."""

    template = "%(expressions)s"
    arg_joiner = " like "
    output_field = BooleanField()


class SomeLike(Func):
    """An element of an array of texts is like the pattern."""

    template = "exists (select 1 from unnest(%(expressions)s)"
    arg_joiner = ") as element where element like "
    output_field = BooleanField()


INDEXED_NAME = 200  # characters, as in the index trace_name


def any_of(conditions: Sequence[Q]) -> Q:
    """One of them; never empty."""
    return reduce(or_, conditions)


def text(column: str, tests: Sequence[Test]) -> Q:
    """The column is one of the texts, or like one of the patterns."""
    found = []
    exact = [test.text for test in tests if isinstance(test, TextTest) and not test.glob]
    if exact:
        found.append(Q(**{column: exact[0]}) if len(exact) == 1 else Q(**{f"{column}__in": exact}))
    found += [like(column, test.text) for test in tests if isinstance(test, TextTest) and test.glob]
    return any_of(found)


def of_name(tests: Sequence[Test]) -> Q:
    """The name of a trace: the index holds its first characters, for a name may be too long."""
    found = []
    for test in tests:
        if isinstance(test, TextTest):
            whole = text("name", [test])
            if not test.glob:
                start = Left("name", INDEXED_NAME)
                whole &= Q(Exact(start, Value(test.text[:INDEXED_NAME])))
            found.append(whole)
    return any_of(found)


def like(column: str, glob: str) -> Q:
    """The column is like a text in which `*` stands for anything. A mere beginning uses indexes."""
    start, star, rest = glob.partition("*")
    if star and not rest and start:
        return Q(**{f"{column}__startswith": start})
    return Q(**{f"{column}__isnull": False}) & Q(Like(F(column), Value(pattern(glob))))


def pattern(glob: str) -> str:
    """The pattern of LIKE for a text with stars."""
    return "%".join(_SPECIAL.sub(r"\\\1", piece) for piece in _STARS.split(glob))


def numbers(column: str, tests: Sequence[Test]) -> Q:
    """The column is known and lies within one of the ranges."""
    return any_of([_within(column, test) for test in tests if isinstance(test, NumberTest)])


def _within(column: str, test: NumberTest) -> Q:
    if test.low is not None and test.low == test.high:
        return Q(**{column: test.low})
    found = Q()
    if test.low is not None:
        found &= Q(**{f"{column}__{'gte' if test.includes_low else 'gt'}": test.low})
    if test.high is not None:
        found &= Q(**{f"{column}__{'lte' if test.includes_high else 'lt'}": test.high})
    return found


def expression(total: Any, tests: Sequence[Test]) -> Q:
    """An expression that is never null lies within one of the ranges."""
    found = []
    for test in tests:
        if isinstance(test, NumberTest):
            within = Q()
            if test.low is not None:
                lower = GreaterThanOrEqual if test.includes_low else GreaterThan
                within &= Q(lower(total, test.low))
            if test.high is not None:
                higher = LessThanOrEqual if test.includes_high else LessThan
                within &= Q(higher(total, test.high))
            found.append(within)
    return any_of(found)


def facet(letter: str, tests: Sequence[Test]) -> Q:
    """The trace has one of the values among its facets; exact ones by the index."""
    found = []
    exact = [f"{letter}:{t.text}" for t in tests if isinstance(t, TextTest) and not t.glob]
    if exact:
        lookup = "contains" if len(exact) == 1 else "overlap"
        found.append(Q(**{f"facets__{lookup}": exact}))
    for test in tests:
        if isinstance(test, TextTest) and test.glob:
            found.append(some_facet(f"{letter}:{test.text}"))
    return any_of(found)


def some_facet(glob: str) -> Q:
    """A facet of the trace is like the text with stars."""
    return Q(SomeLike(F("facets"), Value(pattern(glob))))


def score(tests: Sequence[Test]) -> Q:
    """The value of a score: a number, a word, or yes and no."""
    return any_of([_score(test) for test in tests])


def _score(test: Test) -> Q:
    if isinstance(test, NumberTest):
        return numbers("num", [test])
    same = text("label", [test])
    if test.glob:
        return same
    number = number_in(test.text)
    if number is not None:
        return same | Q(num=number)
    if test.text.lower() in BOOLEANS:
        same |= Q(num=BOOLEANS[test.text.lower()], data_type=DataType.BOOLEAN)
    return same
