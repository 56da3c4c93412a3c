"""The project's review queues: the list, what one asks for, what is in it."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Door, enter
from accounts.models import Role
from evals.forms.queues import FillForm, QueueForm, initial_of
from evals.models import QueueItem, ReviewQueue
from evals.queries.queue_candidates import pick
from evals.queries.queues import counts_for, items_page, open_for, queues_of, state_counts
from evals.services.labelling import reopen
from evals.services.queues import (
    BadQueue,
    add_items,
    archive_queue,
    change_queue,
    create_queue,
)
from evals.views.labelling import crumbs, open_queue, person
from kit.htmx import HtmxRequest, render_page
from kit.requests import whole_number

ROWS = 50


@require_GET
@login_required
def queue_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The queues, with what waits for me in each."""
    door = enter(request, project_slug)
    waiting = counts_for(person(request), door.project)
    rows = [{"queue": one, "for_me": waiting.get(one.pk, 0)} for one in queues_of(door.project)]
    context = {
        "title": "Review queue",
        "nav_current": "queues",
        "rows": rows,
        "for_me": sum(waiting.values()),
        "may_label": door.may(Role.ENGINEER),
        "may_manage": door.may(Role.REVIEWER),
    }
    return render_page(request, "evals/queue_list.html", context, partial="rows")


@require_GET
@login_required
def waiting(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The badge in the navigation: how many answers wait for my label, or nothing."""
    door = enter(request, project_slug)
    may = door.may(Role.ENGINEER)
    number = open_for(person(request), door.project).count() if may else 0
    return render(request, "evals/_waiting.html", {"number": number})


@require_http_methods(["GET", "POST"])
@login_required
def queue_new(request: HttpRequest, project_slug: str) -> HttpResponse:
    """A form for a new queue; POST makes it."""
    door = enter(request, project_slug, least=Role.REVIEWER)
    given = request.GET.get("evaluator", "")[:20]
    form = QueueForm(door.project, request.POST or None, initial={"evaluator": given})
    if request.method == "POST" and form.is_valid():
        try:
            made = create_queue(door.project, form.wanted(), actor=person(request))
        except BadQueue as bad:
            form.add_error(_named(form, bad), str(bad))
        else:
            messages.success(request, f"{made.name} is open. Now choose answers for it.")
            return _see("evals:queue_items", door, made)
    return _form_page(request, door, form, None)


@require_http_methods(["GET", "POST"])
@login_required
def queue_edit(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """What a queue asks for; POST changes it, or with `close` closes the queue."""
    door, queue = open_queue(request, project_slug, pk, least=Role.REVIEWER)
    if "close" in request.POST:
        archive_queue(queue, actor=person(request))
        messages.success(request, "The queue is closed; its labels stay.")
        return _see("evals:queues", door, None)
    form = QueueForm(door.project, request.POST or None, initial=initial_of(queue))
    if request.method == "POST" and form.is_valid():
        try:
            change_queue(queue, form.wanted(), actor=person(request))
        except BadQueue as bad:
            form.add_error(_named(form, bad), str(bad))
        else:
            messages.success(request, "Saved.")
            return _see("evals:queue_items", door, queue)
    return _form_page(request, door, form, queue)


@require_GET
@login_required
def queue_items(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """What is in a queue, by state, and the form by which more comes in."""
    door, queue = open_queue(request, project_slug, pk, least=Role.VIEWER)
    return _items_page(request, door, queue, FillForm(queue))


@require_POST
@login_required
def queue_fill(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """Pick answers for a reason and put them into the queue; or ask for a flagged one again."""
    door, queue = open_queue(request, project_slug, pk, least=Role.REVIEWER)
    me = person(request)
    if number := whole_number(request.POST.get("reopen", ""), digits=18):
        for item in queue.items.filter(pk=number):
            reopen(item, actor=me)
        return _see("evals:queue_items", door, queue)
    form = FillForm(queue, request.POST)
    if not form.is_valid():
        return _items_page(request, door, queue, form, status=422)
    given = form.cleaned_data
    found = pick(
        queue,
        form.evaluators.get(given["evaluator"]),
        given["reason"],
        most=given["most"],
        seed=secrets.randbits(32),
        experiment=form.experiments.get(given["experiment"]),
    )
    try:
        added = add_items(queue, found, actor=me, reason=given["reason"])
    except BadQueue as bad:
        form.add_error(None, str(bad))
        return _items_page(request, door, queue, form, status=422)
    words = added.words if found else "No answer like that is left to add."
    messages.success(request, words)
    return _see("evals:queue_items", door, queue)


def _items_page(
    request: HtmxRequest, door: Door, queue: ReviewQueue, form: FillForm, *, status: int = 200
) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in QueueItem.State.values else ""
    after = whole_number(request.GET.get("after", ""), digits=18)
    found = items_page(queue, state=state, before=after, size=ROWS + 1)
    counts = state_counts(queue)
    address = reverse("evals:queue_items", args=[door.project.slug, queue.pk])
    told = (
        ("", "All", None),
        ("open", "Open", counts["open"]),
        ("done", "Done", counts["done"]),
        ("flagged", "Flagged", counts["flagged"]),
    )
    context: dict[str, Any] = {
        "title": queue.name,
        "crumbs": crumbs(door),
        "nav_current": "queues",
        "queue": queue,
        "rows": found[:ROWS],
        "next": found[ROWS - 1].pk if len(found) > ROWS else None,
        "state": state,
        "tabs": [
            {
                "text": words,
                "href": f"{address}?state={name}" if name else address,
                "current": name == state,
                "count": count,
            }
            for name, words, count in told
        ],
        "form": form,
        "may_label": door.may(Role.ENGINEER),
        "may_manage": door.may(Role.REVIEWER),
    }
    return render_page(request, "evals/queue_items.html", context, partial="rows", status=status)


def _form_page(
    request: HttpRequest, door: Door, form: QueueForm, queue: ReviewQueue | None
) -> HttpResponse:
    context = {
        "title": queue.name if queue else "New queue",
        "crumbs": crumbs(door),
        "nav_current": "queues",
        "form": form,
        "queue": queue,
    }
    status = 422 if form.errors else 200
    return render(request, "evals/queue_form.html", context, status=status)


def _named(form: QueueForm, bad: BadQueue) -> str | None:
    name = {"fields": "scores"}.get(bad.field, bad.field)
    return name if name in form.fields else None


def _see(name: str, door: Door, queue: ReviewQueue | None) -> HttpResponse:
    arguments = [door.project.slug, queue.pk] if queue else [door.project.slug]
    response = redirect(reverse(name, args=arguments))
    response.status_code = 303
    return response
