"""Edits of a query's text: what a chip, a facet or a cell of a table does to it.

Only terms that stand at the top, joined by AND, are found, replaced and removed; the rest of the
text stays as it was typed.
"""

from __future__ import annotations

from dataclasses import dataclass

from traces.query.grammar import parse
from traces.query.nodes import And, Node, Not, Or, Query, Term, TextTest
from traces.query.render import rendered, written_name
from traces.query.values import quoted


@dataclass(frozen=True)
class Chip:
    """One of the conditions that are joined by AND.

    `start` and `end` are its place in the text; `without` is the text when it is removed, `negated`
    the text when it is turned round. `field` is '' for words, groups and span(…).
    """

    text: str
    start: int
    end: int
    field: str
    op: str
    value: str
    is_negative: bool
    without: str
    negated: str


def chips(query: Query) -> list[Chip]:
    """The conditions of a query in the order of the text."""
    nodes = _top(query)
    return [_chip(query, nodes, place) for place in range(len(nodes))]


def negated(query: Query, place: int) -> str:
    """The text with the condition at `place` of `chips` turned round."""
    return chips(query)[place].negated


def with_term(
    query: Query, field: str, value: str, *, op: str = ":", key: str = "", keep: bool = False
) -> str:
    """The text with `field op value`, instead of the terms of that field unless `keep` says so.

    A term with `!=` replaces none but its own opposite. The value is text, quoted where needed.
    """
    term = f"{written_name(field, key)}{op}{quoted(value)}"
    parse(term)  # what cannot be read would spoil the rest
    texts = []
    for node in _top(query):
        inner = node.item if isinstance(node, Not) else node
        is_same = isinstance(inner, Term) and (inner.field, inner.key) == (field, key)
        opposite = op == "!=" or isinstance(node, Not) or (is_same and _is_negative(node))
        if is_same and (_says(node, field, value, key) if opposite else not keep):
            continue
        texts.append(_verbatim(query, node))
    return " ".join([*texts, term])


def without_term(query: Query, field: str, value: str | None = None, *, key: str = "") -> str:
    """The text without the terms of that field, or those of that value, either way round."""
    return " ".join(
        _verbatim(query, node) for node in _top(query) if not _says(node, field, value, key)
    )


def has_term(query: Query, field: str, value: str, *, key: str = "") -> bool:
    """Whether the query asks for `field:value` among the conditions joined by AND."""
    return any(not _is_negative(node) and _says(node, field, value, key) for node in _top(query))


def _top(query: Query) -> tuple[Node, ...]:
    if query.root is None:
        return ()
    return query.root.items if isinstance(query.root, And) else (query.root,)


def _verbatim(query: Query, node: Node) -> str:
    """The node as typed; an OR that was the whole query gets parentheses."""
    text = query.text[node.at.start : node.at.end]
    is_open = isinstance(node, Or) and node.at.start == node.items[0].at.start
    return f"({text})" if is_open else text


def _is_negative(node: Node) -> bool:
    if isinstance(node, Not):
        return not _is_negative(node.item)
    return isinstance(node, Term) and node.is_negative


def _says(node: Node, field: str, value: str | None, key: str) -> bool:
    inner = node.item if isinstance(node, Not) else node
    if not isinstance(inner, Term) or (inner.field, inner.key) != (field, key):
        return False
    return value is None or inner.tests == (TextTest(value),) or inner.texts == (value,)


def _chip(query: Query, nodes: tuple[Node, ...], place: int) -> Chip:
    node = nodes[place]
    inner = node.item if isinstance(node, Not) else node
    others = [_verbatim(query, other) for other in nodes]
    without = " ".join(others[:place] + others[place + 1 :])
    turned = rendered(node.item, And) if isinstance(node, Not) else rendered(Not(node))
    others[place] = turned
    term = inner if isinstance(inner, Term) else None
    name = "" if term is None else f"{term.field}.{term.key}" if term.key else term.field
    return Chip(
        text=query.text[node.at.start : node.at.end],
        start=node.at.start,
        end=node.at.end,
        field="has" if term is not None and term.field == "has" else name,
        op=term.op if term else "",
        value=", ".join(term.texts) if term else "",
        is_negative=_is_negative(node),
        without=without,
        negated=" ".join(others),
    )
