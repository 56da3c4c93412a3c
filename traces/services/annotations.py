"""What people say of a trace: scores by the project's definitions, tags, notes; all audited."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Project, User
from accounts.services.trail import record
from governance.redaction import redact_text
from kit.errors import DomainError
from kit.live import announce
from traces.feedback.given import Fault, GivenScore, Value
from traces.live import group_of
from traces.models import ScoreDefinition, ScoreSource, Trace, TraceNote, TraceTag
from traces.services.scores import NotRecorded, delete_score, record_scores

MOST_TAGS = 50  # given by people to one trace
LONGEST_TAG = 200
MOST_NOTES = 200  # of one trace
LONGEST_NOTE = 10_000
KEPT_WITHOUT_TRACE = timedelta(days=1)
_TABLES = {"trace_tag": "at", "trace_note": "at", "trace_share": "created_at"}
_SEPARATOR = "\x1f"  # stands between facets on their way to the database


class BadAnnotation(DomainError):
    """What was given cannot be kept; the message is for who gave it, `field` says where."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True)
class Verdict:
    """One score of a form: a value, or None to take an earlier one back."""

    definition: ScoreDefinition
    value: Value | None
    comment: str = ""


def score_id(user: User, definition: ScoreDefinition, trace_id: str, span_id: str) -> str:
    """The id of the one score that a person gives a trace or span by a definition."""
    words = "\x1f".join((str(user.pk), str(definition.pk), trace_id, span_id))
    return f"human-{hashlib.sha256(words.encode()).hexdigest()[:40]}"


@transaction.atomic
def give_verdicts(
    project: Project, trace_id: str, verdicts: Sequence[Verdict], *, actor: User, span_id: str = ""
) -> int:
    """Record a person's scores, each replacing their earlier one; returns how many changed.

    Raises: NotRecorded, with the place of each bad one in `verdicts`.
    """
    given = [
        (place, verdict) for place, verdict in enumerate(verdicts) if verdict.value is not None
    ]
    scores = [
        GivenScore(
            name=verdict.definition.name,
            value=verdict.value,  # type: ignore[arg-type]
            id=score_id(actor, verdict.definition, trace_id, span_id),
            trace_id=trace_id,
            span_id=span_id,
            data_type=verdict.definition.data_type,
            source=ScoreSource.HUMAN.value,
            comment=verdict.comment,
        )
        for place, verdict in given
    ]
    try:
        if scores:
            record_scores(project.pk, scores, author=actor.email)
    except NotRecorded as error:
        faults = [Fault(given[f.index][0], f.field, f.text) for f in error.faults]
        raise NotRecorded(faults) from None
    if scores:
        names = sorted(score.name for score in scores)
        _tell(project, "trace.scored", actor, trace_id, span_id=span_id, names=names)
    taken = [verdict for verdict in verdicts if verdict.value is None]
    removed = sum(
        delete_score(project, score_id(actor, verdict.definition, trace_id, span_id), actor=actor)
        for verdict in taken
    )
    return len(scores) + removed


@transaction.atomic
def add_tags(project: Project, trace_id: str, tags: Iterable[str], *, actor: User) -> list[str]:
    """Tag a trace; returns the tags that are new. They stay when the trace is written again.

    Raises: BadAnnotation; Trace.DoesNotExist.
    """
    wanted = clean_tags(tags)
    trace = Trace.objects.select_for_update().get(project_id=project.pk, trace_id=trace_id)
    known = set(_own_tags(project.pk, trace_id).values_list("tag", flat=True))
    sent = {facet[2:] for facet in trace.facets if facet.startswith("t:")}
    new = [tag for tag in wanted if tag not in known and tag not in sent]
    if len(known) + len(new) > MOST_TAGS:
        raise BadAnnotation(f"A trace may have {MOST_TAGS} tags given by people.", "tags")
    if not new:
        return []
    TraceTag.objects.bulk_create(
        TraceTag(project_id=project.pk, trace_id=trace_id, tag=tag, author=actor.email)
        for tag in new
    )
    _set_facets(project.pk, trace_id, [*trace.facets, *(f"t:{tag}" for tag in new)])
    _tell(project, "trace.tagged", actor, trace_id, tags=new)
    return new


