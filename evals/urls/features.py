"""Addresses of pieces that the pages of features fetch."""

from django.urls import path

from evals.views import feature_gates

urlpatterns = [
    path(
        "gates/of-feature/<path:name>/",
        feature_gates.gates_of_feature,
        name="gates_of_feature",
    ),
]
