"""How much of a span's messages one page shows, and what of it is rendered. In place, no I/O."""

from __future__ import annotations

from collections.abc import Mapping

from traces.pages import markdown
from traces.pages.reading import Block, as_text, length_of

LONGEST_TEXT = 4096  # characters shown at first
LONGEST_TOGETHER = 40_000  # of all parts; earlier ones show their beginning
LONGEST_EARLIER = 240
LONGEST_WHOLE = 1_000_000  # characters of one text in a page; beyond it there is the download
MOST_ARGUMENTS = 60
MOST_RENDERED = 16_000  # characters of markdown on one page: 50 ms where it is dense


def shortened(found: list[Block]) -> list[Block]:
    """The same with long texts cut, in place: each, and the earlier ones where all are too long."""
    left = LONGEST_TOGETHER
    for block in reversed(found):
        most = LONGEST_TEXT if left > 0 else LONGEST_EARLIER
        _cut(block, most)
        left -= len(block.text) + len(block.result or "") + length_of(block.arguments)
    return found


def within_limit(block: Block) -> Block:
    """A block alone, as long as one page can show it."""
    _cut(block, LONGEST_WHOLE)
    return block


def render(found: list[Block], cited: Mapping[str, str]) -> None:
    """Render the markdown of what people and models wrote, in place, the latest first.

    `cited`: name of a document -> its address. What is beyond the limit stays as it is.
    """
    left = MOST_RENDERED if len(found) > 1 else markdown.LONGEST
    for block in reversed(found):
        fits = block.is_prose and 0 < len(block.text) <= left
        if fits and markdown.is_marked_up(block.text):
            block.html = markdown.rendered(block.text, cited)
            left -= len(block.text)


def _cut(block: Block, most: int) -> None:
    shown = len(block.text) + len(block.result or "") + length_of(block.arguments)
    block.text = block.text[:most]
    if block.result is not None:
        block.result = _short(block.result, most)
    if isinstance(block.arguments, dict):
        block.arguments = {
            name: value if len(as_text(value)) <= most else _short(as_text(value), most)
            for name, value in list(block.arguments.items())[:MOST_ARGUMENTS]
        }
    elif isinstance(block.arguments, str):
        block.arguments = _short(block.arguments, most)
    left = len(block.text) + len(block.result or "") + length_of(block.arguments)
    block.is_cut = left < shown


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 2]} …"
