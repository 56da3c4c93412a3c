"""Which message of the new version is which of the old: in order, then those that moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from prompts.diff.alignment import Effort, matching
from prompts.diff.lines import best_pairs
from prompts.diff.parts import Kind, Part
from prompts.diff.words import likeness, words_of

KINDS: tuple[str, ...] = get_args(Kind)
SAME_ROLE = 0.2  # what it counts, beside 0 to 1 for the words, that one and the same role speaks
LEAST_ALIKE = 0.5  # for two messages of different roles to be one
MOST_PAIRS = 2_500  # messages weighed against each other; past it the roles alone decide


@dataclass(frozen=True)
class Pair:
    """A part on both sides, or on one."""

    old: Part | None
    new: Part | None
    has_moved: bool = False

    @property
    def part(self) -> Part:
        """The new side, else the old."""
        part = self.new or self.old
        if part is None:
            raise ValueError("A pair has at least one side.")
        return part


def pairs_of(old: list[Part], new: list[Part], effort: Effort) -> list[Pair]:
    """The parts of two versions, each once, in the order in which they go to the model."""
    spoken = [part for part in old if part.is_spoken], [part for part in new if part.is_spoken]
    pairs = paired(*spoken, effort)
    return pairs + by_key(
        [part for part in old if not part.is_spoken], [part for part in new if not part.is_spoken]
    )


def paired(old: list[Part], new: list[Part], effort: Effort) -> list[Pair]:
    """Every part once, in the order of the new version, what is gone where it stood."""
    found: list[tuple[int, int]] = []
    a = b = 0
    for block in [*matching(_whole(old), _whole(new), effort), None]:
        a_end, b_end = (block.left, block.right) if block else (len(old), len(new))
        found += _like(old, new, range(a, a_end), range(b, b_end), effort)
        if block:
            found += [(block.left + n, block.right + n) for n in range(block.size)]
            a, b = block.left + block.size, block.right + block.size
    moved = _moved(old, new, found)
    return _in_order(old, new, found, moved)


def by_key(old: list[Part], new: list[Part]) -> list[Pair]:
    """Parts that have names: equal keys are one part."""
    olds = {part.key: part for part in old}
    news = {part.key: part for part in new}
    pairs = [Pair(olds.get(part.key), part) for part in new]
    pairs += [Pair(part, None) for part in old if part.key not in news]
    return sorted(pairs, key=lambda pair: KINDS.index(pair.part.kind))


def _like(
    old: list[Part], new: list[Part], gone: range, came: range, effort: Effort
) -> list[tuple[int, int]]:
    size = sum(len(old[a].text) for a in gone) + sum(len(new[b].text) for b in came)
    pairs = len(gone) * len(came)
    if not pairs or pairs > MOST_PAIRS or not effort.allows(size // 4 + pairs * 50):
        speakers = [_speaker(old[a]) for a in gone], [_speaker(new[b]) for b in came]
        return [
            (gone[block.left + n], came[block.right + n])
            for block in matching(*speakers, effort)
            for n in range(block.size)
        ]
    ours = [words_of(old[a].text) for a in gone]
    theirs = [words_of(new[b].text) for b in came]

    def worth(a: int, b: int) -> float:
        left, right = _speaker(old[gone[a]]), _speaker(new[came[b]])
        alike = likeness(ours[a], theirs[b])
        if left == right:
            return SAME_ROLE + alike
        if "placeholder" in (left[0], right[0]):
            return 0.0
        return alike if alike >= LEAST_ALIKE else 0.0

    table = [[worth(a, b) for b in range(len(came))] for a in range(len(gone))]
    return [(gone[a], came[b]) for a, b in best_pairs(table)]


def _moved(old: list[Part], new: list[Part], found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is left on both sides and the same word for word has moved."""
    taken_old, taken_new = {a for a, _ in found}, {b for _, b in found}
    places: dict[tuple[str, str, str], list[int]] = {}
    for a, part in enumerate(old):
        if a not in taken_old:
            places.setdefault((*_speaker(part), part.text), []).append(a)
    moved = []
    for b, part in enumerate(new):
        if b not in taken_new and (left := places.get((*_speaker(part), part.text))):
            moved.append((left.pop(0), b))
    return moved


def _whole(parts: list[Part]) -> list[tuple[str, str, str]]:
    return [(*_speaker(part), part.text) for part in parts]


def _speaker(part: Part) -> tuple[str, str]:
    return part.kind, part.role


def _in_order(
    old: list[Part],
    new: list[Part],
    found: list[tuple[int, int]],
    moved: list[tuple[int, int]],
) -> list[Pair]:
    partner = {b: a for a, b in found}
    came_from = {b: a for a, b in moved}
    elsewhere = {a for a, _ in moved}
    pairs: list[Pair] = []
    at = 0
    for b, part in enumerate(new):
        if b in partner:
            pairs += [Pair(old[a], None) for a in range(at, partner[b]) if a not in elsewhere]
            at = partner[b] + 1
            pairs.append(Pair(old[partner[b]], part))
        elif b in came_from:
            pairs.append(Pair(old[came_from[b]], part, has_moved=True))
        else:
            pairs.append(Pair(None, part))
    return pairs + [Pair(old[a], None) for a in range(at, len(old)) if a not in elsewhere]
