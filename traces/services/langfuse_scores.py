"""Scores of Langfuse's SDKs, stored one by one: a bad one never keeps the others out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from traces.feedback.given import GivenScore
from traces.feedback.langfuse_scores import BadScore, read_score
from traces.services.scores import MOST_AT_ONCE, record_scores


def record_langfuse_scores(
    project_id: int, bodies: Sequence[Any], *, author: str = "", from_page: bool = False
) -> tuple[list[str | None], list[str | None]]:
    """Store what can be stored; (id, error) of each body in order, one of both None.

    The trace need not have arrived. Bodies beyond any number are stored in several transactions.
    """
    errors: list[str | None] = [None] * len(bodies)
    ids: list[str | None] = [None] * len(bodies)
    good: list[tuple[int, GivenScore]] = []
    for place, body in enumerate(bodies):
        try:
            good.append((place, read_score(body)))
        except BadScore as bad:
            errors[place] = str(bad)
    for first in range(0, len(good), MOST_AT_ONCE):
        chunk = good[first : first + MOST_AT_ONCE]
        recorded = record_scores(
            project_id,
            [score for _, score in chunk],
            author=author,
            from_page=from_page,
            keep_good=True,
        )
        for (place, _), its_id in zip(chunk, recorded.ids, strict=True):
            ids[place] = its_id
        for fault in recorded.faults:
            place = chunk[fault.index][0]
            errors[place] = errors[place] or f"{fault.field}: {fault.text}"
    return ids, errors
