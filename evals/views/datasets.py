"""The list of datasets, one dataset with its tabs, what is said about it, two versions compared."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import enter
from accounts.models import Role
from evals.forms.datasets import AboutForm, DatasetForm
from evals.models import Dataset, Source, Split
from evals.pages.dataset_diffs import shown_items
from evals.queries.dataset_diffs import diff_of
from evals.queries.dataset_items import ItemFilter, duplicates_at, items_matching, slices_at
from evals.queries.dataset_list import datasets_matching, with_figures
from evals.queries.datasets import HELD_OUT_RULE
from evals.services.datasets import (
    archive_dataset,
    create_dataset,
    describe_dataset,
    restore_dataset,
)
from evals.services.errors import BadDataset
from evals.views.opening import frame, held_out_of, open_dataset, person, see, version_asked
from kit.errors import DomainError
from kit.htmx import HtmxRequest, render_page
from kit.paging import BadCursor, decode_cursor, encode_cursor
from kit.requests import whole_number
from prompts.diff.showing import opened_of

ROWS = 50
VERSIONS = 50


@require_GET
@login_required
def dataset_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The project's datasets; htmx gets only the rows."""
    door = enter(request, project_slug)
    text, archived = _text(request, "q"), request.GET.get("archived") == "1"
    found = datasets_matching(door.project, search=text, is_archived=archived)
    if after := _text(request, "after"):
        found = found.filter(name__gt=after)
    listed = list(found[: ROWS + 1])
    more, listed = len(listed) > ROWS, listed[:ROWS]
    context = {
        "title": "Datasets",
        "nav_current": "datasets",
        "rows": with_figures(listed),
        "after": listed[-1].name if more else "",
        "text": text,
        "archived": archived,
        "sources": dict(Source.choices),
        "has_any": bool(listed) or Dataset.objects.filter(project=door.project).exists(),
        "may_write": door.may(Role.ENGINEER),
    }
    return render_page(request, "evals/dataset_list.html", context, partial="rows")


