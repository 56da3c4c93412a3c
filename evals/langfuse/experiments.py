"""Experiments as Langfuse's SDKs 4 and 5 list them, and their items, by cursors."""

from __future__ import annotations

import contextlib
from typing import Any

from django.db.models import Q

from evals.langfuse.run_shapes import experiment_document, experiment_item_document
from evals.models import Experiment, Result
from evals.queries.run_traces import run_scores_of
from evals.values.langfuse_ids import dataset_pk
from kit.paging import BadCursor, decode_cursor, encode_cursor
from traces.langfuse.envelope import ApiError, Call
from traces.langfuse.parameters import Parameters

MOST = 100


def listed(call: Call) -> dict[str, Any]:
    """A page of experiments since `fromStartTime`, the newest first."""
    parameters = Parameters(call.request.GET)
    parameters.refuse("filter")
    found = Experiment.objects.filter(_since(parameters), project_id=call.project_id)
    if ids := parameters.listed("id"):
        found = found.filter(external_id__in=ids)
    if names := parameters.listed("name"):
        found = found.filter(name__in=names)
    if datasets := parameters.listed("datasetId"):
        found = found.filter(dataset__in=[dataset_pk(text) or 0 for text in datasets])
    groups = parameters.listed("fields") or ["core"]
    limit = parameters.integer("limit", 50, least=1, most=MOST)
    if (before := _before(parameters)) is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.order_by("-pk")[: limit + 1])
    wants_scores = "scores" in groups
    data = [
        experiment_document(
            row, run_scores_of(row.project_id, row.external_id) if wants_scores else [], groups
        )
        for row in rows[:limit]
    ]
    return _page(data, rows, limit)


def items(call: Call) -> dict[str, Any]:
    """A page of outputs of experiments since `fromStartTime`, the newest first."""
    parameters = Parameters(call.request.GET)
    parameters.refuse("filter")
    runs = Experiment.objects.filter(_since(parameters), project_id=call.project_id)
    if ids := parameters.listed("experimentId"):
        runs = runs.filter(external_id__in=ids)
    if names := parameters.listed("experimentName"):
        runs = runs.filter(name__in=names)
    if datasets := parameters.listed("datasetId"):
        runs = runs.filter(dataset__in=[dataset_pk(text) or 0 for text in datasets])
    found = Result.objects.filter(experiment__in=runs).exclude(trace_id="")
    if keys := parameters.listed("experimentItemId"):
        found = found.filter(item_key__in=keys)
    groups = parameters.listed("fields") or ["core"]
    limit = parameters.integer("limit", 50, least=1, most=MOST)
    if (before := _before(parameters)) is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.select_related("experiment", "revision").order_by("-pk")[: limit + 1])
    data = [
        # No key opens what is held out.
        experiment_item_document(row, row.experiment, groups, is_open=not row.is_held_out)
        for row in rows[:limit]
    ]
    return _page(data, rows, limit)


def _since(parameters: Parameters) -> Q:
    since, until = parameters.time("fromStartTime"), parameters.time("toStartTime")
    if since is None:
        raise ApiError(400, "fromStartTime: Say from when on.")
    wanted = Q(created_at__gte=since) | Q(finished_at__gte=since)
    return wanted if until is None else wanted & Q(created_at__lt=until)


def _before(parameters: Parameters) -> int | None:
    cursor = parameters.text("cursor")
    if not cursor:
        return None
    with contextlib.suppress(BadCursor):
        (pk,) = decode_cursor(cursor, parts=1)
        if type(pk) is int:
            return min(pk, 2**62)
    raise ApiError(400, "cursor: Not one that this list gave out.")


def _page(data: list[dict[str, Any]], rows: list[Any], limit: int) -> dict[str, Any]:
    more = len(rows) > limit
    return {
        "data": data,
        "meta": {"limit": limit, "cursor": encode_cursor(rows[limit - 1].pk) if more else None},
    }
