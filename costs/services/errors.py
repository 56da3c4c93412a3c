"""Refusals of costs, in words for the person who reads them."""

from __future__ import annotations

from datetime import datetime

from costs.models import Budget
from kit.errors import DomainError


class BadBudget(DomainError):
    """The budget cannot be as it was described. `where` is the field."""

    def __init__(self, text: str, where: str = "") -> None:
        super().__init__(text)
        self.where = where


class BudgetIsGone(DomainError):
    """The budget was deleted meanwhile."""


class BadReservation(DomainError):
    """What was asked of a reservation cannot be."""


class OverBudget(DomainError):
    """A hard budget does not hold what was asked. `resets_at` is when it holds more."""

    def __init__(self, text: str, *, budget: Budget, left: int, resets_at: datetime) -> None:
        super().__init__(text)
        self.budget = budget
        self.left = left
        self.resets_at = resets_at


class CannotDecide(DomainError):
    """Who asked for a raise does not decide on it."""


class BadPlan(DomainError):
    """An event cannot be planned as it was described."""


class BadGoodEnd(DomainError):
    """A good end cannot be told like this. `where` is the field."""

    def __init__(self, text: str, where: str = "") -> None:
        super().__init__(text)
        self.where = where


class BadInvoice(DomainError):
    """An export cannot be read. `where` is its line and column, as far as they are known."""

    def __init__(self, text: str, where: str = "") -> None:
        super().__init__(text)
        self.where = where


class InvoiceOverlaps(DomainError):
    """Days of the export are there already: they are replaced with consent alone."""


class BadTerms(DomainError):
    """A cost plan cannot be as it was described. `where` is the field."""

    def __init__(self, text: str, where: str = "") -> None:
        super().__init__(text)
        self.where = where


class PlanIsGone(DomainError):
    """The plan was deleted meanwhile."""


class BadDismissal(DomainError):
    """Advice cannot be dismissed like this."""