@require_http_methods(["GET", "POST"])
@login_required
def dataset_new(request: HttpRequest, project_slug: str) -> HttpResponse:
    """A form for a new dataset; POST makes it."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    form = DatasetForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = create_dataset(
                door.project,
                said["name"],
                actor=person(request),
                description=said["description"],
            )
        except BadDataset as bad:
            form.add_error(bad.where if bad.where in form.fields else None, str(bad))
        else:
            messages.success(request, f"{made.name} is there. Now give it items.")
            return see(reverse("evals:dataset", args=[project_slug, made.name]))
    context = {
        "title": "New dataset",
        "crumbs": [{"text": "Datasets", "href": reverse("evals:datasets", args=[project_slug])}],
        "nav_current": "datasets",
        "form": form,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "evals/dataset_new.html", context, status=status)


@require_GET
@login_required
def dataset(
    request: HtmxRequest, project_slug: str, name: str, number: int | None = None
) -> HttpResponse:
    """One dataset: its items in a version, its versions, or its settings."""
    door, found = open_dataset(request, project_slug, name)
    tab = request.GET.get("tab", "items")
    tab = tab if tab in {"items", "versions", "settings"} else "items"
    context = frame(door, found, tab) | {"tab": tab}
    if tab == "versions":
        context |= _versions(request, found)
    elif tab == "settings":
        context["form"] = AboutForm(dataset=found)
    else:
        if number is None:
            number = whole_number(request.GET.get("v", ""))
        context |= _items(request, found, number, held_out_of(request, door, found).may_open)
    context["held_out"] = held_out_of(request, door, found) if tab == "items" else None
    context["rule"] = HELD_OUT_RULE
    context["crumbs"] = context["crumbs"][:1]  # the tabs are of one page
    return render_page(request, "evals/dataset.html", context, partial="body")


@require_GET
@login_required
def dataset_duplicates(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """Items whose inputs are the same or nearly so; fetched after the page."""
    door, found = open_dataset(request, project_slug, name)
    pairs = duplicates_at(found, found.last_number)
    context = frame(door, found) | {
        "pairs": pairs[:50],
        "number": len(pairs),
        "may_open": held_out_of(request, door, found).may_open,
        "project": door.project,
    }
    return render(request, "evals/_duplicates.html", context)


@require_GET
@login_required
def dataset_diff(
    request: HttpRequest, project_slug: str, name: str, old: int, new: int
) -> HttpResponse:
    """What differs between two versions, item by item and word by word."""
    door, found = open_dataset(request, project_slug, name)
    for number in (old, new):
        if number and version_asked(found, number) is None:
            raise Http404("This dataset has no such version.")
    held_out = held_out_of(request, door, found)
    changes = diff_of(found, old, new)
    opened = opened_of(request.GET.getlist("open")[:100])
    context = frame(door, found, "versions") | {
        "title": f"v{old} to v{new}",
        "diff": changes,
        "items": shown_items(changes.items, may_open=held_out.may_open, opened=opened),
        "held_out": held_out,
        "rule": HELD_OUT_RULE,
        "versions": list(found.versions.order_by("-number").values_list("number", "message")[:200]),
        "old": old,
        "new": new,
    }
    return render(request, "evals/dataset_diff.html", context)


@require_GET
@login_required
def dataset_diff_choose(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """To the comparison of `a` and `b`; without them, of the newest version with that before."""
    _, found = open_dataset(request, project_slug, name)
    newest = found.last_number
    first, second = (whole_number(request.GET.get(word, "")) for word in ("a", "b"))
    pair = (max(newest - 1, 0) if first is None else first, newest if second is None else second)
    return see(reverse("evals:dataset_diff", args=[project_slug, found.name, *pair]))


@require_POST
@login_required
def dataset_settings(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """Change what is said about it."""
    door, found = open_dataset(request, project_slug, name, least=Role.ENGINEER)
    form = AboutForm(request.POST, dataset=found)
    if form.is_valid():
        try:
            describe_dataset(found, actor=person(request), **form.fields_said())
        except BadDataset as bad:
            form.add_error(bad.where if bad.where in form.fields else None, str(bad))
        else:
            messages.success(request, f"{found.name} is saved.")
            return see(f"{reverse('evals:dataset', args=[project_slug, found.name])}?tab=settings")
    context = frame(door, found, "settings") | {"tab": "settings", "form": form}
    return render(request, "evals/dataset.html", context, status=422)


@require_POST
@login_required
def dataset_archive(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """Take it out of lists, or with `restore` bring it back."""
    door, found = open_dataset(request, project_slug, name, least=Role.ENGINEER)
    change = restore_dataset if request.POST.get("restore") else archive_dataset
    try:
        change(found, actor=person(request))
    except DomainError as refused:
        messages.error(request, str(refused))
        return see(f"{reverse('evals:dataset', args=[project_slug, found.name])}?tab=settings")
    done = "is back" if request.POST.get("restore") else "is archived"
    messages.success(request, f"{found.name} {done}.")
    return see(reverse("evals:datasets", args=[door.project.slug]))


def _items(
    request: HttpRequest, found: Dataset, number: int | None, may_open: bool
) -> dict[str, Any]:
    version = version_asked(found, number)
    at = version.number if version else 0
    split, source = _text(request, "split"), _text(request, "source")
    wanted = ItemFilter(
        search=_text(request, "q"),
        slice=request.GET["slice"].strip()[:100].replace("\0", "")
        if "slice" in request.GET
        else None,
        split=split if split in Split.values else "",
        source=source if source in Source.values else "",
        is_draft={"1": True, "0": False}.get(request.GET.get("draft", "")),
    )
    rows = items_matching(found, at, wanted, may_open=may_open)
    if (after := _after(request)) is not None:
        rows = rows.filter(item_id__gt=after)
    page = list(rows[: ROWS + 1])
    more, page = len(page) > ROWS, page[:ROWS]
    slices = slices_at(found, at)
    return {
        "version": version,
        "is_newest": at == found.last_number,
        "rows": page,
        "after": encode_cursor(page[-1].item_id) if more else "",
        "wanted": wanted,
        "is_narrowed": wanted != ItemFilter(),
        "slices": slices,
        "splits": Split.choices,
        "sources": Source.choices,
        "held": sum(one.held_out for one in slices),
        "drafts": sum(one.drafts for one in slices),
        "may_open": may_open,
        "is_continued": "after" in request.GET,
    }


def _versions(request: HttpRequest, found: Dataset) -> dict[str, Any]:
    rows = found.versions.select_related("author").order_by("-number")
    before = whole_number(request.GET.get("before", ""))
    if before is not None:
        rows = rows.filter(number__lt=min(before, 2**31 - 1))
    page = list(rows[: VERSIONS + 1])
    older = page[VERSIONS - 1].number if len(page) > VERSIONS else None
    return {"rows": page[:VERSIONS], "older": older}


def _after(request: HttpRequest) -> int | None:
    """The item after which the page starts; of a cursor that is none, the beginning."""
    try:
        (after,) = decode_cursor(request.GET.get("after", ""), parts=1)
    except BadCursor:
        return None
    return min(after, 2**62) if type(after) is int else None


def _text(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").strip()[:255].replace("\0", "")
