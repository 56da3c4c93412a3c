"""Trying an evaluator: on one answer, or on the examples of its template."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST

from accounts.models import Project, Role
from evals.evaluating.subject import Document, Subject
from evals.evaluating.templates import TEMPLATES
from evals.forms.evaluators import TryForm
from evals.pages.evaluators import checked_examples, shown_verdict
from evals.queries.subjects import subject_of_trace
from evals.services.trying import try_evaluator, try_examples
from evals.views.evaluators import frame_of, open_evaluator, version_of
from kit.htmx import HtmxRequest, render_page
from kit.requests import whole_number


@require_POST
@login_required
def evaluator_test(request: HtmxRequest, project_slug: str, name: str) -> HttpResponse:
    """What a version says of one answer, with what it cost; nothing is stored."""
    door, found = open_evaluator(request, project_slug, name, least=Role.ENGINEER)
    number = whole_number(request.POST.get("version", ""), digits=9)
    version = version_of(found, number) if number is not None else found.current
    if version is None:
        raise Http404("It has no version.")
    form = TryForm(found.kind, request.POST)
    shown = None
    if form.is_valid():
        subject = _subject(door.project, form.cleaned_data)
        if subject is None:
            form.add_error("trace_id", "This project has no such trace.")
        else:
            other = form.cleaned_data.get("other")
            pair = replace(subject, output=other) if other else None
            shown = shown_verdict(try_evaluator(version, subject, pair), version)
    context = {**frame_of(door, found), "form": form, "shown": shown, "version": version}
    # htmx swaps what answers well; the errors stand in the piece itself.
    return render_page(request, "evals/evaluator_test.html", context, partial="result")


@require_POST
@login_required
def evaluator_examples(request: HtmxRequest, project_slug: str, name: str) -> HttpResponse:
    """What the version in use says of its template's labelled examples."""
    door, found = open_evaluator(request, project_slug, name, least=Role.ENGINEER)
    if found.current is None or found.template not in TEMPLATES:
        raise Http404("It has no examples.")
    found.current.evaluator = found
    context = {
        **frame_of(door, found),
        "checked": checked_examples(try_examples(found.current)),
        "version": found.current,
    }
    return render_page(request, "evals/evaluator_examples.html", context, partial="result")


def _subject(project: Project, given: dict[str, Any]) -> Subject | None:
    """The answer that a form tells; None where its trace is unknown."""
    told: dict[str, Any] = {
        name: given[name] for name in ("input", "output", "expected") if given.get(name)
    }
    if paragraphs := [one.strip() for one in (given.get("documents") or "").split("\n\n")]:
        texts = [text for text in paragraphs if text]
        if texts:
            told["documents"] = tuple(Document(f"d{n}", text) for n, text in enumerate(texts, 1))
    trace_id = (given.get("trace_id") or "").strip()
    if not trace_id:
        return Subject(**told)
    found = None if "\0" in trace_id else subject_of_trace(project, trace_id)
    return replace(found, **told) if found is not None else None
