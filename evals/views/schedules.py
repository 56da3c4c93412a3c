"""Schedules: one with its runs, a new one, and what is done to them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Door, enter
from accounts.models import Project, Role
from evals.forms.schedules import BudgetForm, ScheduleForm, TimeForm
from evals.models import Schedule
from evals.pages import drift_words as words
from evals.pages import quality_top as top
from evals.pages.drift_alarm import run_row
from evals.pages.judge_lane import judge_lane_of
from evals.queries.choices import datasets_of, evaluators_in_use, prompt_versions, prompts_of
from evals.queries.planning import BadPlan, is_pairwise
from evals.queries.quality import Series, get_schedule, lens_of, standings_of, watched_of
from evals.queries.schedule_budgets import month_of
from evals.queries.schedules import runs_of, version_to_run
from evals.queries.stored_answers import is_judged
from evals.services.schedules import (
    BadSchedule,
    budget_schedule,
    create_schedule,
    delete_schedule,
    move_schedule,
    pause_schedule,
)
from evals.values.standings import Standing
from evals.views.quality import crumbs
from gateway.queries import NoProvider, list_offers
from kit.htmx import HtmxRequest, render_page, wants_piece
from kit.requests import whole_number
from pricing.price import usd
from prompts.models import Label
from prompts.views.opening import back, is_understood, person, refusals_are_told

ROWS = 50
# Fields as they are refused, where the form calls them otherwise.
FIELD_OF = {
    "hour": "at", "version": "follows", "label": "follows", "evaluators": "evaluator",
    "model": "target", "cost_cap_nano": "cost_cap", "month_cap_nano": "month_cap",
}  # fmt: skip


@require_GET
@login_required
def schedule(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """What it runs and when, its runs and its alarms; htmx gets all but the frame."""
    door, found = open_schedule(request, project_slug, pk)
    before = whole_number(request.GET.get("before", ""), digits=18)
    rows = runs_of(found).defer("scores")
    rows = rows.filter(pk__lt=before).order_by("-pk") if before else rows.order_by("-pk")
    page = list(rows[: ROWS + 1])
    watched = watched_of([found]).get(found.pk)
    lens = lens_of(watched)
    standing = standings_of([found]).get(found.pk, Standing())
    series = Series(found, watched, (), (), standing)
    alarms = found.alarms.order_by("-pk")[:20]
    context = {
        "title": found.name,
        "nav_current": "quality",
        "crumbs": crumbs(door),
        "schedule": found, "watched": watched, "score": words.title_of_watched(watched),
        "set_href": reverse(
            "evals:dataset",
            args=[project_slug, f"{found.dataset.name}@{found.dataset_version}"],
        ),
        "when": words.times_of(found), "follows": words.runs_what(found),
        "serves": version_to_run(found),
        "calibration": top.calibration_of(series), "smallest": top.smallest_of(series),
        "rows": [run_row(one, lens) for one in page[:ROWS]],
        "after": page[ROWS - 1].pk if len(page) > ROWS else None,
        "alarms": [(one, words.day_words(one.since), words.effect_of(one, lens),
                    words.HEADS[one.cause]) for one in alarms],
        "time_form": TimeForm(auto_id="t-%s", initial={
            "at": f"{found.hour:02}:{found.minute:02}", "zone": found.zone,
            "weekdays": found.weekdays,
        }),
        "is_judged": is_judged(watched),
        "judge": judge_lane_of(found, watched, lens),
        "month": month_of(found, timezone.now()),
        "budget_form": BudgetForm(auto_id="b-%s", initial={"month_cap": usd(found.month_cap_nano)}),
        "may_write": door.may(Role.ENGINEER),
    }  # fmt: skip
    return render_page(request, "evals/schedule.html", context, partial="body")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def schedule_new(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The form; htmx gets it again with what depends on the choices. POST makes the schedule."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    if request.method == "POST":
        form = _form(door.project, request.POST, is_bound=True)
        made = _make(request, door, form)
        if made is not None:
            messages.success(request, f"{made.name} runs {words.times_of(made)}.")
            response = redirect("evals:schedule", door.project.slug, made.pk)
            response.status_code = 303
            return response
        return _shown(request, door, form, status=422)
    return _shown(request, door, _form(door.project, request.GET, is_bound=False))


def _make(request: HttpRequest, door: Door, form: ScheduleForm) -> Schedule | None:
    if not form.is_valid():
        return None
    try:
        return create_schedule(door.project, form.wanted(), actor=person(request))
    except (BadSchedule, BadPlan) as refused:
        name = FIELD_OF.get(refused.where, refused.where)
        form.add_error(name if name in form.fields else None, str(refused))
    except NoProvider as refused:
        form.add_error(None, str(refused))
    return None


def _form(project: Project, said: QueryDict, *, is_bound: bool) -> ScheduleForm:
    """The form with what depends on its choices; what is shown keeps what was said."""
    datasets, prompts = datasets_of(project), prompts_of(project)
    dataset = next((one for one in datasets if one.name == said.get("dataset")), None)
    dataset = dataset or (datasets[0] if datasets else None)
    prompt = next((one for one in prompts if one.name == said.get("prompt")), None)
    prompt = prompt or (prompts[0] if prompts else None)
    labels = Label.objects.filter(prompt=prompt).select_related("version") if prompt else None
    evaluators = [one for one in evaluators_in_use(project) if not is_pairwise(one)]
    given: dict[str, Any] = {
        "datasets": datasets, "prompts": prompts, "dataset": dataset,
        "versions": prompt_versions(prompt) if prompt else [],
        "labels": list(labels.order_by("name")[:50]) if labels is not None else [],
        "offers": list_offers(project), "evaluators": evaluators, "auto_id": "x-%s",
    }  # fmt: skip
    if is_bound:
        return ScheduleForm(said, **given)
    initial: dict[str, Any] = {}
    for name in said:
        initial[name] = said.getlist(name) if name == "weekdays" else said[name]
    if said and "at" in said:
        initial.setdefault("weekdays", [])
        initial["is_canary"] = "is_canary" in said
    return ScheduleForm(initial=initial, **given)


def _shown(
    request: HtmxRequest, door: Door, form: ScheduleForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "title": "New schedule",
        "nav_current": "quality",
        "crumbs": crumbs(door),
        "form": form,
        "has_all": bool(form.datasets and form.prompts and form.known),
        "missing": "dataset" if not form.datasets else "prompt" if not form.prompts
        else "evaluator",
        "has_models": bool(form.offers),
    }  # fmt: skip
    piece = "#setup" if wants_piece(request) else ""
    response = render(request, f"evals/schedule_new.html{piece}", context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Boosted", "HX-History-Restore-Request"])
    return response


@require_POST
@login_required
def schedule_pause(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Plan nothing more, or go on."""
    _, found = open_schedule(request, project_slug, pk, least=Role.ENGINEER)
    is_paused = request.POST.get("paused") == "1"
    with refusals_are_told(request):
        pause_schedule(found, actor=person(request), is_paused=is_paused)
    return back(request, _at(project_slug, pk))


