"""Addresses of datasets below `/api/public/`; names hold slashes, so what is below one is first."""

from django.urls import path

from accounts.models import Scope
from evals.langfuse import datasets
from traces.langfuse.envelope import address

KEY = Scope.EVALS

app_name = "langfuse_evals"
urlpatterns = [
    path(
        "v2/datasets",
        address(get=(KEY, datasets.datasets), post=(KEY, datasets.put_dataset)),
        name="datasets",
    ),
    path("v2/datasets/<path:name>", address(get=(KEY, datasets.dataset)), name="dataset"),
    path(
        "dataset-items",
        address(get=(KEY, datasets.items), post=(KEY, datasets.put_item)),
        name="dataset_items",
    ),
    path(
        "dataset-items/<path:key>",
        address(get=(KEY, datasets.item), delete=(KEY, datasets.delete_item)),
        name="dataset_item",
    ),
    path(
        "datasets",
        address(get=(KEY, datasets.datasets), post=(KEY, datasets.put_dataset)),
        name="datasets_v1",
    ),
    # What stands below a dataset's name (`/runs`) comes before this line.
    path("datasets/<path:name>", address(get=(KEY, datasets.dataset_v1)), name="dataset_v1"),
]
