"""Scores: recorded many at once, the later write of an id wins; deleted one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor, record
from kit.live import announce
from traces.feedback.checks import Measured, faults_of_score, measure
from traces.feedback.given import Fault, GivenScore, redacted, stored_id
from traces.live import group_of
from traces.models import Score, ScoreDefinition, ScoreSource
from traces.rollups.scores import note_scores
from traces.services.upsert import lock_ids, upsert
from traces.signals import people_scored, score_deleted

MOST_AT_ONCE = 1_000
_COLUMNS = {
    "id": "text", "trace_id": "text", "span_id": "text", "session_id": "text", "run_id": "text",
    "name": "text", "data_type": "text", "source": "text", "num": "float8", "label": "text",
    "comment": "text", "metadata": "jsonb", "environment": "text", "author": "text",
    "config_id": "text", "at": "timestamptz",
}  # fmt: skip


class NotRecorded(ValueError):
    """Nothing was stored: `faults` says why, for each of the things given that are wrong."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"[{f.index}].{f.field}: {f.text}" for f in faults))
        self.faults = faults


@dataclass(frozen=True)
class Recorded:
    """What was stored: ids in the order given, None for those that `faults` speaks of."""

    ids: list[str | None]
    faults: list[Fault]


@transaction.atomic
def record_scores(
    project_id: int,
    scores: Sequence[GivenScore],
    *,
    author: str = "",
    from_page: bool = False,
    keep_good: bool = False,
) -> Recorded:
    """Store scores; the later write of an id wins, also where it moves to another trace.

    Checked against the project's definitions where one of that name is not archived. `from_page`
    is for a public key alone: the source is `user`, and only scores of users are replaced. With
    `keep_good` the good ones are stored beside bad ones, else one bad one refuses them all. The
    trace need not have arrived.

    Raises: NotRecorded (never with `keep_good`). At most MOST_AT_ONCE at a time.
    """
    given = list(scores[:MOST_AT_ONCE])
    faults = [Fault(MOST_AT_ONCE, "", "At most 1,000 at once.")] if len(scores) > len(given) else []
    for score in given:
        score.author = author or score.author
        score.id = score.id or uuid4().hex
        if from_page:
            score.source = ScoreSource.USER.value
    redacted(given)
    definitions = _definitions(project_id, {score.name for score in given})
    rows: dict[str, tuple[int, list[Any]]] = {}
    for index, score in enumerate(given):
        definition = definitions.get(score.name)
        found = list(faults_of_score(score, definition, from_page=from_page))
        value = measure(score, definition)
        if not isinstance(value, Measured):
            found.append(value)
        elif not found:
            rows[score.id] = (index, _row(score, value))
        faults += [Fault(index, field, text) for field, text in found]
    if faults and not keep_good:
        raise NotRecorded(faults)
    lock_ids("score", project_id, rows)
    if from_page:
        faults += _taken(project_id, rows)
        if faults and not keep_good:
            raise NotRecorded(faults)
    if rows:
        with connection.cursor() as cursor:
            note_scores(cursor, project_id, list(rows))  # where they move away from
            upsert("score", _COLUMNS, project_id, [row for _, row in rows.values()])
            note_scores(cursor, project_id, list(rows))
        tell_pages(project_id)
    if human := {one.name for one in given if one.id in rows and one.source == ScoreSource.HUMAN}:
        people_scored.send(None, project_id=project_id, names=sorted(human))
    bad = {fault.index for fault in faults}
    return Recorded([None if i in bad else one.id for i, one in enumerate(given)], faults)


@transaction.atomic
def delete_score(project: Project, score_id: str, *, actor: Actor) -> bool:
    """Delete the score of that id, with an audit entry; False where the project has none."""
    its_id = stored_id(score_id)
    lock_ids("score", project.pk, [its_id])
    score = Score.objects.filter(project_id=project.pk, id=its_id).first()
    if score is None:
        return False
    with connection.cursor() as cursor:
        note_scores(cursor, project.pk, [its_id])
    Score.objects.filter(project_id=project.pk, id=its_id).delete()
    record(
        "score.deleted",
        actor=actor,
        project=project,
        score_id=score.id,
        name=score.name,
        value=score.label if score.num is None else score.num,
        source=score.source,
        author=score.author,
        trace_id=score.trace_id,
        session_id=score.session_id,
    )
    tell_pages(project.pk)
    score_deleted.send(None, project_id=project.pk, score_id=score.id)
    return True


def tell_pages(project_id: int) -> None:
    """Let the project's open pages look at their scores and outcomes again, after the commit."""
    announce(group_of(project_id), {"type": "project.changed", "changed": ["scores"]})


def _definitions(project_id: int, names: set[str]) -> dict[str, ScoreDefinition]:
    sane = [name for name in names if "\0" not in name and name.isprintable()]
    found = ScoreDefinition.objects.filter(project_id=project_id, name__in=sane, is_archived=False)
    return {definition.name: definition for definition in found}


def _row(score: GivenScore, value: Measured) -> list[Any]:
    metadata = None if score.metadata is None else orjson.dumps(score.metadata).decode()
    return [
        score.id, score.trace_id, score.span_id or None, score.session_id or None,
        score.run_id or None, score.name, value.data_type, score.source, value.num, value.label,
        score.comment or None, metadata, score.environment or None, score.author or None,
        score.config_id or None, score.at or timezone.now(),
    ]  # fmt: skip


def _taken(project_id: int, rows: dict[str, tuple[int, list[Any]]]) -> list[Fault]:
    """Ids that a web page may not write, because someone else gave those scores; drops them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct id from score where project_id = %s and id = any(%s) and source <> %s",
            [project_id, list(rows), ScoreSource.USER.value],
        )
        taken = [its_id for (its_id,) in cursor.fetchall()]
    text = "This id belongs to a score that no web page gave."
    return [Fault(rows.pop(its_id)[0], "id", text) for its_id in taken]
