"""Outcomes: what the business says became of a trace or a session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import orjson
from django.db import transaction
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor, record
from traces.feedback.checks import faults_of_outcome
from traces.feedback.given import Fault, GivenOutcome, redacted, stored_id
from traces.models import Outcome
from traces.services.scores import MOST_AT_ONCE, NotRecorded, Recorded, tell_pages
from traces.services.upsert import lock_ids, upsert

_COLUMNS = {
    "id": "text", "trace_id": "text", "session_id": "text", "name": "text", "value": "numeric",
    "unit": "text", "comment": "text", "metadata": "jsonb", "author": "text", "at": "timestamptz",
}  # fmt: skip


@transaction.atomic
def record_outcomes(
    project_id: int, outcomes: Sequence[GivenOutcome], *, author: str = ""
) -> Recorded:
    """Store outcomes, all or none; the later write of an id wins, as with scores.

    Raises: NotRecorded. At most `MOST_AT_ONCE` at a time.
    """
    given = list(outcomes[:MOST_AT_ONCE])
    faults = (
        [Fault(MOST_AT_ONCE, "", "At most 1,000 at once.")] if len(outcomes) > len(given) else []
    )
    for outcome in given:
        outcome.author = author or outcome.author
        outcome.id = outcome.id or uuid4().hex
    redacted(given)
    for index, outcome in enumerate(given):
        faults += [Fault(index, field, text) for field, text in faults_of_outcome(outcome)]
    if faults:
        raise NotRecorded(faults)
    rows = {outcome.id: _row(outcome) for outcome in given}
    lock_ids("outcome", project_id, rows)
    upsert("outcome", _COLUMNS, project_id, list(rows.values()))
    if rows:
        tell_pages(project_id)
    return Recorded([outcome.id for outcome in given], [])


@transaction.atomic
def delete_outcome(project: Project, outcome_id: str, *, actor: Actor) -> bool:
    """Delete the outcome of that id, with an audit entry; False where the project has none."""
    its_id = stored_id(outcome_id)
    lock_ids("outcome", project.pk, [its_id])
    outcome = Outcome.objects.filter(project_id=project.pk, id=its_id).first()
    if outcome is None:
        return False
    Outcome.objects.filter(project_id=project.pk, id=its_id).delete()
    record(
        "outcome.deleted",
        actor=actor,
        project=project,
        outcome_id=outcome.id,
        name=outcome.name,
        value=outcome.value,
        author=outcome.author,
        trace_id=outcome.trace_id,
        session_id=outcome.session_id,
    )
    tell_pages(project.pk)
    return True


def _row(outcome: GivenOutcome) -> list[Any]:
    metadata = None if outcome.metadata is None else orjson.dumps(outcome.metadata).decode()
    return [
        outcome.id, outcome.trace_id, outcome.session_id or None, outcome.name, outcome.value,
        outcome.unit or None, outcome.comment or None, metadata, outcome.author or None,
        outcome.at or timezone.now(),
    ]  # fmt: skip
