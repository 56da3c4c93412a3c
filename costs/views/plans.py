"""Cost plans: the list, a new one, one with its models and what came of it, another version."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Door, enter
from accounts.models import Role
from accounts.views.entry import person, see_other
from costs.forms.plans import PlanForm, beginning, typed
from costs.models import Plan, PlanVersion
from costs.pages import plans as page
from costs.pages.plan_charts import course_charts, months_charts
from costs.pages.plan_tables import as_csv, list_rows
from costs.queries.choices import values_of
from costs.queries.measured import source
from costs.queries.plans import (
    newest_versions,
    outlooks,
    plans_of,
    promised,
    reality,
    versions_of,
)
from costs.services import plans as services
from costs.services.errors import BadTerms
from costs.values.plans import terms_of
from kit.figures import money
from kit.htmx import HtmxRequest, render_page

SHOWN = 200


@require_GET
@login_required
def plan_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """All plans of the project, the newest first."""
    door = enter(request, project_slug)
    plans = list(plans_of(door.project).order_by("-pk")[:SHOWN])
    context = {
        "title": "Cost plans",
        "nav_current": "costs",
        "rows": list_rows(plans, newest_versions(plans)),
        "may_write": door.may(Role.ENGINEER),
    }
    return render_page(request, "costs/plan_list.html", context, partial="rows")


@require_http_methods(["GET", "POST"])
@login_required
def plan_new(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """A form for a plan; POST makes it."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    form = PlanForm(project=door.project, initial=beginning(datetime.now(UTC).date()))
    if request.method == "POST":
        form = PlanForm(request.POST, project=door.project)
        if form.is_valid():
            try:
                made = services.create_plan(
                    door.project,
                    name=form.cleaned_data["name"],
                    draft=form.draft(),
                    note=form.cleaned_data["note"],
                    actor=person(request),
                )
            except BadTerms as bad:
                _refuse(form, bad)
            else:
                return see_other("costs:plan", project_slug, made.pk)
    return _form_page(request, door, form, None)


@require_http_methods(["GET", "POST"])
@login_required
def plan_edit(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """Another version of a plan; the versions before stay as they were."""
    door, plan = open_plan(request, project_slug, pk, least=Role.ENGINEER)
    newest = versions_of(plan)[0]
    draft = terms_of(newest.terms).draft
    form = PlanForm(project=door.project, initial=typed(plan.name, draft))
    if request.method == "POST":
        form = PlanForm(request.POST, project=door.project)
        if form.is_valid():
            try:
                made = services.change_plan(
                    plan,
                    name=form.cleaned_data["name"],
                    draft=form.draft(),
                    note=form.cleaned_data["note"],
                    actor=person(request),
                )
            except BadTerms as bad:
                _refuse(form, bad)
            else:
                messages.success(request, f"Version {made.number} is the plan from now on.")
                return see_other("costs:plan", project_slug, pk)
    return _form_page(request, door, form, plan)


@require_GET
@login_required
def plan(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """The newest version, or `?v=`; what was spent stands beside what was promised."""
    door, found = open_plan(request, project_slug, pk)
    versions = versions_of(found)
    version = _version(versions, request.GET.get("v", ""))
    terms, models = outlooks(version)
    first = models[0]
    today = datetime.now(UTC).date()
    real = reality(door.project.pk, terms, first, today)
    known, promise = source(), promised(versions)
    experiment = terms.draft.experiment
    context: dict[str, Any] = {
        "title": found.name,
        "nav_current": "costs",
        "crumbs": [{"text": "Plans", "href": reverse("costs:plans", args=[project_slug])}],
        "plan": found,
        "version": version,
        "versions": versions,
        "promised": promise,
        "is_promise": promise.made_at.date() <= terms.draft.launch,
        "terms": terms,
        "figures": page.figures_of(terms, first),
        "sentence": page.break_text(terms, first),
        "lines": page.model_lines(terms, models),
        "months": first.months,
        "traffic": page.traffic_text(terms),
        "caches": page.cache_text(terms),
        "charts": months_charts(terms, first),
        "others": money(terms.ceiling.others) if terms.ceiling and terms.ceiling.others else "",
        "real": real,
        "real_text": page.deviation_text(real) if real else "",
        "factors": page.factor_rows(real) if real else [],
        "courses": course_charts(first, real),
        "traces": _traces(project_slug, terms.draft.feature),
        "experiment_href": reverse(known.page, args=[project_slug, experiment])
        if known and experiment is not None
        else "",
        "may_write": door.may(Role.ENGINEER),
    }
    return render_page(request, "costs/plan.html", context, partial="body")


@require_GET
@login_required
def plan_export(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """Every day of a version as CSV."""
    _, found = open_plan(request, project_slug, pk)
    version = _version(versions_of(found), request.GET.get("v", ""))
    response = HttpResponse(as_csv(*outlooks(version)), content_type="text/csv; charset=utf-8")
    name = f"cost-plan-{found.pk}-v{version.number}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@login_required
def plan_delete(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """It is shown no more."""
    _, found = open_plan(request, project_slug, pk, least=Role.ENGINEER)
    services.delete_plan(found, actor=person(request))
    messages.success(request, "The plan is deleted.")
    return see_other("costs:plans", project_slug)


def open_plan(
    request: HtmxRequest, project_slug: str, pk: int, *, least: Role = Role.VIEWER
) -> tuple[Door, Plan]:
    """A plan of the project. Raises: Http404, PermissionDenied."""
    door = enter(request, project_slug, least=least)
    return door, get_object_or_404(plans_of(door.project), pk=pk)


def _version(versions: list[PlanVersion], text: str) -> PlanVersion:
    if not text:
        return versions[0]
    for one in versions:
        if str(one.number) == text:
            return one
    raise Http404


def _refuse(form: PlanForm, bad: BadTerms) -> None:
    where = {"tokens": "in_uncached"}.get(bad.where, bad.where)
    form.add_error(where if where in form.fields else None, str(bad))


def _form_page(request: HtmxRequest, door: Door, form: PlanForm, plan: Plan | None) -> HttpResponse:
    slug = door.project.slug
    crumbs = [{"text": "Plans", "href": reverse("costs:plans", args=[slug])}]
    if plan is not None:
        crumbs.append({"text": plan.name, "href": reverse("costs:plan", args=[slug, plan.pk])})
    context = {
        "title": "New version" if plan else "New plan",
        "nav_current": "costs",
        "crumbs": crumbs,
        "form": form,
        "plan": plan,
        "names": values_of(door.project),
    }
    status = 422 if form.errors else 200
    return render_page(request, "costs/plan_form.html", context, partial="form", status=status)


def _traces(slug: str, feature: str) -> str:
    asked = quote('feature:"{}"'.format(feature.replace('"', "")))
    return f"{reverse('traces:trace_list', args=[slug])}?q={asked}"
