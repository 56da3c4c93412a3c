"""Review queues are made and changed; answers come in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor, person, record
from evals.models import Evaluator, QueueItem, ReviewQueue
from evals.queries.queue_candidates import PRIORITIES, Candidate
from evals.queries.snapshots import snapshot_of
from evals.values.scales import scale_of
from kit.errors import DomainError
from traces.models import DataType

MOST_FIELDS = 10
MOST_PEOPLE = 5
MOST_ITEMS = 10_000  # in one queue
MOST_AT_ONCE = 500
LONGEST = 20_000  # characters of instructions


class BadQueue(DomainError):
    """The queue cannot be kept as it is asked for; `field` says where."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True)
class Wanted:
    """What a queue asks for. `fields` are checked; the evaluator's own comes first by itself."""

    name: str
    description: str = ""
    instructions: str = ""
    evaluator: Evaluator | None = None
    fields: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    people_each: int = 1
    is_blind: bool = True


@dataclass(frozen=True)
class Added:
    """How many answers came in, were there already, or are of traces that nobody knows."""

    added: int
    known: int
    missing: int

    @property
    def words(self) -> str:
        """As a sentence."""
        said = [f"{self.added:,} answer{'s' if self.added != 1 else ''} added"]
        if self.known:
            said.append(f"{self.known:,} were in the queue already")
        if self.missing:
            said.append(f"{self.missing:,} could not be found")
        return ", ".join(said) + "."


@transaction.atomic
def create_queue(project: Project, wanted: Wanted, *, actor: Actor) -> ReviewQueue:
    """Make a queue. Raises: BadQueue."""
    checked = _checked(wanted)
    try:
        with transaction.atomic():
            made = ReviewQueue.objects.create(project=project, created_by=person(actor), **checked)
    except IntegrityError:
        raise BadQueue(f"A queue named {wanted.name!r} exists already.", "name") from None
    record("queue.created", actor=actor, project=project, subject=made, name=made.name)
    return made


@transaction.atomic
def change_queue(queue: ReviewQueue, wanted: Wanted, *, actor: Actor) -> ReviewQueue:
    """Change what a queue asks for; labels that were given stay. Raises: BadQueue."""
    checked = _checked(wanted)
    changed = sorted(name for name, value in checked.items() if getattr(queue, name) != value)
    for name in changed:
        setattr(queue, name, checked[name])
    try:
        with transaction.atomic():
            queue.save(update_fields=changed)
    except IntegrityError:
        raise BadQueue(f"A queue named {wanted.name!r} exists already.", "name") from None
    if changed:
        record("queue.changed", actor=actor, project=queue.project, subject=queue, changed=changed)
    return queue


@transaction.atomic
def archive_queue(queue: ReviewQueue, *, actor: Actor) -> None:
    """Close a queue: nothing more is asked, its labels stay."""
    queue.archived_at = timezone.now()
    queue.name = f"{queue.name[:170]} (closed {queue.archived_at:%Y-%m-%d %H:%M:%S})"
    queue.save(update_fields=["archived_at", "name"])
    record("queue.archived", actor=actor, project=queue.project, subject=queue, name=queue.name)


@transaction.atomic
def add_items(
    queue: ReviewQueue,
    found: Iterable[Candidate],
    *,
    actor: Actor,
    reason: str = QueueItem.Reason.CHOSEN,
) -> Added:
    """Put answers into a queue, with what was asked and answered as it stands now.

    One that is in it already is passed over, so that two people may send the same. At most
    MOST_AT_ONCE at a time. Raises: BadQueue where the queue is closed or would be too long.
    """
    ReviewQueue.objects.select_for_update(no_key=True).get(pk=queue.pk)
    if queue.archived_at is not None:
        raise BadQueue("This queue is closed.")
    wanted = list({one.key: one for one in found}.values())
    if len(wanted) > MOST_AT_ONCE:
        raise BadQueue(f"At most {MOST_AT_ONCE} answers at a time; these are {len(wanted):,}.")
    known = set(
        queue.items.filter(trace_id__in=[one.trace_id for one in wanted]).values_list(
            "trace_id", "span_id"
        )
    )
    fresh = [one for one in wanted if one.key not in known]
    if queue.items.filter(state=QueueItem.State.OPEN).count() + len(fresh) > MOST_ITEMS:
        raise BadQueue(f"A queue holds at most {MOST_ITEMS:,} open answers.")
    rows = []
    for one in fresh:
        snapshot = snapshot_of(queue.project, one)
        if snapshot is None:
            continue
        rows.append(
            QueueItem(
                queue=queue,
                trace_id=one.trace_id,
                span_id=one.span_id,
                result_id=one.result_id,
                item_key=one.item_key,
                slice=one.slice,
                snapshot=snapshot,
                judged=one.judged,
                reason=reason,
                priority=PRIORITIES.get(QueueItem.Reason(reason), 0),
                added_by=person(actor),
            )
        )
    QueueItem.objects.bulk_create(rows, ignore_conflicts=True, batch_size=200)
    told = Added(len(rows), len(wanted) - len(fresh), len(fresh) - len(rows))
    if rows:
        record(
            "queue.filled",
            actor=actor,
            project=queue.project,
            subject=queue,
            name=queue.name,
            added=len(rows),
            reason=reason,
        )
    return told


