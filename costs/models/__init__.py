"""Budgets with what is used of them, and what was reserved of them."""

from costs.models.budgets import Budget, BudgetMark, BudgetUse, Period, RaiseRequest, Scope, Unit
from costs.models.reservations import Reservation

__all__ = [
    "Budget",
    "BudgetMark",
    "BudgetUse",
    "Period",
    "RaiseRequest",
    "Reservation",
    "Scope",
    "Unit",
]
