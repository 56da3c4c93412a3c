"""Addresses of datasets below `/api/public/`; names hold slashes, so what is below one is first."""

from django.urls import path

from accounts.models import Scope
from evals.langfuse import datasets, experiments, runs
from traces.langfuse.envelope import address

KEY, READ = Scope.EVALS, Scope.READ

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
    path(
        "dataset-run-items",
        address(get=(KEY, runs.items), post=(KEY, runs.link)),
        name="runs_items",
    ),
    path("experiments", address(get=(READ, experiments.listed)), name="experiments"),
    path("experiment-items", address(get=(READ, experiments.items)), name="experiment_items"),
    path("datasets/<path:name>/runs", address(get=(KEY, runs.listed)), name="runs"),
    path(
        "datasets/<path:name>/runs/<path:run>",
        address(get=(KEY, runs.one), delete=(KEY, runs.delete)),
        name="run",
    ),
    path("datasets/<path:name>", address(get=(KEY, datasets.dataset_v1)), name="dataset_v1"),
]
