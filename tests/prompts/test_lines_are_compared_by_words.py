"""Lines that belong together stand together, and only the words that matter are marked."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prompts.content import Content
from prompts.diff import Card, Run, diff

KINDS = {"equal": "=", "changed": "~", "added": "+", "removed": "-"}


def card(old: str, new: str, **options: bool) -> Card:
    return diff(Content("text", old), Content("text", new), **options).cards[0]


def shown(old: str, new: str, **options: bool) -> list[str]:
    """A row a text: `~ at most [120] words | at most [140] words`."""

    def side(runs: tuple[Run, ...]) -> str:
        return "".join(f"[{run.text}]" if run.is_changed else run.text for run in runs)

    return [
        f"{KINDS[row.kind]} {side(row.left)} | {side(row.right)}"
        for row in card(old, new, **options).rows
    ]


CASES = {
    "one word": (
        "at most 120 words.",
        "at most 140 words.",
        "~ at most [120] words. | at most [140] words.",
    ),
    "no confetti": (
        "outside the window, refuse the refund and close the ticket.",
        "outside the window, explain the policy and offer credit before closing the ticket.",
        "~ outside the window, [refuse the refund and close] the ticket. | "
        "outside the window, [explain the policy and offer credit before closing] the ticket.",
    ),
    "numbers and variables are whole": (
        "temperature: 0.4 {{a b}}",
        "temperature: 0.5 {{a c}}",
        "~ temperature: [0.4 ][{{a b}}] | temperature: [0.5 ][{{a c}}]",
    ),
    "nothing alike": ("foo bar baz", "quite other words", "~ foo bar baz | quite other words"),
    "bounds a reader sees": (
        "Keep names. Write plainly.",
        "Keep names.",
        "~ Keep names.[ Write plainly.] | Keep names.",
    ),
    "a new line between": ("a\nb", "a\nx\nb", "= a | a", "+  | x", "= b | b"),
    "a paragraph with the blank line after it": (
        "- a\n\n- b",
        "- a\n\n- c\n\n- b",
        "= - a | - a",
        "=  | ",
        "+  | - c",
        "+  | ",
        "= - b | - b",
    ),
    "a line that went": ("a\nx\nb", "a\nb", "= a | a", "- x | ", "= b | b"),
    "like beside like": (
        "two words here\nlast",
        "new line\ntwo words there\nlast",
        "+  | new line",
        "~ two words [here] | two words [there]",
        "= last | last",
    ),
    "last line end": ("a", "a\n", "= a | a", "+  | "),
    "line ends of Windows": ("a\r\nb", "a\nb", "~ a[\r] | a", "= b | b"),
    "scripts without spaces": (
        "请用中文回答客户。",
        "请用英文回答客户。",
        "~ 请用[中]文回答客户。 | 请用[英]文回答客户。",
    ),
    "marks stay with their letter": (
        "cafe\u0301 nou",
        "cafe\u0300 nou",
        "~ [cafe\u0301] nou | [cafe\u0300] nou",
    ),
    "families stay together": (
        "so 👩\u200d👧 it is",
        "so 👩\u200d👦 it is",
        "~ so [👩\u200d👧] it is | so [👩\u200d👦] it is",
    ),
    "empty": ("", "a", "~  | a"),
    "spaces alone": ("   ", " ", "~ [   ] | [ ]"),
}


@pytest.mark.parametrize("name", CASES)
def test_rows(name):
    old, new, *rows = CASES[name]
    assert shown(old, new) == rows


def test_spaces_can_be_left_out_of_account():
    old, new = "a  b\nUse {{ name }}  now\n\tx y", "a b \nUse {{name}} soon\nx  y"
    assert [row[0] for row in shown(old, new)] == ["~", "~", "~"]
    assert shown(old, new, ignore_whitespace=True) == [
        "= a  b | a b ",
        "~ Use {{ name }}  [now] | Use {{name}} [soon]",
        "= \tx y | x  y",
    ]


def test_variables_and_references_are_marked():
    row = card("a", "b {{x}} {{# y}} {{> z}} @@@langfusePrompt:name=n|version=1@@@").rows[0]
    assert [(run.text, run.mark) for run in row.right] == [
        ("b ", ""),
        ("{{x}}", "variable"),
        (" {{# y}} ", ""),
        ("{{> z}}", "reference"),
        (" ", ""),
        ("@@@langfusePrompt:name=n|version=1@@@", "reference"),
    ]


def test_the_unified_view_says_first_what_went():
    rows = card(
        "a\nold words one\nold words two\nz", "a\nnew words one\nnew words two\nz"
    ).unified()
    assert [(r.kind, r.left_no, r.right_no) for r in rows] == [
        ("equal", 1, 1),
        ("removed", 2, None),
        ("removed", 3, None),
        ("added", None, 2),
        ("added", None, 3),
        ("equal", 4, 4),
    ]


LINES = st.lists(
    st.sampled_from(["", "a", "b", "a b", "a {{b}} c", "  a", "é👩‍👧", "b\r"]), max_size=9
)


@given(LINES.map("\n".join), LINES.map("\n".join), st.booleans())
@settings(max_examples=300)
def test_the_rows_hold_both_texts_and_number_their_lines(old, new, ignore_whitespace):
    compared = card(old, new, ignore_whitespace=ignore_whitespace)
    left = [row for row in compared.rows if row.left_no is not None]
    right = [row for row in compared.rows if row.right_no is not None]
    assert "\n".join(row.left_text for row in left) == old
    assert "\n".join(row.right_text for row in right) == new
    assert [row.left_no for row in left] == list(range(1, len(left) + 1))
    assert [row.right_no for row in right] == list(range(1, len(right) + 1))
    assert compared.removed - compared.added == len(left) - len(right)
    if not ignore_whitespace:
        assert all((row.kind == "equal") == (row.left == row.right) for row in left if row.right_no)
        assert compared.is_changed == (old != new)
    for side, number in (("removed", "left_no"), ("added", "right_no")):
        kinds = [r for r in compared.unified() if getattr(r, number) is not None]
        assert [getattr(r, number) for r in kinds] == list(range(1, len(kinds) + 1))
        assert sum(r.kind == side for r in kinds) == getattr(compared, side)


def test_a_megabyte_is_compared_in_bounded_time():
    words = [f"w{n * 7919 % 9973}" for n in range(170_000)]
    big = "\n".join(" ".join(words[n : n + 12]) for n in range(0, len(words), 12))
    pairs = [
        (big, big.replace(" w1", " changed"), False),
        (big.replace("\n", " "), " ".join(reversed(words)), True),
        ("a\nb\n" * 50_000, "b\na\na\n" * 40_000, True),
    ]
    for old, new, is_coarse in pairs:
        started = time.process_time()
        compared = card(old, new)
        assert time.process_time() - started < 8  # measured: 1.3, 0.6 and 1.2 s
        assert compared.is_coarse == is_coarse
        assert "\n".join(row.right_text for row in compared.rows if row.right_no) == new
