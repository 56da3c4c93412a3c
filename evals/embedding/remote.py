"""Embeddings of a provider, as calls of the platform's own: their cost is seen, no text is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from accounts.models import Project
from evals.embedding.errors import NotEmbedded
from gateway import client
from gateway.client import CallFailed, EmbeddingRequest
from gateway.queries import NoProvider, connection_to, provider_for
from kit.crypto import Unreadable

AT_ONCE = 96  # texts of a call
MOST_CHARACTERS = 8_000  # of a text


def embed(
    project: Project, texts: Sequence[str], *, provider: str, model: str, feature: str
) -> tuple[Any, int | None]:
    """One row a text, and what the calls cost in nano-dollars; None where no price is known.

    Raises: NotEmbedded.
    """
    try:
        connection = connection_to(provider_for(project, model=model, name=provider))
    except (NoProvider, Unreadable) as error:
        raise NotEmbedded(str(error)) from error
    about = client.About(
        project_id=project.pk, name="watch texts", metadata={"feature": feature}, is_withheld=True
    )
    rows: list[list[float]] = []
    cost: int | None = 0
    for at in range(0, len(texts), AT_ONCE):
        part = tuple(text[:MOST_CHARACTERS] or " " for text in texts[at : at + AT_ONCE])
        try:
            called = client.embed(connection, EmbeddingRequest(model, part), about)
        except CallFailed as error:
            raise NotEmbedded(str(error)) from error
        if len(called.given.vectors) != len(part):
            raise NotEmbedded(f"{model} gave {len(called.given.vectors)} vectors for {len(part)}.")
        rows += called.given.vectors
        spent = called.cost_nano
        cost = None if cost is None or spent is None else cost + spent
    if len({len(row) for row in rows}) > 1:
        raise NotEmbedded(f"{model} gave vectors of different lengths.")
    found = np.asarray(rows, dtype=np.float32)
    if not np.isfinite(found).all():
        raise NotEmbedded(f"{model} gave vectors that are no numbers.")
    return found, cost
