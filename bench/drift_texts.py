"""Traffic about topics, seeded: as vectors and as texts, with a share of topics that are new."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evals.statistics.arrays import Floats

OLD, NEW = 65, 12  # topics
DIMENSIONS = 384
_NOISE = 2.6  # six in seven nearest neighbours are of the same topic then
_LETTERS = "etaoinshrdlucmfwypvbgk"
_SHARED = (
    "how", "do", "i", "the", "my", "is", "a", "to", "can", "why", "was", "not", "please", "help",
    "with", "on", "it", "when", "and", "for",
)  # fmt: skip


class Traffic:
    """Topics drawn once; each window is drawn of them anew."""

    def __init__(self, seed: int) -> None:
        self.chance = np.random.default_rng(seed)
        centres = self.chance.normal(size=(OLD + NEW, DIMENSIONS))
        self.centres = centres / np.linalg.norm(centres, axis=1, keepdims=True)
        self.words = [self._words() for _ in range(OLD + NEW)]
        self.weights = self.chance.dirichlet(np.full(OLD, 2.0))

    def _words(self) -> list[str]:
        sizes = self.chance.integers(4, 9, size=8)
        drawn = [self.chance.choice(list(_LETTERS), size=int(size)) for size in sizes]
        return ["".join(letters) for letters in drawn]

    def topics(self, many: int, share_new: float) -> list[int]:
        """The topic of each of `many` texts."""
        is_new = self.chance.random(many) < share_new
        old = self.chance.choice(OLD, size=many, p=self.weights)
        new = OLD + self.chance.integers(0, NEW, size=many)
        return [int(one) for one in np.where(is_new, new, old)]

    def vectors(self, topics: Sequence[int]) -> Floats:
        """A vector a text: its topic's, and noise."""
        noise = self.chance.normal(size=(len(topics), DIMENSIONS)) / np.sqrt(DIMENSIONS)
        return np.asarray(self.centres[list(topics)] + _NOISE * noise)

    def texts(self, topics: Sequence[int]) -> list[str]:
        """Sentences of shared words and two of the topic's own."""
        return [self._text(topic) for topic in topics]

    def _text(self, topic: int) -> str:
        words = [str(one) for one in self.chance.choice(_SHARED, size=6)]
        words += [str(one) for one in self.chance.choice(self.words[topic], size=2, replace=False)]
        self.chance.shuffle(words)
        return " ".join(words)
