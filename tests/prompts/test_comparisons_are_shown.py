"""Whatever the size of two versions, a page shows a bounded piece that can be opened further."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.template.loader import render_to_string

from prompts.content import Content
from prompts.diff import Card, Fold, Shown, ShownCard, diff, opened_of, piece, shown_cards
from prompts.diff.model import Run
from prompts.diff.showing import MOST_NODES, PIECE, displayed


def card(old: str, new: str) -> Card:
    return diff(Content("text", old), Content("text", new)).cards[0]


def lines(*changed: int, count: int = 400) -> Card:
    old = [f"line {number}" for number in range(count)]
    new = [f"{line} {'x' * (index in changed)}".strip() for index, line in enumerate(old)]
    return card("\n".join(old), "\n".join(new))


def said(shown: ShownCard) -> list[str]:
    """`12` for a row, by its new number, and the words of a fold."""
    return [
        entry.words if isinstance(entry, Fold) else str(entry.row.right_no)
        for entry in shown.entries
    ]


class Page(HTMLParser):
    """Counts elements and keeps what a reader reads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.nodes, self.text, self.links = 0, "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.nodes += 1
        self.links += [value for name, value in attrs if name in ("href", "hx-get")]

    def handle_data(self, data):
        self.text += data


def page(shown: ShownCard, **context: object) -> Page:
    return Page(render_to_string("components/_diff_card.html", {"shown": shown, **context}))


def test_long_equal_stretches_are_folded_and_opened_piece_by_piece():
    compared = lines(9, 14)
    [shown] = shown_cards([compared])
    ends = "Show 6 unchanged lines", "Show more of 382 unchanged lines"
    assert said(shown) == [ends[0], *map(str, range(7, 19)), ends[1]]
    fold = shown.entries[-1]
    assert isinstance(fold, Fold)
    opened = piece(compared, fold.first, fold.last)
    assert said(opened) == [*map(str, range(19, 19 + PIECE)), "Show 182 unchanged lines"]
    [again] = shown_cards([compared], opened={"prompt": {fold.first}})
    assert said(again) == said(shown)[:-1] + said(opened)
    assert opened_of(["prompt:18", "tool/a:b:3", "x", ":1", "y:z"]) == {
        "prompt": {18},
        "tool/a:b": {3},
    }
    [equal] = shown_cards([lines(count=3)])
    assert said(equal) == ["Show 3 unchanged lines"]
    [short] = shown_cards([lines(3, count=9)])
    assert said(short) == [*map(str, range(1, 10))]  # the 2 lines at the end are no fold


def test_a_line_with_a_thread_is_never_folded():
    compared = lines(9)
    threads = {"prompt": {("old", 200): ["first"], ("new", 200): ["second"]}}
    [shown] = shown_cards([compared], threads=threads)
    assert [e.threads for e in shown.entries if isinstance(e, Shown) and e.threads] == [
        ("first", "second")
    ]
    assert "197" in said(shown)
    [unified] = shown_cards([compared], threads=threads, layout="unified")
    assert sum(bool(e.threads) for e in unified.entries if isinstance(e, Shown)) == 1


@pytest.mark.parametrize("layout", ["split", "unified"])
def test_a_page_holds_a_bounded_number_of_nodes(layout):
    old = "\n".join(f"{n} {{{{a}}}} and some {n * 7919} words" for n in range(5_000))
    big = card(old, old.replace("and some", "{{b}} or").replace("words", "others"))
    shown = shown_cards([big, big], layout=layout)
    nodes = sum(page(each, comment_url="?", open_url="?", rows_url="rows?").nodes for each in shown)
    assert MOST_NODES / 2 < nodes < 5_000
    assert [type(entry) for entry in shown[1].entries] == [Fold]
    assert "of 5,000 lines, 5,000 changed" in said(shown[1])[0]
    rest = shown[0].entries[-1]
    assert isinstance(rest, Fold)
    opened = piece(big, rest.first, rest.last, layout=layout)
    assert opened.entries[0].row.left_no == rest.first + 1
    assert page(opened).nodes < 5_000


def test_long_lines_are_cut_around_what_changed_and_hidden_signs_are_seen():
    words = " ".join(str(number) for number in range(100_000))
    [shown] = shown_cards([card(words, words.replace(" 500 ", " five "))])
    told = page(shown)
    assert len(told.text) < 3_000
    assert "499 five 501" in told.text
    assert "characters …" in told.text
    sneaky = (Run("a\u202eb\U000e0041\u200bc"), Run("\r\u00a0", True), Run("e\u200d\ufe0f\u00a0"))
    assert [(run.text, run.is_changed, run.mark) for run in displayed(sneaky)] == [
        ("a", False, ""),
        ("U+202E", False, "sign"),
        ("b", False, ""),
        ("U+E0041", False, "sign"),
        ("U+200B", False, "sign"),
        ("c", False, ""),
        ("␍", True, "sign"),
        ("U+00A0", True, "sign"),
        ("e\u200d\ufe0f\u00a0", False, ""),
    ]


def test_the_table_says_in_words_what_its_colours_say_and_takes_content_as_text():
    compared = card("<b>at</b> most 120 {{words}}", "<b>at</b> most 140 {{words}}\n<script>")
    [shown] = shown_cards([compared])
    html = render_to_string(
        "components/_diff_card.html",
        {"shown": shown, "left_head": "v1", "right_head": "v2", "comment_url": "?a=1&", "h3": True},
    )
    assert "removed: </span>&lt;b&gt;at&lt;/b&gt; most <del>120</del> <var>{{words}}</var>" in html
    assert "added: </span>&lt;b&gt;at&lt;/b&gt; most <ins>140</ins> <var>{{words}}</var>" in html
    assert "<script>" not in html
    assert 'href="?a=1&amp;part=prompt&amp;side=new&amp;line=2#prompt-new-2"' in html
    slug = diff(None, Content("text", "", tools=[{"name": "a b/ä"}])).cards[1].slug
    assert slug.isascii()
    assert " " not in slug
