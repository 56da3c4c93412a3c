"""Addresses of `evals`, a module a noun."""

from evals.api_urls import (
    datasets,
    evaluators,
    experiments,
    gates,
    judges,
    online,
    queues,
    schedules,
    texts,
)

urlpatterns = [
    *datasets.urlpatterns,
    *evaluators.urlpatterns,
    *experiments.urlpatterns,
    *gates.urlpatterns,
    *judges.urlpatterns,
    *online.urlpatterns,
    *queues.urlpatterns,
    *schedules.urlpatterns,
    *texts.urlpatterns,
]
