"""Addresses of the pages of costs, below a project."""

from django.urls import path

from costs.views import (
    anomalies,
    budget_acts,
    budgets,
    invoices,
    overview,
    plans,
    savings,
    spend,
    unattributed,
    units,
)

_ONE = "costs/budgets/<int:pk>/"
_INVOICE = "costs/invoices/<int:pk>/"
_PLAN = "costs/plans/<int:pk>/"

app_name = "costs"
urlpatterns = [
    path("costs/", overview.overview, name="overview"),
    path("costs/spend/", spend.spend, name="spend"),
    path("costs/spend/chart/", spend.chart, name="chart"),
    path("costs/export/", spend.export, name="export"),
    path("costs/unattributed/", unattributed.unattributed, name="unattributed"),
    path("costs/anomalies/", anomalies.anomaly_list, name="anomalies"),
    path("costs/anomalies/<int:pk>/", anomalies.anomaly, name="anomaly"),
    path("costs/anomalies/<int:pk>/normal/", anomalies.anomaly_normal, name="anomaly_normal"),
    path("costs/anomalies/<int:pk>/known/", anomalies.anomaly_known, name="anomaly_known"),
    path("costs/events/<int:pk>/drop/", anomalies.event_drop, name="event_drop"),
    path("costs/units/", units.units, name="units"),
    path("costs/units/export/", units.export, name="units_export"),
    path("costs/units/ends/<int:pk>/drop/", units.end_drop, name="end_drop"),
    path("costs/budgets/", budgets.budget_list, name="budgets"),
    path("costs/plans/", plans.plan_list, name="plans"),
    path("costs/plans/new/", plans.plan_new, name="plan_new"),
    path(_PLAN, plans.plan, name="plan"),
    path(f"{_PLAN}edit/", plans.plan_edit, name="plan_edit"),
    path(f"{_PLAN}export/", plans.plan_export, name="plan_export"),
    path(f"{_PLAN}delete/", plans.plan_delete, name="plan_delete"),
    path(_ONE, budgets.budget, name="budget"),
    path(f"{_ONE}drill/", budget_acts.budget_drill, name="drill"),
    path(f"{_ONE}switch/", budget_acts.budget_switch, name="switch"),
    path(f"{_ONE}raise/", budget_acts.budget_raise, name="raise"),
    path(f"{_ONE}decide/", budget_acts.budget_decide, name="decide"),
    path(f"{_ONE}delete/", budget_acts.budget_delete, name="delete"),
    path("costs/invoices/", invoices.invoice_list, name="invoices"),
    path(_INVOICE, invoices.invoice, name="invoice"),
    path(f"{_INVOICE}export/", invoices.invoice_export, name="invoice_export"),
    path(f"{_INVOICE}delete/", invoices.invoice_delete, name="invoice_delete"),
    path("costs/savings/", savings.savings, name="savings"),
    path("costs/savings/<int:pk>/dismiss/", savings.savings_dismiss, name="savings_dismiss"),
    path("costs/savings/<int:pk>/reopen/", savings.savings_reopen, name="savings_reopen"),
]
