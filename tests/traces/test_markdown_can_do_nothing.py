"""Markdown is rendered, and whatever is sent, nothing of it can act, fetch or lead astray."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traces.pages.markdown import LONGEST, is_marked_up, rendered

TAGS = {
    "a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
CORPUS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#x09;script:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](data:image/svg+xml,<svg onload=alert(1)>)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example/x)",
    "[x](/p/support/settings/keys/)",
    "[x](?go=error)",
    "[x](blob:https://x/1)",
    "<javascript:alert(1)>",
    '[x](https://e.example "\\" onmouseover=alert(1) x=\\"")',
    '[x](https://e.example/"onmouseover="alert(1))',
    "[x][r]\n\n[r]: javascript:alert(1)",
    "![x](javascript:alert(1))",
    '![x"onerror="alert(1)](https://e.example/x.png)',
    "![<img src=x onerror=alert(1)>](https://e.example/x.png)",
    "![x](data:image/png;base64,iVBORw0KGgo=)",
    "```\n</code></pre><script>alert(1)</script>\n```",
    '```html" onload="alert(1)\nx\n```',
    "`<script>alert(1)</script>`",
    "| <script> | b |\n|---|---|\n| <img src=x onerror=alert(1)> | c |",
    "> <script>alert(1)</script>",
    "- <style>*{display:none}</style>",
    "# <base href=//evil.example>",
    "<!-- --><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "\x00<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<form action=https://evil.example><input name=password>",
    "<link rel=stylesheet href=//evil.example><meta http-equiv=refresh content=0>",
    "[a](<javascript:alert(1)>)",
    "[x](https:\\\\evil.example)",
    "[x](ht\ntps://e.example)",
]
pieces = st.lists(st.sampled_from([*CORPUS, "\n", "\n\n", "**", "`", "[", "](", ")", "<", ">"]))
OWN = {"policy": "?span=s&tab=documents#doc-1"}


class Read(HTMLParser):
    """The tags of a page, and what they ask for."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def assert_harmless(html: str) -> None:
    for tag, attributes in Read(html).tags:
        assert tag in TAGS
        assert not {name for name in attributes if name not in ("href", "title", "rel", "start")}
        if tag != "a":
            assert "href" not in attributes
            continue
        assert attributes["rel"] == "nofollow noopener noreferrer"
        href = (attributes.get("href") or "https://").lower()
        assert href in OWN.values() or href.startswith(("https://", "http://", "mailto:"))


@pytest.mark.parametrize("text", CORPUS)
def test_nothing_of_the_corpus_acts(text: str) -> None:
    assert_harmless(rendered(text, OWN))


@settings(max_examples=200, deadline=None)
@given(pieces.map("".join) | st.text(max_size=200))
def test_nor_does_any_mixture(text: str) -> None:
    assert_harmless(rendered(text, OWN))


def test_what_is_meant_is_rendered() -> None:
    html = rendered("# Refund\n\n**Yes**, see [here](https://e.example).\n\n1. a\n2. b\n\na\nb")
    assert "<strong>Refund</strong>" in html
    assert '<a href="https://e.example" rel="nofollow noopener noreferrer">here</a>' in html
    assert "<ol>" in html
    assert "a<br>\nb" in html


def test_pictures_are_links_and_are_not_fetched() -> None:
    html = rendered("![the receipt](https://e.example/r.png)")
    assert "<img" not in html
    assert ">Picture: the receipt</a>" in html


def test_citations_lead_to_their_document() -> None:
    html = rendered("By [policy] and [other].", OWN)
    assert 'href="?span=s&amp;tab=documents#doc-1"' in html
    assert "[other]" in html
    assert "href" not in rendered("[x](?span=s&tab=documents)", OWN)


def test_plain_text_needs_no_rendering() -> None:
    assert not is_marked_up("Order 88412 was charged twice, 89.00 each.\nCan you do it today?")
    assert is_marked_up("- one\n- two")


@pytest.mark.parametrize("piece", ["[", "![[", "*a ", "*_", "a**", "[a](", "`", "<", "> ", "&"])
def test_hostile_text_takes_no_long_time(piece: str) -> None:
    began = time.thread_time()  # of the processor: whatever else runs beside it
    rendered((piece * LONGEST)[:LONGEST])
    assert time.thread_time() - began < 5
