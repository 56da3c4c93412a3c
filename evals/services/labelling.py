"""One answer at a time: taken with a lock, labelled, passed on, flagged, or taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.trail import record
from evals.models import HumanLabel, QueueItem, ReviewQueue
from evals.services.labels import About, BadLabel, label, take_back
from evals.values.scales import Value, scale_of_field
from governance.redaction import redact_text
from kit.errors import DomainError
from kit.live import announce
from traces.live import group_of

LOCKED_FOR = timedelta(minutes=15)
MOST_SECONDS = 3_600.0  # an item that was open longer was left alone
LONGEST_FLAG = 500

_NEXT = """
select i.id from evals_queueitem i
where i.queue_id = %(queue)s and i.state = 'open' and not i.skipped_by @> %(me_json)s::jsonb
  and i.id <> all(%(not_these)s)
  and (i.locked_until is null or i.locked_until <= %(now)s or i.locked_by_id = %(me)s)
  and not exists (
    select from evals_humanlabel l where l.queue_item_id = i.id and l.author_id = %(me)s)
order by (i.locked_by_id = %(me)s and i.locked_until > %(now)s) desc nulls last,
  i.priority desc, i.id
limit 1 for update of i skip locked
"""


class Taken(DomainError):
    """Another person has the item; `by` says who."""

    def __init__(self, by: str) -> None:
        super().__init__(f"{by} has this answer now. Here is the next one.")
        self.by = by


@dataclass(frozen=True, slots=True)
class Given:
    """What a person says in one field."""

    value: Value
    reason: str = ""


@transaction.atomic
def take_next(
    queue: ReviewQueue, person: User, *, not_these: tuple[int, ...] = ()
) -> QueueItem | None:
    """The next answer for `person`, locked to them for 15 minutes; None where there is none.

    Their own locked one comes first. Rows that others hold are passed over, those whose lock has
    run out are free; so nobody waits, and no two people get the same.
    """
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            _NEXT,
            {
                "queue": queue.pk,
                "me": person.pk,
                "me_json": f"[{person.pk}]",
                "now": now,
                "not_these": list(not_these),
            },
        )
        row = cursor.fetchone()
    if row is None:
        return None
    QueueItem.objects.filter(pk=row[0]).update(locked_by=person, locked_until=now + LOCKED_FOR)
    return QueueItem.objects.select_related("queue__project", "result").get(pk=row[0])


@transaction.atomic
def take(item: QueueItem, person: User) -> QueueItem:
    """Lock this very answer. Raises: Taken, where another has it or enough people labelled it."""
    held = QueueItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    _check(held, person)
    held.locked_by, held.locked_until = person, timezone.now() + LOCKED_FOR
    held.save(update_fields=["locked_by", "locked_until"])
    return held


@transaction.atomic
def save_labels(
    item: QueueItem,
    given: Mapping[str, Given],
    *,
    actor: User,
    seconds: float | None = None,
) -> QueueItem:
    """Keep what `actor` says in each field; with enough people the item is done.

    Raises: Taken where the lock ran out and another has it; BadLabel where the first field is left
    empty or a value does not fit.
    """
    held = _held(item, actor)
    fields = {str(one["name"]): scale_of_field(one) for one in held.queue.fields}
    first = next(iter(fields), "")
    if fields and first not in given:
        raise BadLabel(f"Say what you think of {first} first.", first)
    spent = None if seconds is None or not 0 < seconds <= MOST_SECONDS else seconds
    about = About(held.trace_id, held.span_id, held.item_key, held.slice, held, spent)
    for name, scale in fields.items():
        if name in given:
            one = given[name]
            label(
                held.queue.project, name, one.value, about,
                actor=actor, reason=one.reason, otherwise=scale,
            )  # fmt: skip
    people = held.labels.exclude(author=None).values("author").distinct().count()
    if people >= held.queue.people_each:
        held.state, held.done_at = QueueItem.State.DONE, timezone.now()
    return _freed(held)


@transaction.atomic
def skip(item: QueueItem, *, actor: User) -> QueueItem:
    """Pass it on: it is not offered to `actor` again. Raises: Taken."""
    held = _held(item, actor)
    held.skipped_by = sorted({*held.skipped_by, actor.pk})
    return _freed(held)


@transaction.atomic
def flag(item: QueueItem, why: str, *, actor: User) -> QueueItem:
    """Take it out of everybody's turn, and say why. Raises: Taken, BadLabel."""
    held = _held(item, actor)
    said = redact_text(why.strip().replace("\0", ""))
    if len(said) > LONGEST_FLAG:
        raise BadLabel(f"At most {LONGEST_FLAG} characters.", "flag")
    held.flag = said or f"Flagged by {actor.display_name}"
    held.state = QueueItem.State.FLAGGED
    record(
        "queue.flagged",
        actor=actor,
        project=held.queue.project,
        subject=held,
        trace_id=held.trace_id,
        why=held.flag,
    )
    return _freed(held)