def queue_for(evaluator: Evaluator, *, actor: Actor) -> ReviewQueue:
    """The open queue that calibrates the evaluator, the newest; made where there is none."""
    found = evaluator.queues.filter(archived_at=None).order_by("-pk").first()
    if found is not None:
        return found
    name = f"{evaluator.name[:180]} labels"
    taken = ReviewQueue.objects.filter(project=evaluator.project, name=name).exists()
    wanted = Wanted(
        f"{name} {timezone.now():%Y-%m-%d %H:%M}" if taken else name,
        description=f"Calibrates the judge {evaluator.name}.",
        instructions=evaluator.description,
        evaluator=evaluator,
    )
    return create_queue(evaluator.project, wanted, actor=actor)


def field_of(evaluator: Evaluator) -> dict[str, Any]:
    """The field that asks for the evaluator's own score, by its version in use or its newest."""
    version = evaluator.current or evaluator.versions.order_by("-number").first()
    if version is None:
        raise BadQueue(f"{evaluator.name} has no version yet.", "evaluator")
    scale = scale_of(version)
    return {
        "name": evaluator.name,
        "data_type": scale.data_type,
        "categories": list(scale.categories),
        "minimum": scale.minimum,
        "maximum": scale.maximum,
        "description": evaluator.description[:1000],
    }


def _checked(wanted: Wanted) -> dict[str, Any]:
    name = " ".join(wanted.name.split())
    texts = (wanted.name, wanted.description, wanted.instructions)
    if not name or len(name) > 200:
        raise BadQueue("A name of at most 200 characters is needed.", "name")
    if any("\0" in text or len(text) > LONGEST for text in texts):
        raise BadQueue(f"Texts may have {LONGEST:,} characters, and no NUL.", "instructions")
    if not 1 <= wanted.people_each <= MOST_PEOPLE:
        raise BadQueue(f"From 1 to {MOST_PEOPLE} people label an answer.", "people_each")
    own = [field_of(wanted.evaluator)] if wanted.evaluator is not None else []
    taken = {one["name"] for one in own}
    fields = own + [_field(one) for one in wanted.fields if one.get("name") not in taken]
    names = [one["name"] for one in fields]
    if not fields:
        raise BadQueue("A queue asks for one score at least.", "fields")
    if len(fields) > MOST_FIELDS or len(set(names)) != len(names):
        raise BadQueue(f"At most {MOST_FIELDS} scores, each with its own name.", "fields")
    return {
        "name": name,
        "description": wanted.description.strip(),
        "instructions": wanted.instructions.strip(),
        "evaluator": wanted.evaluator,
        "fields": fields,
        "people_each": wanted.people_each,
        "is_blind": wanted.is_blind,
    }


def _field(given: Mapping[str, Any]) -> dict[str, Any]:
    name = str(given.get("name", "")).strip()
    data_type = str(given.get("data_type") or DataType.NUMBER.value)
    categories = [str(one).strip()[:200] for one in given.get("categories") or () if str(one)]
    low, high = given.get("minimum"), given.get("maximum")
    if not name or len(name) > 200 or "\0" in name:
        raise BadQueue("Each score needs a name of at most 200 characters.", "fields")
    if data_type not in DataType.values:
        raise BadQueue(f"{name}: the type is one of {', '.join(DataType.values)}.", "fields")
    if data_type == DataType.CATEGORY and len(categories) < 2:
        raise BadQueue(f"{name}: name two categories at least.", "fields")
    if low is not None and high is not None and not float(low) < float(high):
        raise BadQueue(f"{name}: the smallest value must be below the largest.", "fields")
    return {
        "name": name,
        "data_type": data_type,
        "categories": categories[:50] if data_type == DataType.CATEGORY else [],
        "minimum": None if low is None else float(low),
        "maximum": None if high is None else float(high),
        "description": str(given.get("description", ""))[:1000],
    }
