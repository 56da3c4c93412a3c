"""How what an item holds reads, and the version before one."""

from __future__ import annotations

from typing import Any

from django import template

from evals.values import item_texts

register = template.Library()


@register.filter
def in_a_line(value: Any, most: int = item_texts.SHORT) -> str:
    """The words of a JSON value in one line."""
    return item_texts.in_a_line(value, most)


@register.filter
def as_text(value: Any) -> str:
    """A JSON value as people edit it: a text is itself."""
    return item_texts.as_text(value)


@register.filter
def before(number: int) -> int:
    """The version before one; 0 is the empty one before the first."""
    return number - 1
