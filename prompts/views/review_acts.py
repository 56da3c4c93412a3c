"""What is done in a review: verdicts, discussions, suggestions, its version, its end."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.models import Role
from prompts.forms.reviews import ChangeForm, CommentForm, OverrideForm, ReasonForm, VerdictForm
from prompts.models import ChangeRequest, Comment, Thread
from prompts.services.discussing import (
    Place,
    apply,
    mark_viewed,
    reply,
    resolve,
    start_thread,
)
from prompts.services.proposing import (
    close_request,
    edit_request,
    open_draft,
    point_at,
    reopen_request,
    take_new_base,
)
from prompts.services.reviewing import (
    approve,
    comment_on_request,
    dismiss,
    override_checks,
    request_changes,
)
from prompts.views.opening import back, is_understood, open_request, person, refusals_are_told


@require_POST
@login_required
def verdict(request: HttpRequest, project_slug: str, number: int) -> HttpResponse:
    """Give a review: a remark, a request for changes, or an approval of the version shown."""
    _, found = open_request(request, project_slug, number, least=Role.ENGINEER)
    me = person(request)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The review was not understood: open the page again.")
        return back(request, _page(found))
    said = form.cleaned_data
    with refusals_are_told(request):
        if said["verdict"] == "approve":
            approve(
                found,
                actor=me,
                version=said["version"],
                revision=said["revision"],
                note=said["note"],
            )
            messages.success(request, f"You approved v{said['version']}.")
        elif said["verdict"] == "request_changes":
            request_changes(
                found,
                actor=me,
                version=said["version"],
                revision=said["revision"],
                note=said["note"],
            )
            messages.success(request, "You requested changes.")
        elif said["note"].strip():
            comment_on_request(found, actor=me, note=said["note"])
            messages.success(request, "Your comment is in the conversation.")
        else:
            messages.error(request, "Write what you want to say first.")
    return back(request, _page(found))


@require_POST
@login_required
def verdict_dismiss(request: HttpRequest, project_slug: str, number: int, pk: int) -> HttpResponse:
    """Let somebody's verdict count no more, with a reason."""
    _, found = open_request(request, project_slug, number, least=Role.REVIEWER)
    given = found.reviews.filter(pk=pk).select_related("request").first()
    if given is None:
        raise Http404("There is no such verdict.")
    form = ReasonForm(request.POST)
    if is_understood(request, form):
        with refusals_are_told(request):
            dismiss(given, actor=person(request), reason=form.cleaned_data["reason"])
            messages.success(request, "The verdict no longer counts.")
    return back(request, _page(found))


@require_POST
@login_required
def override(request: HttpRequest, project_slug: str, number: int) -> HttpResponse:
    """Let the version pass although a required check is not green."""
    _, found = open_request(request, project_slug, number, least=Role.REVIEWER)
    form = OverrideForm(request.POST)
    if is_understood(request, form):
        with refusals_are_told(request):
            override_checks(found, actor=person(request), **form.cleaned_data)
            messages.success(request, "The checks of this version are overridden.")
    return back(request, _page(found))


@require_POST
@login_required
def comment(request: HttpRequest, project_slug: str, number: int) -> HttpResponse:
    """Begin a discussion, of a line or of the whole review."""
    _, found = open_request(request, project_slug, number, least=Role.ENGINEER)
    form = CommentForm(request.POST)
    anchor = ""
    if form.is_valid():
        said = form.cleaned_data
        place = (
            Place(said["part"], said["line"], Thread.Side(said["side"] or "new"))
            if said["part"] and said["line"]
            else None
        )
        with refusals_are_told(request):
            made = start_thread(
                found,
                actor=person(request),
                body=said["body"],
                place=place,
                suggestion=form.suggested(),
            )
            anchor = f"th-{made.pk}"
    else:
        messages.error(request, "A comment has at most 20,000 characters.")
    return back(request, _page(found), anchor)


@require_POST
@login_required
def thread_reply(request: HttpRequest, project_slug: str, number: int, pk: int) -> HttpResponse:
    """Add to a discussion."""
    thread = _thread(request, project_slug, number, pk)
    form = CommentForm(request.POST)
    if form.is_valid():
        with refusals_are_told(request):
            reply(
                thread,
                actor=person(request),
                body=form.cleaned_data["body"],
                suggestion=form.suggested(),
            )
    return back(request, _page(thread.request), f"th-{pk}")


@require_POST
@login_required
def thread_resolve(request: HttpRequest, project_slug: str, number: int, pk: int) -> HttpResponse:
    """Close a discussion, or open it again (`resolved=0`)."""
    thread = _thread(request, project_slug, number, pk)
    resolve(thread, request.POST.get("resolved", "1") == "1", actor=person(request))
    return back(request, _page(thread.request), f"th-{pk}")


@require_POST
@login_required
def suggestion_apply(request: HttpRequest, project_slug: str, number: int, pk: int) -> HttpResponse:
    """Make a suggestion the version that the review proposes."""
    _, found = open_request(request, project_slug, number, least=Role.ENGINEER)
    suggested = (
        Comment.objects.filter(pk=pk, thread__request=found)
        .select_related("thread__request")
        .first()
    )
    if suggested is None:
        raise Http404("There is no such suggestion.")
    with refusals_are_told(request):
        made = apply(suggested, actor=person(request))
        messages.success(request, f"v{made.number} has the suggestion; approvals start anew.")
    return back(request, _page(found))


@require_POST
@login_required
def viewed(request: HttpRequest, project_slug: str, number: int) -> HttpResponse:
    """Remember whether I have looked at a card. Anybody who may read may mark."""
    _, found = open_request(request, project_slug, number)
    mark_viewed(
        found,
        request.POST.get("part", ""),
        request.POST.get("viewed") == "1",
        user=person(request),
    )
    return back(request, _page(found))


@require_POST
@login_required
def review_change(request: HttpRequest, project_slug: str, number: int) -> HttpResponse:
    """`act`: open a draft, point at another version, take the new base, close, reopen, edit."""
    _, found = open_request(request, project_slug, number, least=Role.ENGINEER)
    me, form = person(request), ChangeForm(request.POST)
    if not is_understood(request, form):
        return back(request, _page(found))
    said, act = form.cleaned_data, form.cleaned_data["act"]
    with refusals_are_told(request):
        if act == "open":
            open_draft(found, actor=me)
        elif act == "version":
            point_at(found, said["version"], actor=me)
        elif act == "base":
            take_new_base(found, actor=me)
        elif act == "close":
            close_request(found, actor=me, reason=said["reason"])
        elif act == "reopen":
            reopen_request(found, actor=me)
        else:
            title, description = form.given("title"), form.given("description")
            edit_request(found, actor=me, title=title, description=description)
    return back(request, _page(found))


def _thread(request: HttpRequest, project_slug: str, number: int, pk: int) -> Thread:
    _, found = open_request(request, project_slug, number, least=Role.ENGINEER)
    thread = found.threads.filter(pk=pk).first()
    if thread is None:
        raise Http404("There is no such discussion.")
    thread.request = found
    return thread


def _page(found: ChangeRequest) -> str:
    return reverse("prompts:review", args=[found.project.slug, found.number])
