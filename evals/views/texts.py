"""Pages of text watches: one watch, its form, and a drift with its examples."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Door, enter
from accounts.models import Role
from evals.embedding.local import fault as local_fault
from evals.forms.live import asked_of
from evals.forms.texts import ProposeForm, WatchForm, initial_of_watch, targets_of
from evals.models import TextDrift, TextWatch
from evals.pages.drift_words import day_words
from evals.pages.quality import Days
from evals.pages.texts import HEIGHT, TITLES, lane_of_texts, said_of, way_words
from evals.queries.choices import datasets_of
from evals.queries.quality import today_of
from evals.queries.texts import drift_of, drifts_of, examples_of, sides_of, watch_of
from evals.services.text_drifts import close_drift, propose_items
from evals.services.text_watches import BadWatch, change_watch, create_watch, delete_watch
from evals.views.quality import crumbs
from gateway.queries import list_offers
from kit.htmx import HtmxRequest, render_page
from prompts.views.opening import back, person, refusals_are_told
from traces.queries.score_figures import ScoreScope, score_choices

MOST_DAYS = 60


@require_GET
@login_required
def text_watch(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """One watch: its lanes, its days and its drifts."""
    door, watch = _open(request, project_slug, pk)
    today = today_of(timezone.now())
    many = asked_of(request.GET).days
    days = Days(today - many + 1, today)
    lanes = [lane_of_texts(one, days) for one in sides_of([watch], days.first)]
    rows = watch.days.order_by("-day", "side")[:MOST_DAYS]
    context = {
        "title": f"Texts of {watch.feature}", "nav_current": "quality", "crumbs": crumbs(door),
        "watch": watch, "lanes": lanes, "days": days, "text_height": HEIGHT,
        "way": way_words(watch),
        "rows": [(one, day_words(one.day), TITLES[one.side], said_of(one)) for one in rows],
        "drifts": [(one, day_words(one.since), TITLES[one.side])
                   for one in drifts_of(door.project).filter(watch=watch)[:20]],
        "may_write": door.may(Role.ENGINEER),
    }  # fmt: skip
    return render_page(request, "evals/text_watch.html", context, partial="body")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def text_watch_new(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The form of a new watch; POST makes it."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    form = WatchForm(
        request.POST or None, initial={"feature": request.GET.get("feature", "")[:200]}
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = create_watch(door.project, form.wanted(), actor=person(request))
        except BadWatch as bad:
            _blame(form, bad)
        else:
            messages.success(request, f"Texts of {made.feature} are watched from yesterday on.")
            return redirect("evals:text_watch", door.project.slug, made.pk)
    return _form_page(request, door, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def text_watch_edit(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """What a watch says; POST changes it, or with `delete` forgets it."""
    door, watch = _open(request, project_slug, pk, least=Role.ENGINEER)
    if "delete" in request.POST:
        delete_watch(watch, actor=person(request))
        messages.success(request, f"Texts of {watch.feature} are watched no more.")
        return redirect("evals:quality", door.project.slug)
    form = WatchForm(request.POST or None, initial=initial_of_watch(watch))
    if request.method == "POST" and form.is_valid():
        try:
            change_watch(watch, form.wanted(), actor=person(request))
        except BadWatch as bad:
            _blame(form, bad)
        else:
            messages.success(request, "Saved.")
            return redirect("evals:text_watch", door.project.slug, watch.pk)
    return _form_page(request, door, form, watch)


@require_GET
@login_required
def text_drift(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """A drift: since when, how clearly, and ten texts of what is new."""
    door, drift = _open_drift(request, project_slug, pk)
    day = drift.day
    today = today_of(timezone.now())
    days = Days(day.day - 29, max(today, day.day))
    side = next(
        (one for one in sides_of([drift.watch], days.first) if one.side == drift.side), None
    )
    context = {
        "title": f"{TITLES[drift.side]} of {drift.watch.feature}", "nav_current": "quality",
        "crumbs": crumbs(door), "drift": drift, "day": day, "watch": drift.watch,
        "since": day_words(drift.since), "on": day_words(day.day), "what": TITLES[drift.side],
        "way": way_words(drift.watch), "examples": examples_of(day),
        "lane": lane_of_texts(side, days) if side else None, "days": days,
        "text_height": HEIGHT, "datasets": datasets_of(door.project),
        "is_open": drift.state == TextDrift.State.OPEN, "may_write": door.may(Role.ENGINEER),
    }  # fmt: skip
    return render_page(request, "evals/text_drift.html", context, partial="body")


@require_POST
@login_required
def text_drift_close(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Over, or the new normal."""
    _, drift = _open_drift(request, project_slug, pk, least=Role.ENGINEER)
    with refusals_are_told(request):
        note = request.POST.get("note", "").strip()
        is_new_normal = request.POST.get("as") == "normal"
        close_drift(drift, actor=person(request), is_new_normal=is_new_normal, note=note)
    return back(request, reverse("evals:text_drift", args=[project_slug, pk]))


@require_POST
@login_required
def text_drift_propose(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Examples become drafts of a dataset."""
    door, drift = _open_drift(request, project_slug, pk, least=Role.ENGINEER)
    form = ProposeForm(datasets_of(door.project), drift.day.examples, request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a dataset and at least one example.")
        return back(request, reverse("evals:text_drift", args=[project_slug, pk]))
    dataset = form.datasets[form.cleaned_data["dataset"]]
    with refusals_are_told(request):
        made = propose_items(drift, dataset, form.cleaned_data["traces"], actor=person(request))
        text = f"{made} new draft{'s' * (made != 1)} in {dataset.name}."
        messages.success(request, text if made else f"{dataset.name} holds them already.")
    return back(request, reverse("evals:text_drift", args=[project_slug, pk]))


def _open(
    request: HttpRequest, project_slug: str, pk: int, *, least: Role = Role.VIEWER
) -> tuple[Door, TextWatch]:
    door = enter(request, project_slug, least=least)
    found = watch_of(door.project, pk)
    if found is None:
        raise Http404("This project watches no such texts.")
    return door, found


def _open_drift(
    request: HttpRequest, project_slug: str, pk: int, *, least: Role = Role.VIEWER
) -> tuple[Door, TextDrift]:
    door = enter(request, project_slug, least=least)
    found = drift_of(door.project, pk)
    if found is None:
        raise Http404("This project has no such drift.")
    return door, found


def _blame(form: WatchForm, bad: BadWatch) -> None:
    name = {"model": "target", "provider": "target"}.get(bad.where, bad.where)
    form.add_error(name if name in form.fields else None, str(bad))


def _form_page(
    request: HttpRequest, door: Door, form: WatchForm, watch: TextWatch | None
) -> HttpResponse:
    today = timezone.now().date()
    choices = score_choices(ScoreScope(door.project.pk, today.replace(day=1), today))
    context = {
        "title": f"Texts of {watch.feature}" if watch else "Watch texts", "nav_current": "quality",
        "crumbs": crumbs(door), "form": form, "watch": watch, "features": choices.features,
        "models": targets_of(list_offers(door.project)), "local_fault": local_fault(),
    }  # fmt: skip
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "evals/text_watch_form.html", context, status=status)
