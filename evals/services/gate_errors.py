"""Refusals of gates, written for the person who reads them."""

from __future__ import annotations

from collections.abc import Sequence

from kit.errors import DomainError


class BadGate(DomainError):
    """A gate cannot be so; `where` is the field that says it."""

    def __init__(self, text: str, where: str = "") -> None:
        super().__init__(text)
        self.where = where


class WeakerThanTarget(BadGate):
    """The feature's approved target asks for more."""

    def __init__(self, feature: str, faults: Sequence[str]) -> None:
        super().__init__(f"The approved target of {feature} asks for more. {' '.join(faults)}")


class NotOpen(DomainError):
    """The proposal is decided, or the run is over."""


class NotYours(DomainError):
    """Somebody else decides this; the text says who."""


class GateMoved(DomainError):
    """What was proposed is a change of a gate that is another one now."""


class NoGate(DomainError):
    """There is nothing to ask: no gate, or one that is switched off."""