@transaction.atomic
def undo(item: QueueItem, *, actor: User) -> dict[str, dict[str, Any]]:
    """Take back what `actor` did last with it, and lock it to them; what they had said.

    Raises: Taken where another has it by now.
    """
    held = QueueItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    if _is_others(held, actor):
        raise Taken(_name(held))
    mine = HumanLabel.objects.filter(queue_item=held, author=actor).select_related("project")
    said = {one.name: {"num": one.num, "label": one.label, "reason": one.reason} for one in mine}
    for one in mine:
        take_back(one, actor=actor)
    held.skipped_by = [pk for pk in held.skipped_by if pk != actor.pk]
    held.state, held.done_at, held.flag = QueueItem.State.OPEN, None, ""
    held.locked_by, held.locked_until = actor, timezone.now() + LOCKED_FOR
    held.save()
    _tell(held)
    return said


@transaction.atomic
def offer_again(queue: ReviewQueue, person: User) -> int:
    """What `person` skipped is offered to them again; how many answers that are."""
    rows = queue.items.filter(state=QueueItem.State.OPEN, skipped_by__contains=[person.pk])
    found = list(rows.select_for_update(of=("self",), skip_locked=True))
    for one in found:
        one.skipped_by = [pk for pk in one.skipped_by if pk != person.pk]
    QueueItem.objects.bulk_update(found, ["skipped_by"])
    return len(found)


@transaction.atomic
def reopen(item: QueueItem, *, actor: User) -> None:
    """A flagged answer is asked for again."""
    held = QueueItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    if held.state != QueueItem.State.FLAGGED:
        return
    held.state, held.flag = QueueItem.State.OPEN, ""
    record("queue.reopened", actor=actor, project=item.queue.project, subject=held)
    _freed(held)


def _held(item: QueueItem, person: User) -> QueueItem:
    held = (
        QueueItem.objects.select_for_update(of=("self",))
        .select_related("queue__project")
        .get(pk=item.pk)
    )
    _check(held, person)
    return held


def _check(held: QueueItem, person: User) -> None:
    """Raises: Taken, where another has it, or it is done without a label of `person`."""
    if _is_others(held, person):
        raise Taken(_name(held))
    is_mine = HumanLabel.objects.filter(queue_item=held, author=person).exists()
    if held.state != QueueItem.State.OPEN and not is_mine:
        by = held.labels.order_by("-at").first()
        raise Taken(by.author_label if by else "Somebody")


def _is_others(held: QueueItem, person: User) -> bool:
    is_locked = held.locked_until is not None and held.locked_until > timezone.now()
    return is_locked and held.locked_by_id not in (None, person.pk)


def _name(held: QueueItem) -> str:
    return held.locked_by.display_name if held.locked_by else "Somebody"


def _freed(held: QueueItem) -> QueueItem:
    held.locked_by, held.locked_until = None, None
    held.save()
    _tell(held)
    return held


def _tell(held: QueueItem) -> None:
    """Open pages look at their counts again."""
    project_id = held.queue.project_id
    announce(group_of(project_id), {"type": "project.changed", "changed": ["queues"]})
