"""REST of datasets: listed, made, described, archived; their versions and what differs."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from evals.api.base import EvalsView
from evals.models import Dataset, DatasetVersion
from evals.queries.dataset_diffs import diff_of
from evals.queries.dataset_list import datasets_matching, with_figures
from evals.queries.datasets import dataset_named, may_open_held_out, version_of
from evals.rest import dataset_documents as documents
from evals.rest.dataset_bodies import (
    DatasetParameters,
    DescribeDatasetBody,
    DiffParameters,
    NewDatasetBody,
)
from evals.services.datasets import (
    archive_dataset,
    create_dataset,
    describe_dataset,
    restore_dataset,
)
from prompts.api.base import after_of, page_of
from prompts.rest.parameters import PageParameters


class DatasetsView(EvalsView):
    """Finds the dataset that an address names."""

    def dataset(self, request: Request, name: str) -> Dataset:
        """The dataset, also one that is archived. Raises: NotFound, and those of `opened`."""
        project = self.opened(request)
        found = dataset_named(project, name) if "\0" not in name else None
        if found is None:
            raise NotFound(f"This project has no dataset {name[:200]!r}.")
        return found

    def number(self, dataset: Dataset, number: int | None) -> int:
        """A version's number; the newest, or 0 of an empty dataset. Raises: NotFound."""
        if number is None:
            return dataset.last_number
        return self.version(dataset, number).number

    def version(self, dataset: Dataset, number: int) -> DatasetVersion:
        """A version. Raises: NotFound."""
        found = version_of(dataset, number) if number < 2**31 else None
        if found is None:
            raise NotFound(f"{dataset.name} has no version {number}.")
        return found

    def may_open(self, request: Request, dataset: Dataset) -> bool:
        """True for a person who may read held-out items; never for a key."""
        return may_open_held_out(*self.reader(request, dataset.project), dataset)


class Datasets(DatasetsView):
    """`/api/v1/datasets`"""

    @extend_schema(
        operation_id="list_datasets",
        parameters=[DatasetParameters],
        responses={200: documents.DatasetPageDocument, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """A page of datasets, by name."""
        asked = self.asked(request, DatasetParameters)
        found = datasets_matching(
            self.opened(request), search=asked["search"], is_archived=asked["archived"]
        )
        if (after := after_of(asked, str)) is not None:
            found = found.filter(name__gt=after)
        rows = with_figures(list(found[: asked["limit"] + 1]))
        return page_of(
            rows, asked["limit"], documents.dataset_document, lambda row: row.dataset.name
        )

    @extend_schema(
        operation_id="create_dataset",
        parameters=[PROJECT],
        request=NewDatasetBody,
        responses={201: documents.DatasetDocument, 400: PROBLEM, 403: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Make a dataset; it has no version until it has items."""
        project = self.opened(request)
        given = self.given(request, NewDatasetBody)
        dataset = create_dataset(project, given.pop("name"), actor=self.actor(request), **given)
        return Response(_document(dataset), status=status.HTTP_201_CREATED)


class OneDataset(DatasetsView):
    """`/api/v1/datasets/{name}`"""

    @extend_schema(
        operation_id="get_dataset",
        parameters=[PROJECT],
        responses={200: documents.DatasetDocument, 404: PROBLEM},
    )
    def get(self, request: Request, name: str) -> Response:
        """What it is and what it holds, without the items."""
        return Response(_document(self.dataset(request, name)))

    @extend_schema(
        operation_id="describe_dataset",
        parameters=[PROJECT],
        request=DescribeDatasetBody,
        responses={200: documents.DatasetDocument, 400: PROBLEM, 404: PROBLEM, 409: PROBLEM},
    )
    def patch(self, request: Request, name: str) -> Response:
        """Change what is said about it, and the schemas that its items satisfy."""
        dataset = self.dataset(request, name)
        given = self.given(request, DescribeDatasetBody)
        is_archived = given.pop("archived", None)
        if given:
            dataset = describe_dataset(dataset, actor=self.actor(request), **given)
        if is_archived is not None and is_archived != (dataset.archived_at is not None):
            change = archive_dataset if is_archived else restore_dataset
            dataset = change(dataset, actor=self.actor(request))
        return Response(_document(dataset))

    @extend_schema(
        operation_id="archive_dataset",
        parameters=[PROJECT],
        responses={204: None, 404: PROBLEM, 409: PROBLEM},
    )
    def delete(self, request: Request, name: str) -> Response:
        """Take it out of lists, unless a gate judges by it; experiments keep what they ran on."""
        archive_dataset(self.dataset(request, name), actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class DatasetVersions(DatasetsView):
    """`/api/v1/datasets/{name}/versions`"""

    @extend_schema(
        operation_id="list_dataset_versions",
        parameters=[PageParameters],
        responses={200: documents.DatasetVersionPageDocument, 404: PROBLEM},
    )
    def get(self, request: Request, name: str) -> Response:
        """A page of versions, the newest first."""
        asked = self.asked(request, PageParameters)
        dataset = self.dataset(request, name)
        found = dataset.versions.order_by("-number")
        if (after := after_of(asked, int)) is not None:
            found = found.filter(number__lt=min(after, 2**31 - 1))
        return page_of(
            list(found[: asked["limit"] + 1]),
            asked["limit"],
            lambda version: documents.version_document(version, dataset),
            lambda version: version.number,
        )


class OneDatasetVersion(DatasetsView):
    """`/api/v1/datasets/{name}/versions/{number}`"""

    @extend_schema(
        operation_id="get_dataset_version",
        parameters=[PROJECT],
        responses={200: documents.DatasetVersionDocument, 404: PROBLEM},
    )
    def get(self, request: Request, name: str, number: int) -> Response:
        """What one change did."""
        dataset = self.dataset(request, name)
        return Response(documents.version_document(self.version(dataset, number), dataset))


class DatasetDiff(DatasetsView):
    """`/api/v1/datasets/{name}/versions/{number}/diff`"""

    @extend_schema(
        operation_id="compare_dataset_versions",
        parameters=[DiffParameters],
        responses={200: documents.DatasetDiffDocument, 404: PROBLEM},
    )
    def get(self, request: Request, name: str, number: int) -> Response:
        """Which items were added, removed and changed since the version before, or `against`."""
        dataset = self.dataset(request, name)
        asked = self.asked(request, DiffParameters)
        new = self.version(dataset, number).number
        against = asked.get("against")
        old = new - 1 if against is None else against and self.version(dataset, against).number
        found = diff_of(dataset, old, new)
        may_open = self.may_open(request, dataset)
        return Response(documents.diff_document(found, may_open=may_open))


def _document(dataset: Dataset) -> dict[str, object]:
    (listed,) = with_figures([dataset])
    return documents.dataset_document(listed)
