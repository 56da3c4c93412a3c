"""Retrieved chunks that answers do not use: by their rank, against the use of the first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from costs.saving.advice import CHUNKS, LEAST_CALLS, Advice, Rates, Seen
from costs.saving.rules import percent

MOST_RANKS = 20
RUN = 8  # words in a row that are no chance
LEAST_USED = Fraction(1, 10)  # of the first chunks: else answers quote too little to tell
SELDOM = Fraction(1, 10)  # of the use of the first
MOST_LOOKED_AT = 20_000  # characters of a chunk or answer
_WORD = re.compile(r"\w+")


def runs_of(text: str) -> set[tuple[str, ...]]:
    """The runs of eight words of a text."""
    words = _WORD.findall(text[:MOST_LOOKED_AT].lower())
    return {tuple(words[place : place + RUN]) for place in range(len(words) - RUN + 1)}


def used_by_rank(chunks: Sequence[str], answer: str) -> list[tuple[int, int]]:
    """(1 where the answer repeats eight words of it in a row, its characters) of each chunk."""
    said = runs_of(answer)
    return [(int(not said.isdisjoint(runs_of(text))), len(text)) for text in chunks[:MOST_RANKS]]


def unused_chunks(seen: Seen, rates: Rates | None) -> Advice | None:
    """What the last ranks cost, where from one on none is used a tenth as often as the first."""
    ranks = seen.total.ranks
    if rates is None or len(ranks) < 2 or ranks[0][0] < LEAST_CALLS or not seen.total.into:
        return None
    first = Fraction(ranks[0][1], ranks[0][0])
    if first < LEAST_USED:
        return None
    last = max(
        place for place, (number, used, _) in enumerate(ranks)
        if number and Fraction(used, number) > first * SELDOM
    )  # fmt: skip
    beyond = ranks[last + 1 :]
    tokens = sum(row[2] for row in beyond)
    if not tokens:
        return None
    # Of the traces that were looked at to all calls that were.
    scale = Fraction(seen.spend.calls, ranks[0][0])
    high = int(tokens * rates["input"] * scale)
    high = min(high, seen.spend.cost)
    used, number = sum(row[1] for row in beyond), sum(row[0] for row in beyond)
    return Advice(
        CHUNKS, *seen.key, high // 2, 0, high, False,
        [
            f"chunks from rank {last + 2} on were quoted in {percent(Fraction(used, number))} of "
            f"answers, the first one in {percent(first)} ({ranks[0][0]:,} answers)",
            f"they are {tokens // max(1, ranks[0][0]):,} input tokens a call",
        ],
        [
            "Used is: the answer repeats eight words of it in a row. An answer may use a chunk "
            "without that: retrieve fewer in an experiment first. The low end is nothing.",
        ],
        seen.total.retrieved,
    )  # fmt: skip
