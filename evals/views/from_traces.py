"""Traces become items: the form beside a trace, and what the bulk bar of their list asks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Door, enter
from accounts.models import Project, Role, User
from evals.forms.datasets import read_json, slices_to_choose, value_initial
from evals.forms.from_traces import BulkFields, TraceForm
from evals.models import Dataset, DatasetItem, ItemRevision, Source, Split
from evals.queries.dataset_items import alike
from evals.queries.datasets import dataset_named, held_out_for
from evals.queries.trace_cases import Mapping, TraceCase, case_of_trace, items_from
from evals.services.datasets import create_dataset
from evals.services.errors import BadDataset, BadItem
from evals.services.from_traces import add_trace
from evals.views.opening import person, see
from kit.errors import DomainError
from kit.htmx import HtmxRequest, render_page, wants_piece

TEMPLATE = "evals/add_trace.html"
MOST_NAMES = 500


@require_http_methods(["GET", "POST"])
@login_required
def trace_add(request: HtmxRequest, project_slug: str, trace_id: str) -> HttpResponse:
    """A trace, or its span of `span`, as an item: a form filled in with it; POST adds it."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    span_id = request.GET.get("span", "")
    mapping = request.GET.get("input", Mapping.BEST)
    mapping = mapping if mapping in Mapping.values else Mapping.BEST.value
    case = (
        None
        if "\0" in trace_id + span_id
        else case_of_trace(door.project, trace_id, span_id, mapping)
    )
    if case is None:
        raise Http404("This project has no such trace or span.")
    names = names_of(door.project)
    if request.method == "POST":
        form = TraceForm(request.POST, names=names)
        if form.is_valid():
            added = _added(request, door, case, form)
            if added is not None:
                return _after(request, door, case, added)
        status = 422
    else:
        initial = {
            "dataset": last_used(door.project, person(request), names),
            **value_initial("input", case.input),
            **value_initial("expected", case.output),
        }
        form, status = TraceForm(names=names, initial=initial), 200
    context = _context(request, door, case, mapping) | {"form": form}
    return render_page(request, TEMPLATE, context, partial="panel", status=status)


@require_GET
@login_required
def trace_alike(request: HttpRequest, project_slug: str, trace_id: str) -> HttpResponse:
    """Items of a dataset that ask nearly what the trace asked; fetched by the form."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    name = request.GET.get("dataset", "")
    dataset = dataset_named(door.project, name) if name and "\0" not in name else None
    text = request.GET.get("input", "")
    if dataset is None or not text.strip():
        return HttpResponse("")
    given: Any = text
    if request.GET.get("input_as") == "json":
        try:
            given = read_json(text)
        except Exception:
            given = text
    context = {
        "project": door.project,
        "dataset": dataset,
        "near": alike(dataset, given)[:5],
        "may_open": held_out_for(person(request), door.role, dataset).may_open,
    }
    return render(request, "evals/_trace_alike.html", context)


@require_GET
@login_required
def bulk_fields(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The fields with which the bulk bar adds many traces to a dataset."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    names = names_of(door.project)
    first = last_used(door.project, person(request), names)
    context = {
        "project": door.project,
        "form": BulkFields(names=names, first=first) if names else None,
        "slices": slices_to_choose(door.project),
    }
    return render(request, "evals/_bulk_fields.html", context)


def names_of(project: Project) -> list[str]:
    """Datasets that items can be added to, by name."""
    found = Dataset.objects.filter(project=project, archived_at=None).order_by("name")
    return list(found.values_list("name", flat=True)[:MOST_NAMES])


def last_used(project: Project, user: User, names: list[str]) -> str:
    """The dataset that this person added a trace to last, else that which was changed last."""
    mine = ItemRevision.objects.filter(
        dataset__project=project, author=user, item__source=Source.PRODUCTION
    ).order_by("-pk")
    name = mine.values_list("dataset__name", flat=True).first()
    if name not in names:
        newest = Dataset.objects.filter(project=project, archived_at=None).order_by("-changed_at")
        name = newest.values_list("name", flat=True).first()
    return name or ""


def _added(
    request: HttpRequest, door: Door, case: TraceCase, form: TraceForm
) -> DatasetItem | None:
    said = form.cleaned_data
    actor = person(request)
    try:
        name = said.get("new_dataset") or said.get("dataset", "")
        dataset = dataset_named(door.project, name)
        if dataset is None:
            dataset = create_dataset(door.project, name, actor=actor)
        version = add_trace(
            dataset, case.trace_id, form.item_fields(), span_id=case.span_id, actor=actor
        )
    except BadItem as bad:
        where = bad.where if bad.where in form.fields else None
        form.add_error(where, bad.text if where else str(bad))
        return None
    except BadDataset as bad:
        form.add_error("new_dataset", str(bad))
        return None
    except DomainError as refused:
        form.add_error(None, str(refused))
        return None
    made = ItemRevision.objects.filter(dataset=dataset, since=version.number)
    return made.select_related("item__dataset").order_by("-pk")[0].item


def _after(request: HtmxRequest, door: Door, case: TraceCase, added: DatasetItem) -> HttpResponse:
    """Beside the trace, say so with the way to the item; else go to the item."""
    if wants_piece(request):
        context = _context(request, door, case, Mapping.BEST) | {"added": added}
        return render_page(request, TEMPLATE, context, partial="panel")
    messages.success(request, f"Added to {added.dataset.name}.")
    args = [door.project.slug, added.dataset.name, added.key]
    return see(reverse("evals:dataset_item", args=args))


def _context(request: HttpRequest, door: Door, case: TraceCase, mapping: str) -> dict[str, Any]:
    slug = door.project.slug
    about = urlencode({"span": case.span_id}) if case.span_id else ""
    here = reverse("evals:trace_add", args=[slug, case.trace_id])
    back = reverse("traces:trace_detail", args=[slug, case.trace_id])
    return {
        "project": door.project,
        "title": "Add to dataset",
        "crumbs": [{"text": "Traces", "href": reverse("traces:trace_list", args=[slug])}],
        "nav_current": "traces",
        "case": case,
        "mapping": mapping,
        "mappings": Mapping.choices,
        "action": f"{here}?{about}",
        "check": reverse("evals:trace_alike", args=[slug, case.trace_id]),
        "back": f"{back}?{about}" if about else back,
        "held": items_from(door.project, case.trace_id),
        "slices": slices_to_choose(door.project),
        "splits": Split.choices,
    }
