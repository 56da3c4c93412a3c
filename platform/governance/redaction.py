"""The one choke point that every intake path crosses, before anything is written.

No rule is active yet, so spans pass unchanged; the rules of a project come with governance. A rule
sees one text at a time and gives back what may be stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

Rule = Callable[[str], str]

# Names that tell records apart or join them; a rule that changed them would break the join.
_KEPT_AS_SENT = frozenset({"trace_id", "span_id", "parent_span_id"})

_rules: list[Rule] = []


def add_rule(rule: Rule) -> Callable[[], None]:
    """Apply `rule` to every text from now on; returns what takes it away again."""
    _rules.append(rule)
    return lambda: _rules.remove(rule)


def redact(records: Iterable[Any]) -> None:
    """Pass every text of every record (a dataclass) through the rules, in place, keys too."""
    if not _rules:
        return
    for record in records:
        for spot in fields(record):
            if spot.name in _KEPT_AS_SENT:
                continue
            value = getattr(record, spot.name)
            if value.__class__ in (str, dict, list):
                setattr(record, spot.name, _redacted(value))


def redact_text(text: str) -> str:
    """`text` through the rules: for what quotes a record elsewhere, such as an error's reason."""
    for rule in _rules:
        text = rule(text)
    return text


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, dict):
        return {_redacted(key): _redacted(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_redacted(part) for part in value]
    return value
