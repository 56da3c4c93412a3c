"""The page of prices: what models cost here, stated prices, and costs being computed again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Door, enter
from accounts.models import Role, User
from kit.errors import DomainError
from kit.htmx import HtmxRequest, render_page, wants_piece
from pricing.base_table import table_version
from pricing.forms import CLASSES, PriceForm
from pricing.models import Price, PriceJob
from pricing.plans import PeriodTaken
from pricing.queries import list_histories, list_jobs, prices_of
from pricing.recosting import Preview
from pricing.serializers import plain
from pricing.services import jobs, prices
from pricing.terms import BadPrice, prices_in, tiers_in

_TEMPLATE = "pricing/price_list.html"
MOST_DAYS = 31


@require_http_methods(["GET", "POST"])
@login_required
def price_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The page; POST previews a price (`act=preview`) or states it."""
    if request.method == "GET":
        door = enter(request, project_slug)
        given = {name: request.GET.get(name, "")[:200] for name in ("model", "provider")}
        return _page(request, door, form=PriceForm(initial=given))
    door = enter(request, project_slug, least=Role.ADMIN)
    form = PriceForm(request.POST)
    is_preview = request.POST.get("act") == "preview"
    if form.is_valid():
        try:
            if is_preview:
                told = prices.preview_set(door.project, form.terms())
                return _page(request, door, form=form, preview=told)
            made = prices.set_price(door.project, form.terms(), actor=_person(request))
            messages.success(request, f"The price of {made.pattern} is set.")
            return _back(door)
        except BadPrice as bad:
            form.refuse(bad.where, str(bad))
        except PeriodTaken as taken:
            form.add_error("valid_from", str(taken))
    return _page(request, door, form=form, status=422)


@require_GET
@login_required
def job_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Costs being computed again; the piece asks for itself while one is open."""
    door = enter(request, project_slug)
    context = _jobs(door)
    if not wants_piece(request):
        return _page(request, door)
    response = render(request, f"{_TEMPLATE}#jobs", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
@login_required
def price_end(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """Let a price hold until now only."""
    door = enter(request, project_slug, least=Role.ADMIN)
    _say(request, lambda: prices.end_price(_price(door, pk), actor=_person(request)), "It ended.")
    return _back(door)


@require_POST
@login_required
def price_remove(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """Take a price out as if it had never been."""
    door = enter(request, project_slug, least=Role.ADMIN)
    price = _price(door, pk)
    _say(
        request,
        lambda: prices.remove_price(price, actor=_person(request)),
        f"The price of {price.pattern} was removed.",
    )
    return _back(door)


@require_POST
@login_required
def job_cancel(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """Stop a job."""
    door = enter(request, project_slug, least=Role.ADMIN)
    job = get_object_or_404(PriceJob, project=door.project, pk=pk)
    _say(request, lambda: jobs.cancel_job(job, actor=_person(request)), "It was stopped.")
    return _back(door)


@require_POST
@login_required
def job_again(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """A new job for the calls of one that failed or was stopped."""
    door = enter(request, project_slug, least=Role.ADMIN)
    job = get_object_or_404(PriceJob, project=door.project, pk=pk)
    _say(request, lambda: jobs.run_again(job, actor=_person(request)), "It runs again.")
    return _back(door)


def _say(request: HtmxRequest, act: Any, done: str) -> None:
    """Do it, and tell how it went on the next page."""
    try:
        act()
    except DomainError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)


def _page(
    request: HtmxRequest,
    door: Door,
    *,
    form: PriceForm | None = None,
    preview: Preview | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "title": "Prices",
        "nav_current": "prices",
        "form": form or PriceForm(),
        "may_write": door.may(Role.ADMIN),
        "table_version": table_version(),
        "preview": preview,
        "preview_days": preview.days[:MOST_DAYS] if preview else [],
        "difference_nano": preview.after_nano - preview.before_nano if preview else 0,
        **_histories(door),
        **_jobs(door),
    }
    return render_page(request, _TEMPLATE, context, partial="preview", status=status)


def _histories(door: Door) -> dict[str, Any]:
    histories = list_histories(door.project)
    return {
        "histories": [
            {
                "history": history,
                "current": [_shown(p) for p in ([history.running] if history.running else [])],
                "coming": [_shown(price) for price in history.coming],
                "past": [_shown(price) for price in history.past],
            }
            for history in histories
        ]
    }


def _shown(price: Price) -> dict[str, Any]:
    """A price with its amounts in words."""
    amounts = [
        {"word": CLASSES.get(name, name), "amount": plain(amount)}
        for name, amount in prices_in(price).items()
    ]
    tiers = [
        {
            "above": tier.above,
            "amounts": [
                {"word": CLASSES.get(name, name), "amount": plain(amount)}
                for name, amount in tier.prices.items()
            ],
        }
        for tier in tiers_in(price)
    ]
    return {
        "price": price,
        "amounts": amounts,
        "tiers": tiers,
        "per_call": plain(price.per_call) if price.per_call else "",
        "batch": plain(price.batch_factor) if price.batch_factor is not None else "",
        "rate": plain(price.usd_per_unit) if price.currency != "USD" else "",
    }


def _jobs(door: Door) -> dict[str, Any]:
    found = list_jobs(door.project)
    return {
        "jobs": found,
        "has_open_job": any(job.is_open for job in found),
        "may_write": door.may(Role.ADMIN),
    }


def _price(door: Door, pk: int) -> Price:
    """A price of this project. Raises: Http404."""
    price = get_object_or_404(prices_of(door.project), pk=pk)
    price.project = door.project
    return price


def _person(request: HtmxRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  (login_required saw to it)
    return request.user


def _back(door: Door) -> HttpResponse:
    response = redirect(reverse("pricing:prices", args=[door.project.slug]))
    response.status_code = 303
    return response
