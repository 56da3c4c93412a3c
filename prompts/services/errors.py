"""Refusals of the registry and its reviews, written for the person who reads them."""

from __future__ import annotations

from kit.errors import DomainError
from prompts.rules.blockers import Blocker


class BadName(DomainError):
    """The prompt or label cannot be called so; `where` is the field that says it."""

    def __init__(self, text: str, where: str = "name") -> None:
        super().__init__(text)
        self.where = where


class OtherType(DomainError):
    """A prompt keeps its type: text and chat do not mix."""


class NoSuchVersion(DomainError):
    """The prompt has no such version, or it is archived."""


class InUse(DomainError):
    """A label, an open review or a rollout points at the version."""


class ProtectedLabel(DomainError):
    """The label moves only by a change request; `propose_at` is the page that proposes it."""

    def __init__(self, text: str, propose_at: str) -> None:
        super().__init__(text)
        self.propose_at = propose_at


class NotOpen(DomainError):
    """The change request is past that step."""


class SelfApproval(DomainError):
    """Authors do not approve their own changes, nor wave through a check of them."""


class NeedsPerson(DomainError):
    """A program's key cannot decide this."""


class NotYours(DomainError):
    """Somebody else decides this; the text says who."""


class VersionMoved(DomainError):
    """What the person looked at is not what the request proposes now."""


class AlreadyApproved(DomainError):
    """This person's approval of this version stands already."""


class Blocked(DomainError):
    """Rules are unmet; `blockers` says which."""

    def __init__(self, blockers: list[Blocker]) -> None:
        super().__init__(" ".join(blocker.text for blocker in blockers))
        self.blockers = blockers


class NothingToDo(DomainError):
    """What was asked for is so already."""


class TooLate(DomainError):
    """The time to take it back is over, or the label moved since."""
