"""Which inputs say nearly the same: shingles of letters, sketched, compared where they meet.

A text's shingles are its pieces of five letters. Of their hashes the 128 smallest are its sketch,
which estimates the share of shingles that two texts have in common without keeping them all.
Source: A. Broder, On the resemblance and containment of documents, 1997 (bottom-k sketches).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

SHINGLE = 5  # letters
SKETCH = 128  # hashes; the estimate is off by about 0.04
_BINS, _ROWS = 125, 5  # 25 bands: two texts with 0.8 in common share two of them, 999 in 1,000
_LEAST_BANDS = 2
_CROWD = 30  # each text of a crowd with the same band is compared with so many that follow it
LONGEST = 20_000  # letters that are looked at
NEAR = 0.8  # at least so much in common; a guess that a changed word in a short sentence misses
_AT_ONCE = 4_000  # pairs, or texts, in one array

_SPACES = re.compile(r"\s+")
_Hashes = npt.NDArray[np.uint64]
_Places = npt.NDArray[np.int64]
_NONE = np.uint64(2**64 - 1)  # fills the sketch of a text with fewer shingles
_POWERS = np.array([pow(0x9E3779B97F4A7C15, n, 2**64) for n in range(SHINGLE)], dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Near:
    """Two texts by their places in the list, the earlier first. 1.0: the same letters."""

    first: int
    second: int
    similarity: float


def text_of(value: Any) -> str:
    """The words of a JSON value, without its names: what two inputs are compared by."""
    words: list[str] = []
    stack = [value]
    while stack:
        current = stack.pop()
        if isinstance(current, dict):
            stack.extend(reversed(list(current.values())))
        elif isinstance(current, list):
            stack.extend(reversed(current))
        elif current is not None:
            words.append(str(current))
    return "\n".join(words)


def near_duplicates(texts: Sequence[str], *, least: float = NEAR, most: int = 1000) -> list[Near]:
    """Pairs of texts that have at least `least` in common, the most alike first.

    Of texts that are the same each is paired with the first alone. 10,000 texts of 580 letters take
    about two seconds. A text without letters is like no other.
    """
    sketches, bands = sketches_of(texts)
    first_of: dict[bytes, int] = {}
    found, different = [], []
    for place, sketch in enumerate(sketches):
        if sketch[0] == _NONE:
            continue
        first = first_of.setdefault(sketch.tobytes(), place)
        if first == place:
            different.append(place)
        else:
            found.append(Near(first, place, 1.0))
    pairs = np.array(different, dtype=np.int64)[_meeting(bands[different])]
    return sorted([*found, *_alike(sketches, pairs, least)], key=_most_alike)[:most]


def nearest(text: str, texts: Sequence[str], *, least: float = NEAR) -> list[Near]:
    """The `texts` that have at least `least` in common with `text`; `first` is always -1."""
    sketches, bands = sketches_of([*texts, text])
    last = len(texts)
    places = np.flatnonzero((bands[:last] == bands[last]).any(axis=1))
    pairs = np.stack([np.full(len(places), last), places], axis=1)
    return [Near(-1, near.second, near.similarity) for near in _alike(sketches, pairs, least)]


def sketches_of(texts: Sequence[str]) -> tuple[_Hashes, _Hashes]:
    """A row for each text: the smallest hashes of its shingles in order, then `_NONE`; its bands.

    A band is made of five minima, each the smallest hash of one part of all hashes. Source: P. Li,
    A. Owen, C. Zhang, One Permutation Hashing, 2012.
    """
    sketches = np.full((len(texts), SKETCH), _NONE, dtype=np.uint64)
    minima = np.zeros((len(texts), _BINS), dtype=np.uint64)
    edges = (np.arange(_BINS, dtype=np.uint64)) * np.uint64(2**64 // _BINS)
    for start in range(0, len(texts), _AT_ONCE):
        for place, some in enumerate(_hashes_of(texts[start : start + _AT_ONCE]), start):
            hashes = np.unique(some)
            sketches[place, : len(hashes)] = hashes[:SKETCH]
            if len(hashes):
                # Of an empty part the next hash stands for it, beyond the last one the first.
                minima[place] = hashes[np.searchsorted(hashes, edges) % len(hashes)]
    bands: _Hashes = np.zeros((len(texts), _BINS // _ROWS), dtype=np.uint64)
    for row in range(_ROWS):
        bands ^= minima[:, row::_ROWS]
        bands *= np.uint64(0x9E3779B97F4A7C15)
    bands += np.arange(_BINS // _ROWS, dtype=np.uint64)
    return sketches, bands


def _hashes_of(texts: Sequence[str]) -> Iterator[_Hashes]:
    """The hashes of each text's shingles. All letters are hashed in one array: it is quicker."""
    plain = [_SPACES.sub(" ", text[:LONGEST].casefold()).strip() for text in texts]
    plain = [text.ljust(SHINGLE, "\0") if text else "" for text in plain]
    letters = np.frombuffer("".join(plain).encode("utf-32-le", "replace"), dtype=np.uint32)
    codes = letters.astype(np.uint64)
    width = max(0, len(codes) - SHINGLE + 1)
    hashes = np.zeros(width, dtype=np.uint64)
    for at in range(SHINGLE):
        hashes += codes[at : at + width] * _POWERS[at]
    # The finaliser of splitmix64, so that near codes have far hashes.
    hashes ^= hashes >> np.uint64(30)
    hashes *= np.uint64(0xBF58476D1CE4E5B9)
    hashes ^= hashes >> np.uint64(27)
    hashes *= np.uint64(0x94D049BB133111EB)
    hashes ^= hashes >> np.uint64(31)
    start = 0
    for text in plain:
        yield hashes[start : start + max(0, len(text) - SHINGLE + 1)]
        start += len(text)


