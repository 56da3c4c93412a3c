"""What a process remembers of prompts, and how it knows that it may still say so.

Each change of a project's prompts raises the project's epoch in the same transaction. A process
asks for the epochs of the projects it serves several times a second and forgets what is older; the
message that goes out beside it only makes that sooner. What was not confirmed within
`FRESH_SECONDS` is confirmed before it is handed out. So a rollback is seen by every process within
a second of its commit, also by one whose messages are lost, and a process that starts anew knows
nothing that could be old.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field

import orjson

from prompts.models import PromptEpoch
from prompts.serving.choosing import Choice
from prompts.serving.heads import Body, Head, document, load_body, load_head

FRESH_SECONDS = 0.8
MOST_PROJECTS = 2_000
MOST_HEADS = 20_000  # of a project, unknown names among them
MOST_BODIES = 5_000
MOST_ANSWERS = 20_000


@dataclass(slots=True)
class Answer:
    """A body ready to be sent, and its tag."""

    body: bytes
    etag: bytes


@dataclass(slots=True)
class Shelf:
    """What is remembered of one project at one epoch."""

    epoch: int
    confirmed_at: float  # monotonic; when the database last said that this epoch holds
    heads: dict[str, Head | None] = field(default_factory=dict)
    bodies: dict[tuple[str, int], Body | None] = field(default_factory=dict)
    answers: dict[tuple[str, int, str, str, int, bool], Answer] = field(default_factory=dict)

    @property
    def is_fresh(self) -> bool:
        """True while the epoch was confirmed recently enough to be believed."""
        return time.monotonic() - self.confirmed_at <= FRESH_SECONDS


class Cache:
    """Shelves by project, the least recently used put away first. Belongs to one event loop.

    Methods that end in `_now` ask the database and run on a thread; they give back what the loop
    then keeps, so that nothing here is written from two threads.
    """

    def __init__(self) -> None:
        self._shelves: OrderedDict[int, Shelf] = OrderedDict()

    def shelf(self, project_id: int) -> Shelf | None:
        """What is remembered, however old."""
        found = self._shelves.get(project_id)
        if found is not None:
            self._shelves.move_to_end(project_id)
        return found

    def forget(self, project_id: int) -> None:
        """Something changed: ask anew at the next read. Called by the message."""
        self._shelves.pop(project_id, None)

    def forget_all(self) -> None:
        """Messages may have been missed."""
        self._shelves.clear()

    def known(self) -> list[int]:
        """The projects that are remembered."""
        return list(self._shelves)

    def confirm(self, asked_at: float, epochs: dict[int, int]) -> None:
        """Take what the database said when it was asked at `asked_at` (monotonic)."""
        for project_id, shelf in list(self._shelves.items()):
            epoch = epochs.get(project_id)
            if epoch is None:
                continue
            if epoch != shelf.epoch:
                # A shelf that was made while the answer was under way may be newer than it.
                if epoch > shelf.epoch:
                    del self._shelves[project_id]
            else:
                shelf.confirmed_at = max(shelf.confirmed_at, asked_at)

    def begin(self, project_id: int, asked_at: float, epoch: int) -> Shelf:
        """An empty shelf for the epoch, unless one of it is there."""
        known = self._shelves.get(project_id)
        if known is not None and known.epoch == epoch:
            known.confirmed_at = max(known.confirmed_at, asked_at)
            return known
        if known is not None and known.epoch > epoch:
            return known
        shelf = Shelf(epoch, asked_at)
        self._shelves[project_id] = shelf
        while len(self._shelves) > MOST_PROJECTS:
            self._shelves.popitem(last=False)
        return shelf


def epochs_now(projects: list[int]) -> dict[int, int]:
    """The epoch of each of `projects`; 0 for one whose prompts never changed."""
    rows = PromptEpoch.objects.filter(project_id__in=projects)
    found = dict(rows.values_list("project_id", "epoch"))
    return {project_id: found.get(project_id, 0) for project_id in projects}


def head_now(project_id: int, name: str) -> Head | None:
    """The head as the database has it."""
    return load_head(project_id, name)


def body_now(project_id: int, head: Head, number: int) -> Body | None:
    """The body as the database has it."""
    return load_body(project_id, head, number)


def answer_of(head: Head, body: Body, choice: Choice) -> Answer:
    """The document of a read, as bytes."""
    split = choice.split
    told = {
        **document(head, body),
        "served": {
            "label": choice.label or None,
            "arm": choice.arm,
            "why": choice.why,
            "rollout": split.rollout if split else None,
            "share": split.share / 100 if split else None,
        },
    }
    raw = orjson.dumps(told)
    return Answer(raw, etag_of(raw))


def etag_of(body: bytes) -> bytes:
    """A strong tag: 128 bits of the body's BLAKE2b."""
    from hashlib import blake2b

    return b'"' + blake2b(body, digest_size=16).hexdigest().encode() + b'"'
