"""Comparisons for the style guide, shaped like what `prompts.diff` hands to the components."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

# Old and new text of each line; `[…]` are the words that make the difference, None no line.
_LINES: list[tuple[str | None, str | None]] = [
    (
        "You are the refunds specialist for Northwind support.",
        "You are the refunds specialist for Northwind support.",
    ),
    (
        "Answer in the customer’s language, in at most [120] words.",
        "Answer in the customer’s language, in at most [140] words.",
    ),
    ("Be brief.", "Quote the policy section for every claim about money or time."),
    (
        "Never promise a date.",
        "Never promise a date[ that is not in a policy document].",
    ),
    ("{{policy_documents}}", "{{policy_documents}}"),
    (None, "{{policy_section_index}}"),
    (None, "    Indented, with U+200B in it: a sign that hides"),
    ("Ask the customer to wait.", None),
    ("Ask for the order number if it is missing.", "Ask for the order number if it is missing."),
]


def _runs(text: str | None) -> list[SimpleNamespace]:
    runs = []
    for place, part in enumerate((text or "").replace("]", "[").split("[")):
        for word in part.split("U+200B"):
            mark = "variable" if word.startswith("{{") else ""
            runs.append(SimpleNamespace(text=word, is_changed=place % 2 == 1, mark=mark))
            runs.append(SimpleNamespace(text="U+200B", is_changed=False, mark="sign"))
        runs.pop()
    return [run for run in runs if run.text]


def _number(side: str, no: int | None) -> SimpleNamespace:
    return SimpleNamespace(side=side, no=no)


def _text(change: str, text: str | None) -> SimpleNamespace:
    return SimpleNamespace(side="", change=change, runs=_runs(text))


def _entry(*cells: SimpleNamespace) -> SimpleNamespace:
    return SimpleNamespace(is_fold=False, cells=cells, threads=())


def _entries(layout: str) -> list[SimpleNamespace]:
    entries = []
    left = right = 0
    for old, new in _LINES:
        left, right = left + (old is not None), right + (new is not None)
        numbers = left if old is not None else None, right if new is not None else None
        before, after = _number("old", numbers[0]), _number("new", numbers[1])
        gone = _text("void" if old is None else "" if old == new else "del", old)
        came = _text("void" if new is None else "" if old == new else "add", new)
        if layout == "split":
            entries.append(_entry(before, gone, after, came))
        elif old == new:
            entries.append(_entry(before, after, came))
        else:
            if old is not None:
                entries.append(_entry(before, _number("new", None), gone))
            if new is not None:
                entries.append(_entry(_number("old", None), after, came))
    words = "Show 120 unchanged lines"
    return [*entries, SimpleNamespace(is_fold=True, first=9, last=129, words=words)]


def _shown(key: str, layout: str) -> SimpleNamespace:
    card = SimpleNamespace(
        key=key,
        slug=key.replace("/", "-"),
        title="System message" if layout == "split" else "User message",
        left_key=key,
        right_key=key,
        added=5,
        removed=4,
        note="",
        is_changed=True,
        is_coarse=layout == "unified",
    )
    columns = 4 if layout == "split" else 3
    return SimpleNamespace(card=card, layout=layout, columns=columns, entries=_entries(layout))


def comparison() -> dict[str, Any]:
    """The context of the section on comparing."""
    return {
        "diff": SimpleNamespace(
            is_changed=True,
            added=5,
            removed=4,
            tokens=SimpleNamespace(old=1204, new=1247, delta=43),
            variables=SimpleNamespace(added=["policy_section_index"], removed=["mood"]),
            references=SimpleNamespace(added=["tone v3"], removed=[]),
        ),
        "diff_split": _shown("message/0", "split"),
        "diff_unified": _shown("message/1", "unified"),
        "diff_layouts": [
            {"text": "Split", "href": "?layout=split", "current": True},
            {"text": "Unified", "href": "?layout=unified"},
        ],
    }
