"""Runs of datasets for Langfuse's SDKs 2 to 4: items linked to traces, listed, read, deleted."""

from __future__ import annotations

from typing import Any

from accounts.models import Project
from evals.langfuse.bodies import NewRunItem, body_of
from evals.langfuse.datasets import actor_of, dataset_of
from evals.langfuse.run_shapes import run_document, run_item_document
from evals.models import Dataset, DatasetVersion, Experiment, ItemRevision, Result
from evals.queries.dataset_items import with_closed
from evals.queries.planning import BadPlan
from evals.services.experiments import StillOpen, delete_experiment
from evals.services.langfuse_runs import Run, link_item
from evals.values.langfuse_ids import dataset_pk
from kit.errors import DomainError
from traces.feedback.checks import MOST_ID
from traces.langfuse.envelope import ApiError, Call
from traces.langfuse.parameters import Parameters, moment

MOST_NAME = 255


def link(call: Call) -> dict[str, Any]:
    """Make a trace the output of an item in a run, which is made where none has the name."""
    asked = body_of(call, NewRunItem)
    if not asked.trace_id:
        raise ApiError(400, "traceId: Say which trace the item's output is.")
    for field, text, most in (
        ("runName", asked.run_name, MOST_NAME),
        ("datasetItemId", asked.dataset_item_id, MOST_NAME),
        ("traceId", asked.trace_id, MOST_ID),
        ("observationId", asked.observation_id or "", MOST_ID),
    ):
        if len(text) > most or "\0" in text or not text.isprintable():
            raise ApiError(400, f"{field}: At most {most} characters, all printable.")
    project = Project.objects.select_related("organization").get(pk=call.project_id)
    dataset = _dataset_of_item(project, asked.dataset_item_id)
    run = Run(
        name=asked.run_name.strip() or dataset.name,
        dataset=dataset,
        dataset_version=_version(dataset, asked.dataset_version),
        description=asked.run_description or "",
        metadata=asked.metadata,
    )
    try:
        row = link_item(
            project,
            run,
            asked.dataset_item_id,
            asked.trace_id,
            asked.observation_id or "",
            actor=actor_of(call),
        )
    except BadPlan as bad:
        raise ApiError(400, str(bad)) from None
    except DomainError as refusal:
        raise ApiError(409, str(refusal)) from None
    return run_item_document(row, row.experiment)


def listed(call: Call, name: str) -> dict[str, Any]:
    """A page of the runs of a dataset, the newest first."""
    dataset = dataset_of(call, name)
    page = Parameters(call.request.GET).page()
    found = dataset.experiments.order_by("-created_at", "-pk")
    rows = found[page.first : page.first + page.limit]
    return page.of([run_document(row, dataset) for row in rows], found.count())


def one(call: Call, name: str, run: str) -> dict[str, Any]:
    """A run with its items. Raises: ApiError 404."""
    dataset = dataset_of(call, name)
    experiment = _run(dataset, run)
    rows = experiment.results.exclude(trace_id="").order_by("place", "pk")
    items = [run_item_document(row, experiment) for row in rows]
    return {**run_document(experiment, dataset), "datasetRunItems": items}


def delete(call: Call, name: str, run: str) -> dict[str, Any]:
    """Delete a run; its traces stay. Raises: ApiError 404, 409 while it runs here."""
    experiment = _run(dataset_of(call, name), run)
    try:
        delete_experiment(experiment, actor=actor_of(call))
    except StillOpen as refusal:
        raise ApiError(409, str(refusal)) from None
    return {"message": "Dataset run successfully deleted"}


def items(call: Call) -> dict[str, Any]:
    """A page of the items of a run: `datasetId` and `runName` say which."""
    parameters = Parameters(call.request.GET)
    page = parameters.page()
    wanted, run = parameters.text("datasetId"), parameters.text("runName")
    found = Result.objects.filter(
        experiment__project_id=call.project_id, experiment__name=run
    ).exclude(trace_id="")
    if wanted:
        found = found.filter(experiment__dataset=dataset_pk(wanted) or 0)
    rows = found.select_related("experiment").order_by("experiment_id", "place", "pk")
    data = [run_item_document(r, r.experiment) for r in rows[page.first : page.first + page.limit]]
    return page.of(data, rows.count())


def _dataset_of_item(project: Project, key: str) -> Dataset:
    """The dataset of an item that a key may run. Raises: ApiError 404."""
    found = with_closed(
        ItemRevision.objects.filter(item__project=project, item__key=key, until=None)
    )
    row = found.select_related("dataset").first()
    if row is None or getattr(row, "is_closed", True):
        raise ApiError(404, f"Dataset item not found: '{key[:200]}'")
    return row.dataset


def _version(dataset: Dataset, at: str | None) -> int | None:
    """The version that was the newest at that time; None without one."""
    if not at:
        return None
    found = DatasetVersion.objects.filter(
        dataset=dataset, created_at__lte=moment(at, "datasetVersion")
    )
    return found.order_by("-number").values_list("number", flat=True).first()


def _run(dataset: Dataset, name: str) -> Experiment:
    """The newest run of that name. Raises: ApiError 404."""
    found = dataset.experiments.filter(name=name) if "\0" not in name else Experiment.objects.none()
    run = found.select_related("project__organization").order_by("-created_at").first()
    if run is None:
        raise ApiError(404, f"Dataset run not found: '{name[:200]}'")
    return run
