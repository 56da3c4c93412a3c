"""The panel in which a person scores, tags and annotates a trace or one of its spans."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import Door, enter
from accounts.models import Role, User
from kit.htmx import HtmxRequest, render_page, wants_piece
from traces.forms.annotating import AnnotateForm, open_to_people
from traces.models import Score
from traces.queries import detail
from traces.queries.score_definitions import definitions_of
from traces.queries.scores import scores_of_trace
from traces.queries.snapshots import notes_of, own_tags
from traces.queries.summaries import TraceSummary
from traces.services.annotations import (
    BadAnnotation,
    add_note,
    add_tags,
    delete_note,
    give_verdicts,
    remove_tags,
    score_id,
)
from traces.services.scores import NotRecorded
from traces.views.spans_side import state_of

TEMPLATE = "traces/annotate.html"


@require_http_methods(["GET", "POST"])
@login_required
def annotate(request: HtmxRequest, project_slug: str, trace_id: str) -> HttpResponse:
    """The panel; POST saves what it says, deletes a note, or takes a tag back."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    trace = detail.get_trace(door.project.pk, trace_id)
    if trace is None:
        raise Http404("The project has no such trace.")
    span_id = request.GET.get("span", "")
    span = detail.get_span(door.project.pk, trace, span_id) if span_id else None
    about = request.POST.get("about") or request.GET.get("about") or "trace"
    target = span.span_id if span is not None and about == "span" else ""
    panel = _Panel(request, door, trace, target)
    context = panel.context() | {"span": span, "about": "span" if target else "trace"}
    if request.method == "GET":
        return render_page(request, TEMPLATE, context | {"form": panel.form()}, partial="panel")
    form = panel.form(request.POST)
    said = panel.save(form) if form.is_valid() else ""
    if form.errors:
        context |= panel.context() | {"form": form}
        return render_page(request, TEMPLATE, context, partial="panel", status=422)
    if wants_piece(request):
        again = panel.context() | {"form": panel.form(), "said": said or "Nothing was changed."}
        return render_page(request, TEMPLATE, context | again, partial="panel")
    messages.success(request, said or "Nothing was changed.")
    return redirect(context["back"])


class _Panel:
    """The panel of one person for a trace, or for its span `target`."""

    def __init__(self, request: HtmxRequest, door: Door, trace: TraceSummary, target: str) -> None:
        assert isinstance(request.user, User)  # noqa: S101  (login_required saw to it)
        self.request = request
        self.person = request.user
        self.door = door
        self.trace = trace
        self.target = target
        self.definitions = open_to_people(definitions_of(door.project.pk))

    def form(self, data: Any = None) -> AnnotateForm:
        """The form, with what this person gave before."""
        scores = scores_of_trace(self.door.project.pk, self.trace.trace_id, None)
        by_id = {score.id: score for score in scores}
        given: dict[int, Score] = {}
        for one in self.definitions:
            its_id = score_id(self.person, one, self.trace.trace_id, self.target)
            if its_id in by_id:
                given[one.pk] = by_id[its_id]
        return AnnotateForm(self.definitions, given, data)

    def save(self, form: AnnotateForm) -> str:
        """Keep what the valid form says; returns that in words, or leaves errors on the form."""
        post = self.request.POST
        project, trace_id, actor = self.door.project, self.trace.trace_id, self.person
        try:
            if pk := post.get("delete_note", ""):
                is_admin = self.door.may(Role.ADMIN)
                found = pk.isdecimal() and delete_note(
                    project, trace_id, int(pk[:18]), actor=actor, any_author=is_admin
                )
                return "The note is deleted." if found else "That note is not yours to delete."
            if tag := post.get("remove_tag", ""):
                remove_tags(project, trace_id, [tag], actor=actor)
                return f"{tag} is removed."
            return self._save_all(form)
        except BadAnnotation as bad:
            form.add_error(bad.field if bad.field in form.fields else None, str(bad))
        except NotRecorded as bad:
            verdicts = form.verdicts()
            for fault in bad.faults:
                name = f"s{verdicts[fault.index].definition.pk}"
                form.add_error(name, f"{fault.text}")
        return ""

    def _save_all(self, form: AnnotateForm) -> str:
        project, trace_id, actor = self.door.project, self.trace.trace_id, self.person
        said = []
        verdicts = form.verdicts()
        if verdicts:
            count = give_verdicts(project, trace_id, verdicts, actor=actor, span_id=self.target)
            said.append(f"{count} score{'s' if count != 1 else ''} saved")
        if tags := add_tags(project, trace_id, form.tag_list(), actor=actor):
            said.append(f"tagged {', '.join(tags)}")
        if note := form.cleaned_data["note"].strip():
            add_note(project, trace_id, note, actor=actor, span_id=self.target)
            said.append("note kept")
        words = ", ".join(said)
        return f"{words[:1].upper()}{words[1:]}." if words else ""

    def context(self) -> dict[str, Any]:
        """What the panel shows beside its form."""
        project, trace_id = self.door.project, self.trace.trace_id
        trace = detail.get_trace(project.pk, trace_id) or self.trace
        own = own_tags(project.pk, trace_id)
        state = state_of(self.request.GET)
        if span := self.request.GET.get("span"):
            state["span"] = span
        query = f"?{urlencode(state, quote_via=quote)}" if state else ""
        address = reverse("traces:trace_detail", args=[project.slug, trace_id])
        title = trace.name or trace_id
        return {
            "title": f"Annotate {title}",
            "nav_current": "traces",
            "trace": trace,
            "crumbs": [
                {"text": "Traces", "href": reverse("traces:trace_list", args=[project.slug])},
                {"text": title, "href": address + query},
            ],
            "address": address,
            "back": address + query,
            "action": reverse("traces:annotate", args=[project.slug, trace_id]) + query,
            "tags": [(tag, tag in own) for tag in trace.tags],
            "notes": [
                (note, note.author == self.person.email or self.door.may(Role.ADMIN))
                for note in notes_of(project.pk, trace_id)
            ],
            "may_define": self.door.may(Role.ADMIN),
        }
