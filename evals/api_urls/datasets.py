"""Addresses of REST: datasets. Names hold slashes, so what is below one stands before it."""

from django.urls import URLPattern, path

from evals.api import dataset_items, datasets

urlpatterns: list[URLPattern] = [
    path("datasets", datasets.Datasets.as_view(), name="api_datasets"),
    path(
        "datasets/<path:name>/versions/<int:number>/diff",
        datasets.DatasetDiff.as_view(),
        name="api_dataset_diff",
    ),
    path(
        "datasets/<path:name>/versions/<int:number>",
        datasets.OneDatasetVersion.as_view(),
        name="api_dataset_version",
    ),
    path(
        "datasets/<path:name>/versions",
        datasets.DatasetVersions.as_view(),
        name="api_dataset_versions",
    ),
    path(
        "datasets/<path:name>/items/<path:key>",
        dataset_items.OneDatasetItem.as_view(),
        name="api_dataset_item",
    ),
    path(
        "datasets/<path:name>/items", dataset_items.DatasetItems.as_view(), name="api_dataset_items"
    ),
    path("datasets/<path:name>", datasets.OneDataset.as_view(), name="api_dataset"),
]
