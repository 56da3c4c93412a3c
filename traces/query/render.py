"""A query as canonical text: the same meaning always reads the same."""

from __future__ import annotations

import re

from traces.query.fields import FIELDS
from traces.query.nodes import And, Node, Not, OneSpan, Or, Query, Term, Text
from traces.query.values import quoted

_BARE_WORD = re.compile(r"\w[\w'./@-]*")
_BARE_KEY = re.compile(r"[\w./@-]*[\w/@-]")
_KEYWORDS = frozenset({"OR", "AND", "NOT", "span"})


def render(query: Query) -> str:
    """Text that parses to the same meaning."""
    return "" if query.root is None else rendered(query.root)


def rendered(node: Node, inside: type[And | Or | Not] | None = None) -> str:
    """One node, in parentheses where its surroundings would else tear it apart."""
    if isinstance(node, Term):
        return _term(node)
    if isinstance(node, Text):
        return _text(node)
    if isinstance(node, OneSpan):
        return f"span({rendered(node.item)})"
    if isinstance(node, Not):
        return f"-{rendered(node.item, Not)}"
    if isinstance(node, And):
        text = " ".join(rendered(item, And) for item in node.items)
        return f"({text})" if inside in (And, Not) else text
    text = " OR ".join(rendered(item, Or) for item in node.items)
    return f"({text})" if inside is not None else text


def written_name(field: str, key: str) -> str:
    """How a query names a field: `cost`, `score.helpful`, `attr."a key"`."""
    if not FIELDS[field].keyed:
        return field
    return f"{field}.{key}" if _BARE_KEY.fullmatch(key) else f"{field}.{quoted(key, must=True)}"


def _term(term: Term) -> str:
    values = term.texts[0] if len(term.texts) == 1 else f"({', '.join(term.texts)})"
    return f"{written_name(term.field, term.key)}{term.op}{values}"


def _text(text: Text) -> str:
    if not (text.opens and text.closes):
        return f"{'' if text.opens else '*'}{text.text}{'' if text.closes else '*'}"
    is_bare = _BARE_WORD.fullmatch(text.text) and text.text not in _KEYWORDS
    return text.text if is_bare else quoted(text.text, must=True)
