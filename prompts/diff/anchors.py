"""Lines by their number: what a comment stands on, where that went, and a suggestion for it."""

from __future__ import annotations

from typing import NamedTuple

from prompts.content import BadContent, Content, Fault
from prompts.diff.comparison import card_of
from prompts.diff.lines import lines_of
from prompts.diff.parts import parts_of, with_text


class Anchor(NamedTuple):
    """A line of a version: the part it stands in, and its number there, from 1."""

    key: str
    line_no: int


def line_of(content: Content, key: str, line_no: int) -> str | None:
    """Line `line_no`, from 1, of the part `key`; None where there is none."""
    lines = _lines(content, key)
    return lines[line_no - 1] if 1 <= line_no <= len(lines) else None


def moved(anchor_text: str, key: str, line_no: int, old: Content, new: Content) -> Anchor | None:
    """Where line `line_no` of `old`'s part `key` stands in `new`; None when it is outdated.

    The part may have another key now, as when a message was put before it. A line that was
    changed is outdated, and so is one that does not read `anchor_text`. A line that was cut and
    put elsewhere in its part is found there when no other line reads the same.
    """
    card = card_of(old, new, key)
    row = next((row for row in card.rows if row.left_no == line_no), None) if card else None
    if not card or not row or card.right_key is None or row.left_text != anchor_text:
        return None
    if row.kind == "equal" and row.right_no is not None:
        return Anchor(card.right_key, row.right_no)
    went = [row for row in card.rows if row.left_no and row.left_text == anchor_text]
    came = [row.right_no for row in card.rows if row.right_no and row.right_text == anchor_text]
    if len(went) == len(came) == 1 and came[0] and anchor_text.strip():
        return Anchor(card.right_key, came[0])
    return None


def apply_suggestion(
    content: Content, key: str, first_line: int, last_line: int, replacement: str
) -> Content:
    """`content` with the lines `first_line` to `last_line` of the part `key` replaced.

    An empty replacement takes the lines out. Line ends become those of the lines that go, as
    browsers send others. Raises: BadContent, also when a part in JSON would no longer be JSON.
    """
    lines = _lines(content, key)
    if not lines:
        raise BadContent([Fault(key, "This version has no such part.")])
    if not 1 <= first_line <= last_line <= len(lines):
        raise BadContent([Fault(key, f"This part has lines 1 to {len(lines)}.")])
    written = replacement.replace("\r\n", "\n")
    came = lines_of(written) if written else []
    is_last = last_line == len(lines)
    ended = lines[:-1] if is_last else lines[first_line - 1 : last_line]
    if ended and all(line.endswith("\r") for line in ended):
        came = [line + "\r" for line in came]
        if is_last and came:
            came[-1] = came[-1].removesuffix("\r")
    return with_text(content, key, "\n".join([*lines[: first_line - 1], *came, *lines[last_line:]]))


def _lines(content: Content, key: str) -> list[str]:
    for part in parts_of(content):
        if part.key == key:
            return lines_of(part.text)
    return []