@require_POST
@login_required
def schedule_time(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Run at another time."""
    _, found = open_schedule(request, project_slug, pk, least=Role.ENGINEER)
    form = TimeForm(request.POST)
    if is_understood(request, form):
        with refusals_are_told(request):
            moved = move_schedule(found, actor=person(request), **form.when())
            messages.success(request, f"{moved.name} runs {words.times_of(moved)}.")
    return back(request, _at(project_slug, pk))


@require_POST
@login_required
def schedule_budget(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """What it may spend in a month."""
    _, found = open_schedule(request, project_slug, pk, least=Role.ENGINEER)
    form = BudgetForm(request.POST)
    if is_understood(request, form):
        with refusals_are_told(request):
            budget_schedule(found, actor=person(request), month_cap_nano=form.nano())
    return back(request, reverse("evals:schedule", args=[project_slug, pk]))


@require_POST
@login_required
def schedule_delete(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Remove it with its history."""
    _, found = open_schedule(request, project_slug, pk, least=Role.ENGINEER)
    delete_schedule(found, actor=person(request))
    messages.success(request, f"{found.name} is gone; the experiments that it ran stay.")
    return back(request, reverse("evals:quality", args=[project_slug]))


def open_schedule(
    request: HttpRequest, project_slug: str, pk: int, *, least: Role = Role.VIEWER
) -> tuple[Door, Schedule]:
    """The door and the schedule. Raises: Http404, PermissionDenied."""
    door = enter(request, project_slug, least=least)
    found = get_schedule(door.project, pk)
    if found is None:
        raise Http404("This project has no such schedule.")
    return door, found


def _at(project_slug: str, pk: int) -> str:
    return reverse("evals:schedule", args=[project_slug, pk])
