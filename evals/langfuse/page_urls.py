"""Addresses of Langfuse's own pages of experiments, as its SDKs print them."""

from django.urls import path

from evals.langfuse import pages

app_name = "langfuse_evals_pages"
urlpatterns = [
    path("<str:project_id>/experiments/results", pages.experiments, name="experiments"),
    path("<str:project_id>/datasets/<str:dataset_id>/runs/<path:run_id>", pages.run, name="run"),
]
