"""One item of a dataset: read in any version, written, removed, and those that are like it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Door
from accounts.models import Role
from evals.forms.datasets import ItemForm, item_initial, slices_to_choose
from evals.models import Dataset, DatasetVersion, ItemRevision
from evals.queries.dataset_items import alike, history_of, item_at
from evals.queries.datasets import HELD_OUT_RULE
from evals.services.errors import BadItem
from evals.services.items import AddItem, ChangeItem, RemoveItem, change_items
from evals.views.opening import frame, held_out_of, open_dataset, person, see
from kit.errors import DomainError
from kit.requests import whole_number

HISTORY = 50


@require_http_methods(["GET", "POST"])
@login_required
def item_new(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """A form for a new item; POST adds it."""
    door, found = open_dataset(request, project_slug, name, least=Role.ENGINEER)
    form = ItemForm(request.POST if request.method == "POST" else None, is_new=True)
    if request.method == "POST" and form.is_valid():
        change = AddItem(form.item_fields(), key=form.cleaned_data["key"])
        made = saved(request, found, form, change)
        if made is not None:
            newest = ItemRevision.objects.filter(dataset=found, since=made.number)
            key = newest.select_related("item").order_by("-pk")[0].item.key
            messages.success(request, f"Added as version {made.number}.")
            return see(reverse("evals:dataset_item", args=[project_slug, found.name, key]))
    context = frame(door, found) | {
        "title": "New item",
        "form": form,
        "slices": slices_to_choose(door.project),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "evals/item_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@login_required
def item(request: HttpRequest, project_slug: str, name: str, key: str) -> HttpResponse:
    """One item. POST does what `act` says: `save` or `remove`; `?edit=1` shows the form."""
    door, found = open_dataset(request, project_slug, name)
    number = whole_number(request.GET.get("v", ""))
    at = found.last_number if number is None else number
    row = item_at(found, at, key) if at < 2**31 else None
    if row is None:
        raise Http404(f"Version {at} of this dataset has no such item.")
    held_out = held_out_of(request, door, found)
    is_closed = getattr(row, "is_closed", True) and not held_out.may_open
    if request.method == "POST":
        door.require(Role.ENGINEER)
        if is_closed:
            raise PermissionDenied(held_out.why)
        if request.POST.get("act") == "remove":
            return _removed(request, door, found, key)
    is_edited = "edit" in request.GET or request.method == "POST"
    form = None
    if is_edited and not is_closed and door.may(Role.ENGINEER) and at == found.last_number:
        given = request.POST if request.method == "POST" else None
        form = ItemForm(given, initial=item_initial(row))
        if given is not None and form.is_valid():
            is_approved = row.is_draft and given.get("act") == "approve"
            fields = form.item_fields() | ({"is_draft": False} if is_approved else {})
            change = ChangeItem(key, fields)
            made = saved(request, found, form, change)
            if made is not None:
                messages.success(request, f"Saved; the dataset is at version {made.number}.")
                if is_approved:
                    return see(reverse("evals:drafts", args=[project_slug, found.name]))
                return see(reverse("evals:dataset_item", args=[project_slug, found.name, key]))
    context = frame(door, found) | {
        "title": key if is_closed else row.title or key,
        "row": row,
        "is_closed": is_closed,
        "held_out": held_out,
        "rule": HELD_OUT_RULE,
        "form": form,
        "at": at,
        "is_newest": at == found.last_number,
        "slices": slices_to_choose(door.project) if form else [],
        "history": list(history_of(row)[:HISTORY]) if form is None else [],
    }
    status = 422 if request.method == "POST" else 200
    template = "evals/item_form.html" if form is not None else "evals/item.html"
    return render(request, template, context, status=status)


@require_GET
@login_required
def item_alike(request: HttpRequest, project_slug: str, name: str, key: str) -> HttpResponse:
    """Items whose input is nearly that of this one; fetched after the page."""
    door, found = open_dataset(request, project_slug, name)
    row = item_at(found, found.last_number, key)
    held_out = held_out_of(request, door, found)
    if row is None or (getattr(row, "is_closed", True) and not held_out.may_open):
        return HttpResponse("")
    context: dict[str, Any] = {
        "project": door.project,
        "dataset": found,
        "near": alike(found, row.input, but=[key])[:10],
        "may_open": held_out.may_open,
    }
    return render(request, "evals/_alike.html", context)


def saved(
    request: HttpRequest, found: Dataset, form: ItemForm, change: AddItem | ChangeItem
) -> DatasetVersion | None:
    """The version with the change; None where it is refused, which the form then says."""
    try:
        return change_items(
            found, [change], actor=person(request), message=form.cleaned_data["message"]
        )
    except BadItem as bad:
        where = bad.where if bad.where in form.fields else None
        form.add_error(where, bad.text if where else str(bad))
    except DomainError as refused:
        form.add_error(None, str(refused))
    return None


def _removed(request: HttpRequest, door: Door, found: Dataset, key: str) -> HttpResponse:
    version = change_items(found, [RemoveItem(key)], actor=person(request))
    messages.success(request, f"Removed; versions before {version.number} keep it.")
    return see(reverse("evals:dataset", args=[door.project.slug, found.name]))
