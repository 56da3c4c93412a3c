"""Addresses of `evals`, a module a noun."""

from evals.urls import (
    datasets,
    evaluators,
    experiments,
    features,
    gates,
    judges,
    online,
    panel,
    quality,
    queues,
)

app_name = "evals"
urlpatterns = [
    *datasets.urlpatterns,
    *online.urlpatterns,  # before evaluators, whose names would take these addresses
    *evaluators.urlpatterns,
    *experiments.urlpatterns,
    *features.urlpatterns,
    *gates.urlpatterns,
    *judges.urlpatterns,
    *panel.urlpatterns,
    *quality.urlpatterns,
    *queues.urlpatterns,
]
