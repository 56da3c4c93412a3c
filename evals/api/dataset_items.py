"""REST of a dataset's items: those of any version, and many changed at once."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from evals.api.datasets import DatasetsView
from evals.models import Dataset
from evals.queries.dataset_items import ItemFilter, item_at, items_matching
from evals.rest import dataset_documents as documents
from evals.rest.dataset_bodies import (
    ItemBody,
    ItemChangesBody,
    ItemParameters,
    VersionParameter,
    changes_of,
    new_item,
)
from evals.services.items import PutItem, RemoveItem, change_items
from kit.paging import encode_cursor
from prompts.api.base import after_of


class DatasetItems(DatasetsView):
    """`/api/v1/datasets/{name}/items`"""

    @extend_schema(
        operation_id="list_dataset_items",
        parameters=[ItemParameters],
        responses={200: documents.ItemPageDocument, 404: PROBLEM},
    )
    def get(self, request: Request, name: str) -> Response:
        """A page of the items of a version, the oldest first. Held-out ones are closed to keys."""
        dataset = self.dataset(request, name)
        asked = self.asked(request, ItemParameters)
        number = self.number(dataset, asked.get("version"))
        may_open = self.may_open(request, dataset)
        wanted = ItemFilter(
            search=asked["search"],
            slice=asked.get("slice"),
            split=asked.get("split", ""),
            source=asked.get("source", ""),
            is_draft=asked["draft"],
        )
        found = items_matching(dataset, number, wanted, may_open=may_open)
        if (after := after_of(asked, int)) is not None:
            found = found.filter(item_id__gt=min(after, 2**62))
        rows = list(found[: asked["limit"] + 1])
        more, rows = len(rows) > asked["limit"], rows[: asked["limit"]]
        data = [documents.item_document(row, may_open=may_open) for row in rows]
        cursor = encode_cursor(rows[-1].item_id) if more else None
        return Response({"version": number, "data": data, "next_cursor": cursor})

    @extend_schema(
        operation_id="change_dataset_items",
        summary="Add, change and remove items, as one version",
        parameters=[PROJECT],
        request=ItemChangesBody,
        responses={200: documents.DatasetVersionDocument, 400: PROBLEM, 403: PROBLEM, 404: PROBLEM},
    )
    def post(self, request: Request, name: str) -> Response:
        """The version that holds the changes; the newest, where they change nothing."""
        dataset = self.dataset(request, name)
        given = self.given(request, ItemChangesBody)
        changes = changes_of(given)
        if not changes:
            raise ValidationError({"add": "Say what to add, put, change or remove."})
        version = change_items(
            dataset, changes, actor=self.actor(request), message=given["message"]
        )
        return Response(documents.version_document(version, dataset))


class OneDatasetItem(DatasetsView):
    """`/api/v1/datasets/{name}/items/{id}`"""

    @extend_schema(
        operation_id="get_dataset_item",
        parameters=[VersionParameter],
        responses={200: documents.ItemDocument, 404: PROBLEM},
    )
    def get(self, request: Request, name: str, key: str) -> Response:
        """What an item says in a version."""
        dataset = self.dataset(request, name)
        number = self.number(dataset, self.asked(request, VersionParameter).get("version"))
        return Response(self._document(request, dataset, number, key))

    @extend_schema(
        operation_id="put_dataset_item",
        parameters=[PROJECT],
        request=ItemBody,
        responses={200: documents.ItemDocument, 400: PROBLEM, 403: PROBLEM, 404: PROBLEM},
    )
    def put(self, request: Request, name: str, key: str) -> Response:
        """Add the item, or change the fields that are given."""
        dataset = self.dataset(request, name)
        given = self.given(request, ItemBody)
        if given.get("id", key) != key:
            raise ValidationError({"id": "It differs from that of the address."})
        change = new_item(PutItem, {**given, "id": key})
        version = change_items(dataset, [change], actor=self.actor(request))
        return Response(self._document(request, dataset, version.number, key))

    @extend_schema(
        operation_id="remove_dataset_item",
        parameters=[PROJECT],
        responses={204: None, 403: PROBLEM, 404: PROBLEM},
    )
    def delete(self, request: Request, name: str, key: str) -> Response:
        """Leave it out of the next version; the versions before keep it."""
        dataset = self.dataset(request, name)
        change_items(dataset, [RemoveItem(key)], actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _document(
        self, request: Request, dataset: Dataset, number: int, key: str
    ) -> dict[str, Any]:
        found = item_at(dataset, number, key)
        if found is None:
            raise NotFound(f"{dataset.name}@{number} has no item {key[:200]!r}.")
        return documents.item_document(found, may_open=self.may_open(request, dataset))