def _meeting(bands: _Hashes) -> _Places:
    """Pairs of places, a row each, of texts that share enough bands."""
    keys = bands.ravel()
    places = np.repeat(np.arange(len(bands)), bands.shape[1])
    order = np.argsort(keys, kind="stable")
    places, keys = places[order], keys[order]
    codes = [np.empty(0, dtype=np.int64)]
    for step in range(1, min(_CROWD, len(keys) - 1) + 1):
        same = keys[step:] == keys[:-step]
        codes.append(places[:-step][same] * len(bands) + places[step:][same])
    met, times = np.unique(np.concatenate(codes), return_counts=True)
    pairs: _Places = np.stack(np.divmod(met, max(1, len(bands))), axis=1)
    return pairs[times >= _LEAST_BANDS]


def _alike(sketches: _Hashes, pairs: _Places, least: float) -> list[Near]:
    found = []
    for start in range(0, len(pairs), _AT_ONCE):
        some = pairs[start : start + _AT_ONCE]
        shares = _similarities(sketches[some[:, 0]], sketches[some[:, 1]])
        for at in np.flatnonzero(shares >= least).tolist():
            found.append(Near(int(some[at, 0]), int(some[at, 1]), float(shares[at])))
    return sorted(found, key=_most_alike)


def _most_alike(near: Near) -> tuple[float, int, int]:
    return -near.similarity, near.first, near.second


def _similarities(one: _Hashes, other: _Hashes) -> npt.NDArray[np.float64]:
    """For each row the estimated share of the shingles of both that stand in both.

    Of the smallest hashes of either, in order: a hash that stands twice stands in both. Beyond the
    end of a sketch nothing is known of a text, so no more than a sketch's length is looked at.
    """
    both = np.sort(np.concatenate([one, other], axis=1), axis=1)
    is_known = both != _NONE
    is_again = np.zeros(both.shape, dtype=bool)
    is_again[:, 1:] = (both[:, 1:] == both[:, :-1]) & is_known[:, 1:]
    which = np.cumsum(is_known & ~is_again, axis=1)  # the how-manieth different hash it is
    is_full = (one[:, -1] != _NONE) | (other[:, -1] != _NONE)
    looked_at = np.where(is_full, SKETCH, 2 * SKETCH)
    different = np.minimum(which[:, -1], looked_at)
    shared = (is_again & (which <= looked_at[:, None])).sum(axis=1)
    share: npt.NDArray[np.float64] = shared / np.maximum(different, 1)
    return share
