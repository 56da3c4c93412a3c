"""Refusals of evaluators, written for the person who reads them."""

from __future__ import annotations

from collections.abc import Iterable

from kit.errors import DomainError


class BadEvaluator(DomainError):
    """The evaluator cannot be so; `faults` are (field, why)."""

    def __init__(self, faults: Iterable[tuple[str, str]]) -> None:
        self.faults = list(faults)
        super().__init__(" ".join(f"{field}: {text}" for field, text in self.faults))


class NoSuchTemplate(DomainError):
    """There is no template of that name."""


class ProposalClosed(DomainError):
    """The proposal is decided already, or another one waits."""


class NotForYou(DomainError):
    """Somebody else decides this; the text says who."""


class EvaluatorMoved(DomainError):
    """Another version came into use since this was proposed."""
