"""Addresses of pages: datasets. Names hold slashes, so what is below one stands before it."""

from django.urls import URLPattern, path

from evals.views import dataset_items, datasets, drafts, from_traces, importing
from kit.converters import use_any_text

use_any_text()

urlpatterns: list[URLPattern] = [
    path("datasets/", datasets.dataset_list, name="datasets"),
    path("datasets/new/", datasets.dataset_new, name="dataset_new"),
    path("datasets/<path:name>/new/", dataset_items.item_new, name="item_new"),
    path(
        "datasets/<path:name>/duplicates/", datasets.dataset_duplicates, name="dataset_duplicates"
    ),
    path(
        "datasets/<path:name>/diff/<int:old>..<int:new>/",
        datasets.dataset_diff,
        name="dataset_diff",
    ),
    path("datasets/<path:name>/diff/", datasets.dataset_diff_choose, name="dataset_diff_choose"),
    path("datasets/<path:name>/settings/", datasets.dataset_settings, name="dataset_settings"),
    path("datasets/<path:name>/archive/", datasets.dataset_archive, name="dataset_archive"),
    path("datasets/<path:name>/drafts/act/", drafts.draft_act, name="draft_act"),
    path("datasets/<path:name>/drafts/", drafts.drafts, name="drafts"),
    path("datasets/<path:name>/import/<int:pk>/", importing.import_one, name="import_one"),
    path("datasets/<path:name>/import/", importing.import_new, name="import_new"),
    path("datasets/<path:name>/compare/<path:key>/", dataset_items.item_alike, name="alike"),
    path("datasets/<path:name>/items/<path:key>/", dataset_items.item, name="dataset_item"),
    path("traces/bulk/dataset/", from_traces.bulk_fields, name="bulk_fields"),
    path("traces/<anytext:trace_id>/dataset/alike/", from_traces.trace_alike, name="trace_alike"),
    path("traces/<anytext:trace_id>/dataset/", from_traces.trace_add, name="trace_add"),
    path("datasets/<path:name>@<int:number>/", datasets.dataset, name="dataset_version"),
    path("datasets/<path:name>/", datasets.dataset, name="dataset"),
]
