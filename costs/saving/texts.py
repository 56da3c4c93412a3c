"""What two requests have in common, in tokens that a provider would read from its cache."""

from __future__ import annotations

from hashlib import blake2b

LEAST_CACHED = 1_024  # tokens: providers cache no shorter beginning
BLOCK = 128  # and longer ones in steps of that
LEAST_LINE = 20  # characters; shorter lines are the same by chance
MOST_TEXT = 200_000  # characters that are compared


def digest_of(model: str, text: str) -> str:
    """By which a request is told again. Only this is kept of it."""
    return blake2b(f"{model}\0{text}".encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def common_prefix(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def lines_of(text: str) -> frozenset[int]:
    """The lines of a text that are long enough to be told again."""
    return frozenset(hash(line) for line in text.split("\n") if len(line) >= LEAST_LINE)


def common_lines(text: str, lines: frozenset[int]) -> int:
    """Characters of a text in lines that another has, too, wherever they stand."""
    return sum(
        len(line) + 1 for line in text.split("\n")
        if len(line) >= LEAST_LINE and hash(line) in lines
    )  # fmt: skip


def cacheable(characters: int, text: str, tokens: int) -> int:
    """Tokens of so many characters of a text, in whole blocks; 0 where they are too few."""
    if not text or not tokens:
        return 0
    found = min(characters, len(text)) * tokens // len(text)
    return 0 if found < LEAST_CACHED else found // BLOCK * BLOCK
