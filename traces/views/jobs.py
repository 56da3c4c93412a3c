"""Exports and jobs: one's own, how far each came, its end, what is to be downloaded."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Door, enter
from accounts.models import User
from accounts.settings_frame import settings_context
from kit.htmx import HtmxRequest, render_page
from traces.exporting.answer import file_answer
from traces.models import BulkJob
from traces.pages.job_words import job_words
from traces.queries.jobs import SHOWN, job_of, jobs_of, parts_of
from traces.services.jobs import NotOpen, cancel_job, note_download


@require_GET
@login_required
def job_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """One's own jobs, the newest first."""
    door = enter(request, project_slug)
    jobs = list(jobs_of(door.project.pk, _person(request))[:SHOWN])
    context = {
        **settings_context(door, "jobs", "Exports and jobs"),
        "rows": [(job, job_words(job)) for job in jobs],
        "is_capped": len(jobs) == SHOWN,
    }
    return render_page(request, "traces/job_list.html", context, partial="rows")


@require_GET
@login_required
def job(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """One job: progress while it runs, its result afterwards."""
    door = enter(request, project_slug)
    found = _job(request, door, pk)
    words = job_words(found)
    context: dict[str, Any] = {
        **settings_context(door, "jobs", words.title),
        "job": found,
        "words": words,
        "list_href": f"{reverse('traces:trace_list', args=[door.project.slug])}?{found.query}",
    }
    context["crumbs"].append(
        {"text": "Exports and jobs", "href": reverse("traces:job_list", args=[door.project.slug])}
    )
    return render_page(request, "traces/job.html", context, partial="state")


@require_POST
@login_required
def job_cancel(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """Stop a job; what is done stays."""
    door = enter(request, project_slug)
    found = _job(request, door, pk)
    try:
        cancel_job(found, actor=_person(request))
        messages.success(request, "Cancelled. What was done already stays.")
    except NotOpen as ended:
        messages.info(request, str(ended))
    response = redirect(reverse("traces:job", args=[door.project.slug, pk]))
    response.status_code = 303
    return response


@require_GET
@login_required
def job_download(
    request: HtmxRequest, project_slug: str, pk: int
) -> HttpResponse | StreamingHttpResponse:
    """The file, for whoever asked for it."""
    door = enter(request, project_slug)
    found = _job(request, door, pk)
    if not found.is_ready:
        raise Http404("There is no file: it is not written yet, or it expired.")
    note_download(found, actor=_person(request))
    return file_answer(request, found, parts_of(found))


def _job(request: HttpRequest, door: Door, pk: int) -> BulkJob:
    found = job_of(door.project.pk, _person(request), pk)
    if found is None:
        raise Http404("You have no such job.")
    return found


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user
