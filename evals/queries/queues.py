"""Review queues: what is in them, what is open for a person, how long it will take."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import median

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.utils import timezone

from accounts.models import Project, User
from evals.models import HumanLabel, QueueItem, ReviewQueue

MOST_TIMED = 100  # of the newest labels
MOST_SHARED = 2_000


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a queue stands for one person. `seconds_left` is None before anybody was timed."""

    total: int
    done: int
    flagged: int
    for_me: int
    skipped: int
    locked: int  # by others, at this moment
    mine: int
    seconds_left: float | None
    shared: int  # answers that others labelled too
    agreed: int

    @property
    def share(self) -> float:
        """Done, of all that are not flagged."""
        whole = self.total - self.flagged
        return self.done / whole if whole else 0.0


def queues_of(project: Project, *, closed: bool = False) -> QuerySet[ReviewQueue]:
    """The project's queues by name, with `items_open`, `items_done` and `items_flagged`."""
    state = QueueItem.State
    return (
        ReviewQueue.objects.filter(project=project, archived_at__isnull=not closed)
        .select_related("evaluator", "created_by")
        .annotate(
            items_open=Count("items", filter=Q(items__state=state.OPEN)),
            items_done=Count("items", filter=Q(items__state=state.DONE)),
            items_flagged=Count("items", filter=Q(items__state=state.FLAGGED)),
        )
        .order_by("name")
    )


def queue_of(project: Project, pk: int) -> ReviewQueue | None:
    """One queue of the project, or None."""
    return (
        ReviewQueue.objects.filter(project=project, pk=pk)
        .select_related("project", "evaluator__current", "created_by")
        .first()
    )


def state_counts(queue: ReviewQueue) -> dict[str, int]:
    """How many answers of the queue stand in each state."""
    rows = queue.items.order_by().values_list("state").annotate(number=Count("pk"))
    return dict.fromkeys(QueueItem.State.values, 0) | dict(rows)


def items_page(queue: ReviewQueue, *, state: str, before: int | None, size: int) -> list[QueueItem]:
    """The newest answers below the id `before`, in that state or any, each with its `title`.

    What was asked and answered is not read.
    """
    rows = queue.items.filter(state=state) if state else queue.items.all()
    rows = rows.filter(pk__lt=before) if before is not None else rows
    rows = rows.defer("judged", "snapshot").annotate(title=KT("snapshot__title"))
    return list(rows.prefetch_related("labels").order_by("-pk")[:size])


def open_for(person: User, project: Project) -> QuerySet[QueueItem]:
    """Answers that wait for `person` in the project's open queues, whoever holds them now."""
    mine = HumanLabel.objects.filter(queue_item=OuterRef("pk"), author=person)
    return QueueItem.objects.filter(
        ~Exists(mine),
        queue__project=project,
        queue__archived_at=None,
        state=QueueItem.State.OPEN,
    ).exclude(skipped_by__contains=[person.pk])


def counts_for(person: User, project: Project) -> dict[int, int]:
    """How many answers wait for `person`, by queue."""
    rows = open_for(person, project).order_by().values("queue").annotate(number=Count("pk"))
    return {row["queue"]: row["number"] for row in rows}


def progress_of(queue: ReviewQueue, person: User) -> Progress:
    """Where the queue stands for `person`. Five statements."""
    now = timezone.now()
    state = QueueItem.State
    counted = queue.items.aggregate(
        total=Count("pk"),
        done=Count("pk", filter=Q(state=state.DONE)),
        flagged=Count("pk", filter=Q(state=state.FLAGGED)),
        skipped=Count("pk", filter=Q(state=state.OPEN, skipped_by__contains=[person.pk])),
        locked=Count("pk", filter=Q(state=state.OPEN, locked_until__gt=now) & ~Q(locked_by=person)),
    )
    for_me = open_for(person, queue.project).filter(queue=queue).count()
    mine = HumanLabel.objects.filter(queue_item__queue=queue, author=person)
    shared, agreed = _agreement(queue, person)
    each = _seconds_each(queue, person)
    return Progress(
        **counted,
        for_me=for_me,
        mine=mine.values("queue_item").distinct().count(),
        seconds_left=None if each is None else each * for_me,
        shared=shared,
        agreed=agreed,
    )


def _seconds_each(queue: ReviewQueue, person: User) -> float | None:
    """The median time that an answer takes: this person's own, else anybody's."""
    rows = HumanLabel.objects.filter(queue_item__queue=queue, seconds__isnull=False)
    newest = list(rows.order_by("-at").values_list("author_id", "seconds")[:MOST_TIMED])
    own = [seconds for author, seconds in newest if author == person.pk]
    every = [seconds for _, seconds in newest if seconds is not None]
    chosen = [seconds for seconds in own if seconds is not None] or every
    return float(median(chosen)) if chosen else None


def _agreement(queue: ReviewQueue, person: User) -> tuple[int, int]:
    """This person's labels beside others' on the same answer: how many pairs, how many equal."""
    if queue.people_each < 2:
        return 0, 0
    rows = HumanLabel.objects.filter(queue_item__queue=queue, is_dropped=False)
    said: dict[tuple[int | None, str], list[tuple[int | None, float | None, str | None]]]
    said = defaultdict(list)
    columns = ("queue_item_id", "name", "author_id", "num", "label")
    for item, name, author, num, text in rows.order_by("-at").values_list(*columns)[:MOST_SHARED]:
        said[item, name].append((author, num, text))
    shared = agreed = 0
    for given in said.values():
        own = next((one for one in given if one[0] == person.pk), None)
        if own is None:
            continue
        others = [one for one in given if one[0] != person.pk]
        shared += len(others)
        agreed += sum(one[1:] == own[1:] for one in others)
    return shared, agreed


def next_sources(queue: ReviewQueue) -> str:
    """Who will add next, in words: what fills the queue, as far as anybody can tell."""
    last = queue.items.select_related("added_by").order_by("-pk").first()
    if last is None:
        return "Nothing was added yet: choose answers from the list of traces, or sample some here."
    who = last.added_by.display_name if last.added_by else "A program"
    return f"{who} added the last answers. More come from the list of traces, or are sampled here."