@transaction.atomic
def remove_tags(project: Project, trace_id: str, tags: Iterable[str], *, actor: User) -> list[str]:
    """Take back tags that people gave; returns those that were. What was sent with a trace stays.

    Raises: BadAnnotation where a tag was sent; Trace.DoesNotExist.
    """
    wanted = clean_tags(tags)
    trace = Trace.objects.select_for_update().get(project_id=project.pk, trace_id=trace_id)
    own = _own_tags(project.pk, trace_id).filter(tag__in=wanted)
    found = sorted(own.values_list("tag", flat=True))
    for tag in wanted:
        if tag not in found and f"t:{tag}" in trace.facets:
            raise BadAnnotation(f"{tag} was sent with the trace and stays with it.", "tags")
    if not found:
        return []
    own.delete()
    gone = {f"t:{tag}" for tag in found}
    _set_facets(project.pk, trace_id, [facet for facet in trace.facets if facet not in gone])
    _tell(project, "trace.untagged", actor, trace_id, tags=found)
    return found


@transaction.atomic
def add_note(
    project: Project, trace_id: str, text: str, *, actor: User, span_id: str = ""
) -> TraceNote:
    """Leave a note on a trace or one of its spans. Raises: BadAnnotation."""
    said = redact_text(text.strip())
    if not said:
        raise BadAnnotation("Write the note first.", "note")
    if len(said) > LONGEST_NOTE or "\0" in said:
        raise BadAnnotation(f"A note is text of at most {LONGEST_NOTE:,} characters.", "note")
    if TraceNote.objects.filter(project_id=project.pk, trace_id=trace_id).count() >= MOST_NOTES:
        raise BadAnnotation(f"A trace may have {MOST_NOTES} notes.", "note")
    note = TraceNote.objects.create(
        project_id=project.pk, trace_id=trace_id, span_id=span_id, text=said, author=actor.email
    )
    _tell(project, "trace.noted", actor, trace_id, span_id=span_id, note=note.pk)
    return note


@transaction.atomic
def delete_note(project: Project, trace_id: str, pk: int, *, actor: User, any_author: bool) -> bool:
    """Delete one's own note, or with `any_author` anybody's; False where there is none."""
    found = TraceNote.objects.filter(project_id=project.pk, trace_id=trace_id, pk=pk)
    if not any_author:
        found = found.filter(author=actor.email)
    note = found.first()
    if note is None:
        return False
    note.delete()
    _tell(project, "trace.note_deleted", actor, trace_id, note=pk, author=note.author)
    return True


def forget_gone() -> int:
    """Delete tags, notes and links of traces that are no longer kept; returns how many."""
    edge = timezone.now() - KEPT_WITHOUT_TRACE
    gone = 0
    with connection.cursor() as cursor:
        for table, column in _TABLES.items():
            cursor.execute(
                f"delete from {table} o where {column} < %s and not exists (select 1 from trace t "  # noqa: S608
                "where t.project_id = o.project_id and t.trace_id = o.trace_id)",
                [edge],
            )
            gone += cursor.rowcount
    return gone


def _own_tags(project_id: int, trace_id: str) -> QuerySet[TraceTag]:
    return TraceTag.objects.filter(project_id=project_id, trace_id=trace_id)


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Tags without blanks around them, each once, by the rules of what may be kept.

    Raises: BadAnnotation.
    """
    found = []
    for tag in tags:
        text = redact_text(" ".join(tag.split()))
        if not text:
            continue
        if len(text) > LONGEST_TAG or not text.isprintable() or _SEPARATOR in text:
            raise BadAnnotation(f"A tag is one line of at most {LONGEST_TAG} characters.", "tags")
        found.append(text)
    return list(dict.fromkeys(found))


def _set_facets(project_id: int, trace_id: str, facets: list[str]) -> None:
    """Write the facets in the order in which the writer keeps them; the row is locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            'update trace set facets = array(select distinct f collate "C" as f '
            "from unnest(%s::text[]) f order by f) where project_id = %s and trace_id = %s",
            [facets, project_id, trace_id],
        )


def _tell(project: Project, action: str, actor: User, trace_id: str, **details: Any) -> None:
    """Leave the audit entry, and let open pages look again."""
    said = {name: value for name, value in details.items() if value not in ("", [])}
    record(action, actor=actor, project=project, trace_id=trace_id, **said)
    changed = ["traces", "scores"]
    announce(group_of(project.pk), {"type": "project.changed", "changed": changed})
