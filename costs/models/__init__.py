"""Budgets with what is used of them, reservations, anomalies of spend, good ends, plans."""

from costs.models.anomalies import Anomaly, PlannedEvent, SpendReading
from costs.models.budgets import (
    Budget,
    BudgetMark,
    BudgetUse,
    Period,
    RaiseRequest,
    Scope,
    Unit,
    bucket_hour,
    period_start,
)
from costs.models.invoices import Invoice, InvoiceLine
from costs.models.outcomes import GoodEnd
from costs.models.plans import Plan, PlanVersion
from costs.models.reservations import Reservation
from costs.models.savings import SavingsAdvice, SavingsDay, SavingsReading

__all__ = [
    "Anomaly",
    "Budget",
    "BudgetMark",
    "BudgetUse",
    "GoodEnd",
    "Invoice",
    "InvoiceLine",
    "Period",
    "Plan",
    "PlanVersion",
    "PlannedEvent",
    "RaiseRequest",
    "Reservation",
    "SavingsAdvice",
    "SavingsDay",
    "SavingsReading",
    "Scope",
    "SpendReading",
    "Unit",
    "bucket_hour",
    "period_start",
]
