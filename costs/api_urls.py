"""Addresses of the REST of `costs`."""

from django.urls import path

from costs.api import budgets, invoices, reservations, units

_ONE = "budgets/<int:pk>"

app_name = "costs_api"
urlpatterns = [
    path("budgets", budgets.Budgets.as_view(), name="budgets"),
    path("budgets/check", reservations.Check.as_view(), name="check"),
    path("budgets/reserve", reservations.Reserve.as_view(), name="reserve"),
    path("budgets/settle", reservations.Settle.as_view(), name="settle"),
    path("costs/units", units.UnitCosts.as_view(), name="units"),
    path("costs/good-ends", units.GoodEnds.as_view(), name="good_ends"),
    path(_ONE, budgets.OneBudget.as_view(), name="budget"),
    path(f"{_ONE}/raise", budgets.Raise.as_view(), name="raise"),
    path(f"{_ONE}/drill", budgets.Drill.as_view(), name="drill"),
    path("invoices", invoices.Invoices.as_view(), name="invoices"),
    path("invoices/<int:pk>", invoices.OneInvoice.as_view(), name="invoice"),
    path("invoices/<int:pk>/comparison", invoices.Compared.as_view(), name="comparison"),
]
