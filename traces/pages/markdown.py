"""Markdown in content as HTML that can do nothing. Pure.

Content is never HTML: tags in it are shown as text. What the parser makes is passed through an
allow list all the same. Pictures are never fetched: they become links.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml, normalizeReference
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

LONGEST = 40_000  # characters that are parsed: 60 ms; anything longer is shown as it is
_TAGS = {
    "a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre",
    "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}
_ABSOLUTE = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
# Without any of these there is nothing to render.
_MARKS = re.compile(r"[*_`#>\[\]|~\\&]|^\s*(?:[-+]|\d+[.)])\s|://|^\s{4,}\S|^(?:-+|=+)\s*$", re.M)


def is_marked_up(text: str) -> bool:
    """Whether rendering `text` would show it otherwise than as it is."""
    return _MARKS.search(text) is not None


def rendered(text: str, cited: Mapping[str, str] | None = None) -> SafeString:
    """`text` as safe HTML. `cited`: what stands in brackets -> the address within this product.

    Links lead to http, https and mailto only, and never bear our name or our rank.
    """
    known = cited or {}
    references = {
        normalizeReference(name): {"href": href, "title": f"Document {name}"}
        for name, href in known.items()
    }
    html = _parser().render(text, {"references": references})
    own = frozenset(known.values())
    safe = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES | {""},
        link_rel="nofollow noopener noreferrer",
        strip_comments=True,
        attribute_filter=lambda tag, name, value: _checked(name, value, own),
    )
    return mark_safe(safe)  # noqa: S308  (cleaned)


def _checked(name: str, value: str, own: frozenset[str]) -> str | None:
    """An address that may stay: elsewhere, or one of ours that we put there."""
    if name != "href" or _ABSOLUTE.match(value) or value in own:
        return value
    return None


class _Renderer(RendererHTML):
    """Headings as strong lines; pictures as links."""

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """A link to what the picture is, with its words."""
        token = tokens[idx]
        words = self.renderInlineAsText(token.children or [], options, env).strip()
        text = f"Picture: {words}" if words else "Picture"
        return f'<a href="{escapeHtml(str(token.attrs.get("src", "")))}">{escapeHtml(text)}</a>'

    def heading_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """A heading of content is no heading of the page."""
        return "<p><strong>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """Its end."""
        return "</strong></p>\n"


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}, renderer_cls=_Renderer)
    return parser.enable(["table", "strikethrough"])
