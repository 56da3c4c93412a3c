"""The events of all apps: what they are called, what they tell, whom they concern."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import models

EVERY = "*"  # stands for every event, those of later versions too
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


class Wish(models.TextChoices):
    """How a person gets the notices of an event."""

    MAIL = "mail", "In the product and by mail"
    PRODUCT = "product", "In the product"
    OFF = "off", "Off"


class UnknownEvent(LookupError):
    """No app declared an event of this name."""


@dataclass(frozen=True)
class Event:
    """Something that may happen, in the words of those who are told.

    `name` is the type in webhooks: words with dots, the noun first (`prompt.label_moved`). `text`
    says it to people. `data` names every field of the payload and what it is; `tell` refuses any
    other, so that a type always has the same shape. `default` is what a person gets who has chosen
    nothing; without one the event is for webhooks alone. `because` ends the sentence "You get this
    because …", where the caller has no better reason.
    """

    name: str
    text: str
    data: Mapping[str, str] = field(default_factory=dict)
    default: Wish | None = None
    by_mail: bool = True
    because: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name of an event, such as prompt.label_moved.")
        if self.default is not None and not self.because:
            raise ValueError(f"{self.name} goes to persons: say why a person is told of it.")
        if self.default is Wish.MAIL and not self.by_mail:
            raise ValueError(f"{self.name} cannot go by mail, and would by default.")

    @property
    def is_personal(self) -> bool:
        """True where persons can be told of it."""
        return self.default is not None

    @property
    def wishes(self) -> list[Wish]:
        """What a person may choose."""
        return [wish for wish in Wish if self.by_mail or wish is not Wish.MAIL]


_declared: dict[str, Event] = {}


def declare(*events: Event) -> None:
    """Make events known; called from an app's `ready`, again with the same does nothing."""
    for event in events:
        known = _declared.setdefault(event.name, event)
        if known != event:
            raise ValueError(f"The event {event.name} is declared twice, in different words.")


def get(name: str) -> Event:
    """The event of this name. Raises: UnknownEvent."""
    try:
        return _declared[name]
    except KeyError:
        raise UnknownEvent(f"No app declares an event {name!r}.") from None


def all_events() -> list[Event]:
    """Every event, by name."""
    return [_declared[name] for name in sorted(_declared)]


def personal_events() -> list[Event]:
    """Those that persons can be told of, by name."""
    return [event for event in all_events() if event.is_personal]


def text_of(name: str) -> str:
    """What people read for an event's name; the name itself where no app knows it any more."""
    event = _declared.get(name)
    return event.text if event else name
