"""Spend that has no feature, and the one form that gives it one."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import Door, enter
from accounts.models import Role
from accounts.views.entry import person
from costs.forms.unattributed import NamingForm
from costs.pages.asked import Asked, asked_of
from costs.queries.spending import figures
from costs.queries.unattributed import MOST_CANDIDATES, Candidate, candidates_of, look, preview
from costs.services.naming import name_spend
from features.mapping import FIELDS
from features.services.errors import BadFeature, BadRule
from kit.htmx import HtmxRequest, render_page
from traces.queries.unattributed import MOST

_LONGEST = 500


@require_http_methods(["GET", "POST"])
@login_required
def unattributed(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """What spans without a feature share, and what a rule would name; POST makes the rule."""
    least = Role.ENGINEER if request.method == "POST" else Role.VIEWER
    door = enter(request, project_slug, least=least)
    asked = asked_of(project_slug, request.GET, datetime.now(UTC).date())
    status = 200
    if request.method == "POST":
        form = NamingForm(request.POST, project=door.project, filled={})
        if _named(form, door, asked, request):
            messages.success(request, "The rule holds. Stored spans follow it within minutes.")
            return redirect(asked.spend(by="feature", sort=None, q=None), permanent=False)
        status = 422
    else:
        filled = {name: request.GET[name][:_LONGEST] for name in request.GET}
        is_filled = bool(filled.get("value_1"))
        form = NamingForm(
            {"feature": "-", **filled} if is_filled else None, project=door.project, filled=filled
        )
    context = _context(door, asked, form)
    if request.method == "GET" and form.is_bound:  # shown, not judged: nobody has sent it yet
        filled.setdefault("feature", "")
        context["form"] = NamingForm(None, project=door.project, filled=filled)
    context["may_write"] = door.may(Role.ENGINEER)
    return render_page(request, "costs/unattributed.html", context, partial="body", status=status)


def _named(form: NamingForm, door: Door, asked: Asked, request: HtmxRequest) -> bool:
    if not form.is_valid():
        return False
    since = datetime.combine(asked.days.start, time.min, UTC)
    rule = form.rule()
    try:
        name_spend(
            door.project, rule.feature, rule.conditions,
            since=since if form.cleaned_data["stored"] else None, actor=person(request),
        )  # fmt: skip
    except (BadFeature, BadRule) as bad:
        form.add_error("feature" if isinstance(bad, BadFeature) else None, str(bad))
        return False
    return True


def _context(door: Door, asked: Asked, form: NamingForm) -> dict[str, Any]:
    project_id, days = door.project.pk, asked.days
    rows = figures(project_id, days.start, days.until, ("feature",))
    total = sum(one.cost_nano for one in rows)
    missing = sum(one.cost_nano for one in rows if not one.key[0])
    looked = look(project_id, days)
    found = form.rule().conditions if form.is_bound and form.is_valid() else None
    return {
        "title": "Not attributed",
        "crumbs": [{"text": "Costs", "href": asked.spend(by="feature", sort=None, q=None)}],
        "nav_current": "costs",
        "asked": asked,
        "ranges": asked.ranges(datetime.now(UTC).date()),
        "missing": missing,
        "share": missing / total if total else None,
        "looked": looked,
        "most": MOST,
        "most_candidates": MOST_CANDIDATES,
        "candidates": [] if looked is None else [_row(asked, one) for one in candidates_of(looked)],
        "preview": preview(looked, found) if looked is not None and found else None,
        "form": form,
        "action": f"{reverse('costs:unattributed', args=[asked.slug])}?t={asked.days.text}",
    }


def _row(asked: Asked, one: Candidate) -> dict[str, Any]:
    filled = {
        "t": asked.days.text, "field_1": one.field, "op_1": "equals", "value_1": one.value,
        "stored": "on",
    }  # fmt: skip
    if one.field in ("trace", "span", "prompt"):
        filled["feature"] = _suggested(one.value)
    at = reverse("costs:unattributed", args=[asked.slug])
    return {"it": one, "word": FIELDS[one.field], "href": f"{at}?{urlencode(filled)}#name"}


def _suggested(value: str) -> str:
    """A name for a feature: lower case with dashes, as `answer-question`."""
    kept = "".join(one if one.isalnum() or one in "-_." else "-" for one in value.lower())
    return "-".join(part for part in kept.split("-") if part)[:60]
