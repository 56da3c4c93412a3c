"""Addresses of pages: experiments."""

from django.urls import URLPattern, path

from evals.views import (
    experiment_compare,
    experiment_item,
    experiment_new,
    experiment_panels,
    experiments,
)

urlpatterns: list[URLPattern] = [
    path("experiments/", experiments.experiment_list, name="experiments"),
    path("experiments/figures/", experiments.experiment_figures, name="experiment_figures"),
    path("experiments/panel/", experiment_panels.runs_panel, name="runs_panel"),
    path("experiments/newest/", experiment_panels.runs_overview, name="runs_overview"),
    path("experiments/new/", experiment_new.experiment_new, name="experiment_new"),
    path("experiments/compare/", experiment_compare.experiment_compare, name="experiment_compare"),
    path(
        "experiments/compare/export/",
        experiment_compare.experiment_export,
        name="experiment_export",
    ),
    path("experiments/<int:number>/", experiments.experiment, name="experiment"),
    path("experiments/<int:number>/cancel/", experiments.experiment_cancel,
         name="experiment_cancel"),
    path("experiments/<int:number>/retry/", experiments.experiment_retry, name="experiment_retry"),
    path("experiments/<int:number>/label/<path:key>/", experiment_item.item_label,
         name="item_label"),
    path("experiments/<int:number>/expected/<path:key>/", experiment_item.item_expected,
         name="item_expected"),
    path("experiments/<int:number>/items/", experiment_compare.experiment_items,
         name="experiment_items"),
    path(
        "experiments/<int:number>/items/<path:key>/",
        experiment_item.experiment_item,
        name="experiment_item",
    ),
]  # fmt: skip
