"""Texts as vectors without a model: hashed three-character pieces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from math import log, sqrt
from unicodedata import normalize

import numpy as np

from evals.statistics.arrays import Floats

DIMENSIONS = 512
MOST_CHARACTERS = 4_000  # of a text; what comes later hardly says what it is about
_PIECE = 3


def vectors(texts: Sequence[str]) -> Floats:
    """One row of length 1 a text (of length 0 where it is empty), the same on every machine.

    Case, kinds of spaces and compatible characters make no difference. Each piece has a place and a
    sign by its hash. It counts by the root of how often it comes, and by how rare it is among these
    texts, so give all that are to be compared at once.

    Source: K. Weinberger et al., Feature Hashing, ICML (2009); rarity: K. Spärck Jones, Journal of
    Documentation 28 (1972); roots of counts: J. Rennie et al., ICML (2003).
    """
    pieces = [_pieces(text) for text in texts]
    having = Counter(piece for counted in pieces for piece in counted)
    rows = np.zeros((len(texts), DIMENSIONS))
    for row, counted in zip(rows, pieces, strict=True):
        for piece, count in counted.items():
            place, sign = _hashed(piece)
            row[place] += sign * sqrt(count) * log((1 + len(texts)) / having[piece])
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=rows, where=lengths > 0))


def _pieces(text: str) -> Counter[str]:
    plain = " ".join(normalize("NFKC", text[:MOST_CHARACTERS]).casefold().split())
    if not plain:
        return Counter()
    padded = f" {plain} "
    return Counter(padded[at : at + _PIECE] for at in range(max(len(padded) - _PIECE + 1, 1)))


@lru_cache(maxsize=200_000)
def _hashed(piece: str) -> tuple[int, float]:
    number = int.from_bytes(
        blake2b(piece.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big"
    )
    return number % DIMENSIONS, 1.0 if number >> 63 else -1.0
