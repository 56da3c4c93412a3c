"""What only the templates of traces say."""

from __future__ import annotations

from django import template

register = template.Library()


@register.simple_tag
def share_of(part: int, whole: int) -> str:
    """A bar's width: `12.5%`, never quite nothing."""
    return f"{min(max(part / whole * 100, 3), 100):.1f}%" if whole else "3%"


@register.filter
def count_or_text(value: object) -> str:
    """A number with separators; anything else as it is."""
    return f"{value:,}" if isinstance(value, int) else str(value)


@register.filter
def of_key(found: object, key: str) -> object:
    """The value of a key that a variable holds; None where there is none."""
    return found.get(key) if isinstance(found, dict) else None
