"""Acts on the traces that were ticked in the list, or on all that its query matches."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import Door, enter
from accounts.models import User
from kit.errors import DomainError
from kit.htmx import HtmxRequest, wants_piece
from traces.forms.jobs import BulkForm, criteria_of, fixed_query
from traces.models import BulkJob, Trace
from traces.pages.job_words import job_words, traces
from traces.queries.choosing import count_matching
from traces.services import bulk, jobs
from traces.views.addresses import kept_parameters

MOST_AT_ONCE = 200  # of those ticked by hand; they are done before the page comes back
SECONDS_AT_ONCE = 2.0


@require_POST
@login_required
def bulk_act(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Do it at once where it is little, else as a job with a page of its own."""
    door = enter(request, project_slug)
    form = BulkForm(request.POST)
    listed = QueryDict(request.POST.get("list", "").removeprefix("?"))
    back = reverse("traces:trace_list", args=[door.project.slug])
    back += f"?{listed.urlencode()}" if listed else ""
    if not form.is_valid():
        return _refused(request, back, str(next(iter(form.errors.values()))[0]))
    given = form.cleaned_data
    door.require(jobs.least_role(given["act"], content=given["content"]))
    ids = None if given["all"] else request.POST.getlist("id")
    if ids is not None and (not ids or any("\0" in one for one in ids)):
        return _refused(request, back, "Choose at least one trace.")
    try:
        query = "" if ids is not None else fixed_query(kept_parameters(listed))
        if given["act"] == BulkJob.Kind.DELETE and "confirm" not in request.POST:
            return _ask(request, door, ids, query or listed.urlencode(), back)
        job = jobs.make_job(
            door.project,
            given["act"],
            actor=_person(request),
            query=query,
            ids=ids,
            **form.options_in(door.project),
        )
    except DomainError as error:
        return _refused(request, back, str(error))
    return _answer(request, door, job, back)


def _answer(request: HttpRequest, door: Door, job: BulkJob, back: str) -> HttpResponse:
    is_little = job.ids is not None and len(job.ids) <= MOST_AT_ONCE
    if is_little and job.kind != BulkJob.Kind.EXPORT:
        with jobs.held(job.pk) as held:
            if held is not None and not bulk.work(held, None, seconds=SECONDS_AT_ONCE):
                bulk.release(held)
        job.refresh_from_db()
        if job.state == BulkJob.State.DONE:
            messages.success(request, f"{job_words(job).result}.")
            return _see(back)
    return _see(reverse("traces:job", args=[door.project.slug, job.pk]))


def _ask(
    request: HtmxRequest, door: Door, ids: list[str] | None, query: str, back: str
) -> HttpResponse:
    """Name the count, and have it confirmed; what is confirmed is what was counted."""
    count: int | None
    if ids is not None:
        of_project = Q(project_id=door.project.pk, trace_id__in=ids)
        count = Trace.objects.filter(of_project).count()
    else:
        criteria = criteria_of(BulkJob(query=query))
        count = None if criteria is None else count_matching(door.project.pk, criteria)
    context: dict[str, Any] = {
        "title": "Delete traces",
        "nav_current": "traces",
        "ids": ids,
        "list": query,
        "said": "all traces that match" if count is None else traces(count),
        "back": back,
    }
    template = "traces/bulk_ask.html" + ("#ask" if wants_piece(request) else "")
    return render(request, template, context)


def _refused(request: HtmxRequest, back: str, why: str) -> HttpResponse:
    messages.error(request, why)
    if not wants_piece(request):
        return _see(back)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = back
    return response


def _see(address: str) -> HttpResponse:
    response = redirect(address)
    response.status_code = 303
    return response


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  (signed in)
    return request.user
