"""Conditions on scores in the address of the list: one parameter `score.<name>` a score. Pure."""

from __future__ import annotations

from collections.abc import Mapping

PREFIX = "score."
MOST = 10
# The form has three fields for one more condition: its name, an operator and a value.
NAME, OPERATOR, VALUE = "score_name", "score_op", "score_value"


def score_parameters(query: Mapping[str, str]) -> dict[str, str]:
    """`{"score.helpfulness": "<0.5"}` of an address, that of the three fields included."""
    found = {name: query[name] for name in sorted(query) if name.startswith(PREFIX) and query[name]}
    if name := (query.get(NAME) or "").strip():
        value = (query.get(VALUE) or "").strip()
        operator = query.get(OPERATOR) or ""
        found[PREFIX + name] = f"{operator}{value}" if value else "*"
    return dict(list(found.items())[:MOST])
