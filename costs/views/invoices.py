"""Providers' exports: all of them with a form for another, and one compared with our figures."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Door, enter
from accounts.models import Role
from accounts.views.entry import person, see_other
from costs.forms.invoices import InvoiceForm
from costs.models import Invoice
from costs.pages import invoice as pages
from costs.queries.invoices import comparison_of, invoices_of, totals_of
from costs.services import invoices as services
from costs.services.errors import BadInvoice, InvoiceOverlaps
from kit.htmx import HtmxRequest, render_page
from kit.requests import whole_number

PAGE = 50


@require_http_methods(["GET", "POST"])
@login_required
def invoice_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The exports that are here, the newest first; POST takes another, for admins."""
    least = Role.ADMIN if request.method == "POST" else Role.VIEWER
    door = enter(request, project_slug, least=least)
    form, status = InvoiceForm(), 200
    if request.method == "POST":
        form = InvoiceForm(request.POST, request.FILES)
        taken = _take(form, door, request)
        if taken is not None:
            messages.success(request, taken.told)
            return see_other("costs:invoice", project_slug, taken.invoice.pk)
        status = 422
    rows = invoices_of(door.project).order_by("-pk")
    if before := whole_number(request.GET.get("before", ""), digits=18):
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    totals = totals_of(found[:PAGE])
    context: dict[str, Any] = {
        "title": "Invoices",
        "nav_current": "costs",
        "rows": [{"it": one, "cost": totals.get(one.pk)} for one in found[:PAGE]],
        "older": found[PAGE - 1].pk if len(found) > PAGE else None,
        "form": form,
        "may_write": door.may(Role.ADMIN),
    }
    return render_page(request, "costs/invoice_list.html", context, partial="rows", status=status)


@require_GET
@login_required
def invoice(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """What the provider says against what we counted; `?model=` names the days' model."""
    door, found = _open(request, project_slug, pk)
    compared, beside = comparison_of(found)
    model = request.GET.get("model", "")
    models = pages.rows_by_model(project_slug, found, compared)
    where, where_href = pages.greatest_of(compared)
    model = model if any(row.name == model for row in models) else ""
    context = {
        "title": found.name,
        "nav_current": "costs",
        "crumbs": [{"text": "Invoices", "href": reverse("costs:invoices", args=[project_slug])}],
        "it": found,
        "beside": beside,
        "figures": pages.figures_of(compared),
        "whys": pages.whys_of(project_slug, compared),
        "unexplained": pages.signed(compared.total.remainder),
        "unexplained_share": pages.part(compared.total.remainder, compared.total.billed),
        "agrees": pages.agrees(compared),
        "where": where,
        "where_href": where_href,
        "notes": pages.notes_of(found, compared),
        "models": models,
        "model": model,
        "days": pages.rows_by_day(project_slug, compared, model),
        "may_write": door.may(Role.ADMIN),
    }
    return render_page(request, "costs/invoice.html", context, partial="days")


@require_GET
@login_required
def invoice_export(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """The comparison as CSV, with exact amounts."""
    _, found = _open(request, project_slug, pk)
    text = pages.as_csv(comparison_of(found)[0].cells)
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    name = f"comparison-{found.provider}-{found.first_day}-{found.last_day}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@login_required
def invoice_delete(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """The export is gone."""
    _, found = _open(request, project_slug, pk, least=Role.ADMIN)
    services.delete_invoice(found, actor=person(request))
    messages.success(request, f"{found.name} is deleted.")
    return see_other("costs:invoices", project_slug)


def _open(
    request: HtmxRequest, project_slug: str, pk: int, *, least: Role = Role.VIEWER
) -> tuple[Door, Invoice]:
    door = enter(request, project_slug, least=least)
    return door, get_object_or_404(invoices_of(door.project).select_related("project"), pk=pk)


def _take(form: InvoiceForm, door: Door, request: HtmxRequest) -> services.Taken | None:
    if not form.is_valid():
        return None
    given = form.cleaned_data
    try:
        return services.take_invoice(
            door.project, given["file"].chunks(), name=given["file"].name or "",
            provider=given["provider"], only=given["only"], overlap=given["overlap"],
            actor=person(request),
        )  # fmt: skip
    except BadInvoice as bad:
        form.add_error("file", str(bad))
    except InvoiceOverlaps as asks:
        form.add_error("overlap", str(asks))
    return None
