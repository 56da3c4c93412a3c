"""Answers from retrieved texts: are claims supported, was the context to the point and complete?

Each verdict on a claim, a sentence or a fact comes from a judge or a person; here is only counting.
Without claims there is no faithfulness: None, which is neither 0 nor 1 and is counted apart.

Source: S. Es et al., RAGAS: Automated Evaluation of Retrieval Augmented Generation (2023).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

Claim = Literal["supported", "unsupported", "contradicted"]
CLAIMS: tuple[Claim, ...] = ("supported", "unsupported", "contradicted")


def faithfulness(claims: Sequence[str]) -> float | None:
    """The share of the answer's claims that the context supports."""
    return _share(claim == "supported" for claim in claims)


def contradiction_rate(claims: Sequence[str]) -> float | None:
    """The share of the answer's claims that the context contradicts."""
    return _share(claim == "contradicted" for claim in claims)


def context_relevance(sentences: Sequence[bool | int]) -> float | None:
    """The share of the context's sentences that bear on the question."""
    return _share(bool(one) for one in sentences)


def context_recall(facts: Sequence[bool | int]) -> float | None:
    """The share of the reference answer's facts that stand in the context."""
    return _share(bool(one) for one in facts)


def _share(found: Iterable[bool]) -> float | None:
    listed = list(found)
    return sum(listed) / len(listed) if listed else None
