"""Refusals of features and their targets, written for the person who reads them."""

from __future__ import annotations

from collections.abc import Mapping

from kit.errors import DomainError


class BadFeature(DomainError):
    """What is said of the feature cannot be; `where` is the field."""

    def __init__(self, text: str, where: str = "name") -> None:
        super().__init__(text)
        self.where = where


class BadTarget(DomainError):
    """What the target says cannot be meant; `faults` says what, by field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(f"{field}: {text}" for field, text in faults.items()))
        self.faults = dict(faults)


class BadRule(DomainError):
    """A mapping rule cannot be; `place` counts from 1, 0 means all of them."""

    def __init__(self, text: str, place: int = 0) -> None:
        super().__init__(text)
        self.place = place


class NotOpen(DomainError):
    """The target is past that step, or another one is open."""


class NeedsPerson(DomainError):
    """A program's key cannot decide this."""


class NotYours(DomainError):
    """Somebody else decides this; the text says who."""


class SelfApproval(DomainError):
    """Who wrote a target does not approve it where somebody else can."""


class NothingToDo(DomainError):
    """What was asked for is so already."""
