"""What becomes of each event of a Langfuse batch once its spans are stored."""

from __future__ import annotations

from accounts.verification import Bearer
from traces.ingest.pipeline import Prepared
from traces.services.langfuse_scores import record_langfuse_scores


def refuse(prepared: Prepared, refused: list[tuple[int, str]]) -> None:
    """Tell the events of the spans (by position) that the database refused."""
    reasons = {prepared.spans[place].key[1:]: reason for place, reason in refused}
    for event in prepared.events:
        if event.key in reasons:
            event.error = reasons[event.key]


def store_scores(prepared: Prepared, bearer: Bearer) -> None:
    """Store the scores among the events, tell those that will never do, and count them."""
    given = [event for event in prepared.events if event.score is not None]
    if not given:
        return
    bodies = [event.score for event in given]
    _, errors = record_langfuse_scores(bearer.project_id, bodies, author=bearer.public_key)
    for event, error in zip(given, errors, strict=True):
        event.error = error
    bad = [f"event {event.id}: {event.error}" for event in given if event.error is not None]
    prepared.rejected += len(bad)
    prepared.message = "; ".join(filter(None, [prepared.message, *bad[:10]]))
