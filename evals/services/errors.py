"""Refusals of `evals`, written for the person who reads them."""

from __future__ import annotations

from kit.errors import DomainError


class BadDataset(DomainError):
    """The dataset cannot be so; `where` is the field that says it."""

    def __init__(self, text: str, where: str = "name") -> None:
        super().__init__(text)
        self.where = where


class BadItem(DomainError):
    """An item cannot be so. `at` counts the change in its batch from 0; `where` is its field."""

    def __init__(self, text: str, *, at: int = 0, where: str = "") -> None:
        place = f"Item {at + 1}, {where}: " if where else f"Item {at + 1}: "
        super().__init__(place + text)
        self.text = text
        self.at = at
        self.where = where


class NoSuchItem(DomainError):
    """The dataset has no item of that id."""


class InUse(DomainError):
    """A gate or an experiment needs it as it is."""


class HeldOutItem(DomainError):
    """Who may not open a held-out item does not change it either."""


class NeedsPerson(DomainError):
    """A program's key cannot decide this."""


class NothingToDo(DomainError):
    """What was asked for is so already."""
