"""What templates say about figures, times, span kinds, states and links."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kit import figures

register = template.Library()

# Kind of a span: the icon in the sprite, and the word people read.
KINDS = {
    "agent": ("agent", "agent"),
    "generation": ("llm", "LLM"),
    "llm": ("llm", "LLM"),
    "tool": ("tool", "tool"),
    "retriever": ("retriever", "retriever"),
    "reranker": ("reranker", "reranker"),
    "embedding": ("embedding", "embedding"),
    "guardrail": ("guardrail", "guardrail"),
    "evaluator": ("evaluator", "evaluator"),
    "cache": ("cache", "cache"),
    "chain": ("chain", "chain"),
    "http": ("http", "HTTP"),
    "event": ("event", "event"),
    "span": ("span", "span"),
}
# State of a trace or span: icon, tone and word; colour is never the only sign.
STATES = {
    "ok": ("check", "", "OK"),
    "unset": ("check", "", "OK"),
    "recovered": ("alert", "warn", "Recovered"),
    "error": ("err", "bad", "Error"),
    "running": ("clock", "info", "Running"),
    "partial": ("alert", "warn", "Partial"),
}
# Parameters that every link inside a project carries along.
CARRIED = ("env", "t")
# A changed filter starts again at the first page.
CURSORS = ("after", "before")


@cache
def _sprite() -> str:
    return static("icons.svg")


@register.simple_tag
def icon(name: str, size: int = 16, css: str = "") -> SafeString:
    """An icon of the sprite, 16, 14 or 12 px; hidden from assistive tech, so words stand beside."""
    classes = " ".join(filter(None, ["i", f"i-{size}" if size != 16 else "", css]))
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>', classes, _sprite(), name
    )


@register.simple_tag
def kind(name: str) -> SafeString:
    """The badge of a span kind: icon, tint, and the kind's word for assistive tech."""
    symbol, word = KINDS.get(name, KINDS["span"])
    css = name if name in KINDS else "span"
    return format_html(
        '<span class="kind k-{}">{}<span class="vh">{}</span></span>', css, icon(symbol), word
    )


@register.filter
def kind_word(name: str) -> str:
    """The word people read for a span kind: generation is LLM."""
    return KINDS.get(name, KINDS["span"])[1]


@register.filter
def kind_icon(name: str) -> str:
    """The icon's name for a span kind."""
    return KINDS.get(name, KINDS["span"])[0]


@register.simple_tag
def status(state: str, text: str = "", chip: bool = False) -> SafeString:
    """A state as icon and word; `text` says more ("Recovered, 1 tool error")."""
    symbol, tone, word = STATES.get(state, ("info", "", state.capitalize()))
    shape = f"chip {tone or 'ok'}" if chip else f"{tone or 'faint'} stt"
    return format_html('<span class="{}">{}{}</span>', shape, icon(symbol, 12), text or word)


@register.filter
def duration(length: int | timedelta | None) -> str:
    """Microseconds or a timedelta as `84 ms`, `2.42 s`, `3 m 12 s`."""
    return figures.duration(length)


@register.filter
def count(number: int | None) -> str:
    """`16,206`; unknown is a dash."""
    return figures.count(number)


@register.filter
def capped(number: int | None, cap: int = 10_000) -> str:
    """`4,112` or `10,000+`."""
    return figures.capped(number, cap)


@register.filter
def percent(ratio: Decimal | float | None) -> str:
    """A ratio as `33.7%`."""
    return figures.percent(ratio)


@register.filter
def bytesize(number: int | None) -> str:
    """Bytes as `312 KB`."""
    return figures.size(number)


@register.filter
def initials(name: str) -> str:
    """`MR` for Maya Ruiz."""
    return figures.initials(name or "")


@register.filter(name="money")
def money_text(amount: Decimal | int | None) -> str:
    """Nano-dollars or a Decimal of dollars as `$0.0381`; unknown is a dash."""
    return figures.money(amount)


@register.simple_tag
def money(amount: Decimal | int | None, unpriced: bool = False, href: str = "") -> str | SafeString:
    """An amount; `unpriced` says that there was something to price, `href` leads to the prices."""
    if amount is not None or not unpriced:
        return figures.money(amount)
    if href:
        return format_html('<a href="{}">unpriced</a>', href)
    return format_html('<span class="faint">{}</span>', "unpriced")


@register.simple_tag
def time(moment: datetime | None, style: str = "relative") -> str | SafeString:
    """A `<time>` in UTC that the page's script rewrites to the reader's zone.

    `style` is `relative` (12 m ago), `clock` (14:02:11, with the day when it is not today),
    `full` (20 Nov 2026, 14:02:11 UTC) or `day` (20 Nov).
    """
    if moment is None:
        return figures.UNKNOWN
    now = datetime.now(UTC)
    full = figures.full_time(moment)
    if style == "relative":
        text = figures.relative(moment, now)
    elif style == "clock":
        is_today = moment.astimezone(UTC).date() == now.date()
        text = figures.clock(moment)
        text = text if is_today else f"{figures.day(moment)} {text[:5]}"
    elif style == "day":
        text = figures.day(moment)
    else:
        text = full
    return format_html(
        '<time datetime="{}" data-time="{}" title="{}">{}</time>',
        figures.instant(moment),
        style,
        full,
        text,
    )


@register.simple_tag
def zone() -> SafeString:
    """The zone that the times around it are shown in."""
    return format_html("<span data-zone>{}</span>", "UTC")


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: Any) -> str:
    """`?…` of this page with parameters changed; None or '' removes one; cursors are dropped."""
    query = context["request"].GET.copy()
    for name in CURSORS:
        query.pop(name, None)
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        elif isinstance(value, list | tuple):
            query.setlist(name, [str(item) for item in value])
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def carry(context: Context) -> str:
    """`?env=…&t=…` of this page for a link inside the project, or nothing."""
    given = context["request"].GET if "request" in context else {}
    kept = [(name, value) for name in CARRIED if (value := given.get(name))]
    return f"?{urlencode(kept)}" if kept else ""


@register.simple_tag(takes_context=True)
def project_url(context: Context, path: str = "") -> str:
    """`/p/<project>/<path>/`, with the environment and range of this page."""
    slug = quote(str(context["project"].slug))
    inside = f"{quote(path.strip('/'))}/" if path.strip("/") else ""
    return f"/p/{slug}/{inside}{carry(context)}"


@register.filter
def pretty_json(value: Any) -> str:
    """JSON to be read: two spaces, letters as they are, order kept."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


@register.filter
def compact_json(value: Any) -> str:
    """JSON on one line, letters as they are."""
    return json.dumps(value, ensure_ascii=False, default=str)


@register.filter
def polyline(values: Sequence[float | None], base: float | None = None) -> str:
    """Points of a sparkline through `values`, with `base` at the lower edge."""
    return figures.polyline(values, base=base)


@register.filter
def times(number: int | None) -> range:
    """`range(number)`, for repeated marks such as a row's indentation."""
    return range(max(number or 0, 0))
