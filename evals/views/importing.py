"""A file imported into a dataset: uploaded, looked at with its mapping, then taken as a whole."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import Door
from accounts.models import Role
from evals.importing.mapping import TARGETS, guessed
from evals.importing.reading import FORMATS, MOST_BYTES, MOST_ROWS, Table
from evals.models import Dataset, DatasetUpload
from evals.services.errors import BadDataset
from evals.services.importing import Checked, Wish, check_rows, import_upload, keep_upload, table_of
from evals.values.item_texts import in_a_line
from evals.views.opening import frame, open_dataset, person, see
from kit.errors import DomainError

PREVIEWED = 8


@require_http_methods(["GET", "POST"])
@login_required
def import_new(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """Choose a file; POST keeps it and goes on to its preview."""
    door, found = open_dataset(request, project_slug, name, least=Role.ENGINEER)
    fault = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            fault = "Choose a file."
        elif (file.size or 0) > MOST_BYTES:
            fault = f"A file may have {MOST_BYTES // 2**20} MB."
        else:
            try:
                kept = keep_upload(found, file.name or "file", file.read(), actor=person(request))
            except BadDataset as bad:
                fault = str(bad)
            else:
                return see(reverse("evals:import_one", args=[project_slug, found.name, kept.pk]))
    context = frame(door, found) | {
        "title": "Import",
        "fault": fault,
        "formats": FORMATS.values(),
        "most_rows": MOST_ROWS,
        "most_mb": MOST_BYTES // 2**20,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "evals/import_new.html", context, status=status)


@require_http_methods(["GET", "POST"])
@login_required
def import_one(request: HttpRequest, project_slug: str, name: str, pk: int) -> HttpResponse:
    """The preview with the mapping of columns; POST checks it anew, or imports all rows."""
    door, found = open_dataset(request, project_slug, name, least=Role.ENGINEER)
    upload = DatasetUpload.objects.filter(
        pk=pk, dataset=found, created_by=person(request), expires_at__gt=timezone.now()
    ).first()
    if upload is None:
        raise Http404("This file is not here any more: it was imported, or two hours went by.")
    upload.dataset = found
    table = table_of(upload)
    wish = _wish(request.POST if request.method == "POST" else None, table)
    fault = ""
    if request.method == "POST" and request.POST.get("act") == "import":
        try:
            version = import_upload(upload, wish, actor=person(request))
        except DomainError as refused:
            fault = str(refused)
        else:
            told = (
                f"Version {version.number}: {version.added:,} added, {version.changed:,} changed."
            )
            messages.success(request, told)
            return see(reverse("evals:dataset", args=[project_slug, found.name]))
    checked = check_rows(found, table, wish)
    status = 422 if request.method == "POST" and (fault or checked.faults) else 200
    context = _context(door, found, upload, table, wish, checked) | {"fault": fault}
    return render(request, "evals/import_one.html", context, status=status)


def _wish(given: QueryDict | None, table: Table) -> Wish:
    """What the form says; of a file that is looked at first, what its names say."""
    mapping = guessed(table.columns)
    if given is None:
        return Wish(mapping)
    for place, column in enumerate(table.columns):
        target = given.get(f"to-{place}", "")
        mapping[column] = target if target in TARGETS else mapping[column]
    return Wish(
        mapping,
        reads_json=given.get("reads_json") == "1",
        changes=given.get("changes") == "1",
        skips_same=given.get("skips_same") == "1",
    )


def _context(
    door: Door, found: Dataset, upload: DatasetUpload, table: Table, wish: Wish, checked: Checked
) -> dict[str, Any]:
    shown = table.rows[:PREVIEWED]
    return frame(door, found) | {
        "title": upload.name,
        "upload": upload,
        "format": FORMATS[upload.format],
        "columns": [
            {"name": name, "field": f"to-{place}", "target": wish.mapping[name]}
            for place, name in enumerate(table.columns)
        ],
        "rows": [
            {
                "number": number,
                "cells": [in_a_line(row.get(name), 120) for name in table.columns],
            }
            for number, row in zip(table.numbers, shown, strict=False)
        ],
        "targets": TARGETS.items(),
        "wish": wish,
        "checked": checked,
        "sample": checked.items[:2],
    }
