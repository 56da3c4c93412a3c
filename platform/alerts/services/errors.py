"""Refusals of alerts, in words for the person who reads them."""

from __future__ import annotations

from kit.errors import DomainError


class BadIncident(DomainError):
    """What was said of the incident cannot be."""


class IncidentIsOver(DomainError):
    """It is resolved, or another one stands for it."""


class CannotRollBack(DomainError):
    """No label move is implicated that could still be taken back."""


class BadChannel(DomainError):
    """The channel cannot be as it was described. `where` is the field."""

    def __init__(self, text: str, where: str = "") -> None:
        super().__init__(text)
        self.where = where


class ChannelIsGone(DomainError):
    """The channel was deleted meanwhile."""


class BadRotation(DomainError):
    """The rotation, or the time that somebody is away, cannot be as it was described."""

    def __init__(self, text: str, where: str = "") -> None:
        super().__init__(text)
        self.where = where


class BadRule(DomainError):
    """The rule cannot be as it was described. `where` is the field."""

    def __init__(self, text: str, where: str = "") -> None:
        super().__init__(text)
        self.where = where


class RuleIsGone(DomainError):
    """The rule was deleted meanwhile."""
