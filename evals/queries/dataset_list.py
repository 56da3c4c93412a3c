"""Datasets in lists: where their items come from, their last run, the gates that judge by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet

from accounts.models import Project
from evals.models import Dataset, Experiment, Gate, ItemRevision, Source, Split


@dataclass
class ListedDataset:
    """A dataset with what a list says of it."""

    dataset: Dataset
    sources: dict[str, int] = field(default_factory=dict)  # items by Source, none without any
    held_out: int = 0
    drafts: int = 0
    last_run: Experiment | None = None
    gates: list[Gate] = field(default_factory=list)


def datasets_matching(
    project: Project, *, search: str = "", is_archived: bool = False
) -> QuerySet[Dataset]:
    """The datasets of a project by name; `search` is a part of the name or description."""
    found = Dataset.objects.filter(project=project, archived_at__isnull=not is_archived)
    if search:
        found = found.filter(Q(name__icontains=search) | Q(description__icontains=search))
    return found.select_related("owner").order_by("name")


def with_figures(datasets: Sequence[Dataset]) -> list[ListedDataset]:
    """Each with its figures, in the order given; three questions however many there are."""
    listed = {dataset.pk: ListedDataset(dataset) for dataset in datasets}
    rows = (
        ItemRevision.objects.filter(dataset__in=listed, until=None)
        .values("dataset", "item__source")
        .annotate(
            count=Count("pk"),
            held_out=Count("pk", filter=Q(split=Split.HELD_OUT)),
            drafts=Count("pk", filter=Q(is_draft=True)),
        )
    )
    for row in rows:
        one = listed[row["dataset"]]
        one.sources[row["item__source"]] = row["count"]
        one.held_out += row["held_out"]
        one.drafts += row["drafts"]
    newest = Experiment.objects.filter(dataset__in=listed).order_by("dataset", "-created_at")
    for experiment in newest.distinct("dataset"):
        listed[experiment.dataset_id or 0].last_run = experiment
    gates = Gate.objects.filter(dataset__in=listed).select_related("prompt")
    for gate in gates.order_by("prompt__name", "environment"):
        listed[gate.dataset_id].gates.append(gate)
    for one in listed.values():
        one.sources = {name: one.sources[name] for name in Source.values if name in one.sources}
    return list(listed.values())
