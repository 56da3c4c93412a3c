"""Two versions of a prompt compared, part by part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from prompts.content import Content
from prompts.diff.alignment import Effort
from prompts.diff.lines import rows_of
from prompts.diff.model import Card, Diff, Names, TokenChange
from prompts.diff.pairing import Pair, pairs_of
from prompts.diff.parts import Part, parts_of
from prompts.rendering import references_of, variables_of
from prompts.tokens import estimated_tokens

# Steps of the innermost loop for all cards, about 0.2 µs each on one core.
STEPS = 8_000_000

TITLES = {
    "text": "Prompt",
    "placeholder": "Placeholder",
    "response_schema": "Response schema",
    "model": "Model",
    "parameters": "Parameters",
    "config": "Config",
}


def diff(old: Content | None, new: Content | None, *, ignore_whitespace: bool = False) -> Diff:
    """What differs between two versions. None is no version: all of the other is new, or gone.

    Every part that either version holds has its card, unchanged ones too. With
    `ignore_whitespace`, lines that differ only in spaces are equal, each side showing its own.
    A card that would take too long to compare word by word is `is_coarse`.
    """
    ours = [] if old is None else parts_of(old)
    theirs = [] if new is None else parts_of(new)
    effort = Effort(STEPS)
    pairs = pairs_of(ours, theirs, effort)
    title = _titles(ours, theirs)
    is_alone = old is None or new is None
    return Diff(
        cards=tuple(
            _card(pair, title, effort, ignore_whitespace=ignore_whitespace, is_alone=is_alone)
            for pair in pairs
        ),
        variables=_names(old, new, variables_of),
        references=_names(old, new, lambda content: [str(r) for r in references_of(content)]),
        tokens=TokenChange(
            old=None if old is None else estimated_tokens(old),
            new=None if new is None else estimated_tokens(new),
        ),
    )


def card_of(old: Content, new: Content, key: str) -> Card | None:
    """The card of `old`'s part `key`, without the work for the others; None for no such part."""
    ours, theirs = parts_of(old), parts_of(new)
    effort = Effort(STEPS)
    for pair in pairs_of(ours, theirs, effort):
        if pair.old and pair.old.key == key:
            return _card(pair, _titles(ours, theirs), effort)
    return None


def _card(
    pair: Pair,
    title: Callable[[Part], str],
    effort: Effort,
    *,
    ignore_whitespace: bool = False,
    is_alone: bool = False,  # there is no other version: that a part came says nothing
) -> Card:
    part = pair.part
    effort.is_spent = False
    rows = rows_of(
        pair.old.text if pair.old else None,
        pair.new.text if pair.new else None,
        effort,
        ignore_whitespace=ignore_whitespace,
    )
    return Card(
        key=part.key if pair.new else f"gone/{part.key}",
        title=title(part),
        left_key=pair.old.key if pair.old else None,
        right_key=pair.new.key if pair.new else None,
        rows=rows,
        note="" if is_alone else _note(pair),
        is_coarse=effort.is_spent,
    )


def _note(pair: Pair) -> str:
    """What no line says: one side only, another role, another place."""
    if pair.old is None or pair.new is None:
        return "Added." if pair.new else "Removed."
    notes = []
    if (pair.old.kind, pair.old.role) != (pair.new.kind, pair.new.role):
        notes.append(f"Was {_role(pair.old)}, is {_role(pair.new)}.")
    if pair.has_moved:
        notes.append(f"Moved from place {_place(pair.old)} to {_place(pair.new)}.")
    return " ".join(notes)


def _role(part: Part) -> str:
    return "the text of the prompt" if part.kind == "text" else f"a message of role {part.role}"


def _place(part: Part) -> int:
    return int(part.key.rpartition("/")[2]) + 1


def _titles(ours: list[Part], theirs: list[Part]) -> Callable[[Part], str]:
    """Titles in words; messages of a role are numbered where a version has more than one."""
    names = {}
    for parts in (ours, theirs):
        total = Counter((part.kind, part.role) for part in parts)
        seen: Counter[tuple[str, str]] = Counter()
        for part in parts:
            speaker = (part.kind, part.role)
            seen[speaker] += 1
            number = f" {seen[speaker]}" if total[speaker] > 1 and part.is_spoken else ""
            names[id(part)] = _title(part) + number
    return lambda part: names[id(part)]


def _title(part: Part) -> str:
    if part.kind == "tool":
        return f"Tool {part.key.removeprefix('tool/')}"
    if part.kind == "message":
        return f"{part.role[:1].upper()}{part.role[1:]} message"
    return TITLES[part.kind]


def _names(
    old: Content | None, new: Content | None, names_of: Callable[[Content], list[str]]
) -> Names:
    before = dict.fromkeys([] if old is None else names_of(old))
    after = dict.fromkeys([] if new is None else names_of(new))
    return Names(
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        kept=tuple(name for name in after if name in before),
    )
