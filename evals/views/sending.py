"""Traces go into a review queue: one from its page, many from their list."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import enter
from accounts.models import Role
from evals.forms.queues import SendForm
from evals.queries.queue_candidates import of_traces
from evals.queries.queues import queue_of
from evals.services.queues import MOST_AT_ONCE, BadQueue, add_items
from evals.views.labelling import crumbs, person
from kit.htmx import HtmxRequest, render_page
from kit.requests import whole_number


@require_GET
@login_required
def send_fields(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The fields with which the list of traces sends many of them to a queue."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    context = {"project": door.project, "form": SendForm(door.project)}
    return render(request, "evals/_queue_fields.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def send_traces(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """A form for the trace `trace`; POST puts the traces `id` into the queue that `queue` names."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    if request.method == "GET":
        trace_id = request.GET.get("trace", "").replace("\0", "")
        if not trace_id:
            raise Http404("Say which trace.")
        context = {
            "title": "Send to a review queue",
            "nav_current": "traces",
            "crumbs": crumbs(door),
            "trace_id": trace_id,
            "back": reverse("traces:trace_detail", args=[project_slug, trace_id]),
            "form": SendForm(door.project),
            "may_manage": door.may(Role.REVIEWER),
        }
        return render_page(request, "evals/send.html", context, partial="panel")
    number = whole_number(request.POST.get("queue", ""), digits=18)
    queue = queue_of(door.project, number) if number is not None else None
    ids = [one for one in request.POST.getlist("id") if one and "\0" not in one][: MOST_AT_ONCE + 1]
    if queue is None or not ids:
        messages.error(request, "Choose a queue, and at least one trace.")
    else:
        try:
            added = add_items(queue, of_traces(ids), actor=person(request))
            messages.success(request, f"{queue.name}: {added.words}")
        except BadQueue as bad:
            messages.error(request, str(bad))
    wanted = request.POST.get("next", "")
    own = f"/p/{door.project.slug}/"
    response = redirect(wanted if wanted.startswith(own) else f"{own}traces/")
    response.status_code = 303
    return response
