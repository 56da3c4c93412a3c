"""The query language: one text that narrows a list of traces, everywhere the same.

A door: other apps may import `parse`, `compile`, `Scope` and what this package names here.
"""

from traces.query.compiling import Plan, compile
from traces.query.edit import Chip, chips, negated, with_term, without_term
from traces.query.errors import QueryError
from traces.query.grammar import parse
from traces.query.nodes import EVERYTHING, Query
from traces.query.render import render
from traces.query.scope import Scope

__all__ = [
    "EVERYTHING",
    "Chip",
    "Plan",
    "Query",
    "QueryError",
    "Scope",
    "chips",
    "compile",
    "negated",
    "parse",
    "render",
    "with_term",
    "without_term",
]
