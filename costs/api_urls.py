"""Addresses of the REST of `costs`."""

from django.urls import path

from costs.api import anomalies, budgets, invoices, plans, reservations, savings, spend, units

_ONE = "budgets/<int:pk>"
_ANOMALY = "anomalies/<int:pk>"

app_name = "costs_api"
urlpatterns = [
    path("anomalies", anomalies.Anomalies.as_view(), name="anomalies"),
    path(_ANOMALY, anomalies.OneAnomaly.as_view(), name="anomaly"),
    path(f"{_ANOMALY}/acknowledge", anomalies.Acknowledge.as_view(), name="acknowledge"),
    path(f"{_ANOMALY}/normal", anomalies.Normal.as_view(), name="normal"),
    path("planned-events", anomalies.PlannedEvents.as_view(), name="planned_events"),
    path("planned-events/<int:pk>", anomalies.OneEvent.as_view(), name="planned_event"),
    path("spend", spend.SpendView.as_view(), name="spend"),
    path("budgets", budgets.Budgets.as_view(), name="budgets"),
    path("budgets/check", reservations.Check.as_view(), name="check"),
    path("budgets/reserve", reservations.Reserve.as_view(), name="reserve"),
    path("budgets/settle", reservations.Settle.as_view(), name="settle"),
    path("costs/plans", plans.Plans.as_view(), name="plans"),
    path("costs/plans/<int:pk>", plans.OnePlan.as_view(), name="plan"),
    path("costs/units", units.UnitCosts.as_view(), name="units"),
    path("costs/good-ends", units.GoodEnds.as_view(), name="good_ends"),
    path(_ONE, budgets.OneBudget.as_view(), name="budget"),
    path(f"{_ONE}/raise", budgets.Raise.as_view(), name="raise"),
    path(f"{_ONE}/drill", budgets.Drill.as_view(), name="drill"),
    path("invoices", invoices.Invoices.as_view(), name="invoices"),
    path("invoices/<int:pk>", invoices.OneInvoice.as_view(), name="invoice"),
    path("invoices/<int:pk>/comparison", invoices.Compared.as_view(), name="comparison"),
    path("savings", savings.Savings.as_view(), name="savings"),
    path("savings/<int:pk>/dismiss", savings.Dismiss.as_view(), name="savings_dismiss"),
    path("savings/<int:pk>/reopen", savings.Reopen.as_view(), name="savings_reopen"),
]
