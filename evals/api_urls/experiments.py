"""Addresses of REST: experiments."""

from django.urls import URLPattern, path

from evals.api import experiment_results, experiments

urlpatterns: list[URLPattern] = [
    path("experiments", experiments.Experiments.as_view(), name="api_experiments"),
    path(
        "experiments/estimate",
        experiments.ExperimentEstimate.as_view(),
        name="api_experiment_estimate",
    ),
    path("experiments/<int:number>", experiments.OneExperiment.as_view(), name="api_experiment"),
    path(
        "experiments/<int:number>/results",
        experiment_results.ExperimentResults.as_view(),
        name="api_experiment_results",
    ),
    path(
        "experiments/<int:number>/cancel",
        experiments.CancelExperiment.as_view(),
        name="api_experiment_cancel",
    ),
    path(
        "experiments/<int:number>/retry",
        experiments.RetryExperiment.as_view(),
        name="api_experiment_retry",
    ),
    path(
        "experiments/<int:number>/finish",
        experiments.FinishExperiment.as_view(),
        name="api_experiment_finish",
    ),
]
