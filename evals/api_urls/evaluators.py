"""Addresses of REST: evaluators. Names hold slashes, so what is below one stands before it."""

from django.urls import URLPattern, path

from evals.api import evaluator_versions as versions
from evals.api import evaluators

_PROPOSAL = "evaluators/<path:name>/proposals/<int:pk>"
_VERSION = "evaluators/<path:name>/versions/<int:number>"
urlpatterns: list[URLPattern] = [
    path("evaluator-kinds", evaluators.EvaluatorKinds.as_view(), name="api_evaluator_kinds"),
    path(
        "experiments/<int:number>/agent",
        evaluators.ExperimentAgent.as_view(),
        name="api_experiment_agent",
    ),
    path("evaluators", evaluators.Evaluators.as_view(), name="api_evaluators"),
    path(f"{_PROPOSAL}/approve", versions.ApproveProposal.as_view(), name="api_evaluator_approve"),
    path(f"{_PROPOSAL}/reject", versions.RejectProposal.as_view(), name="api_evaluator_reject"),
    path(
        f"{_PROPOSAL}/withdraw", versions.WithdrawProposal.as_view(), name="api_evaluator_withdraw"
    ),
    path(
        "evaluators/<path:name>/proposals",
        versions.EvaluatorProposals.as_view(),
        name="api_evaluator_proposals",
    ),
    path(
        f"{_VERSION}/propose",
        versions.ProposeEvaluatorVersion.as_view(),
        name="api_evaluator_propose",
    ),
    path(_VERSION, versions.OneEvaluatorVersion.as_view(), name="api_evaluator_version"),
    path(
        "evaluators/<path:name>/versions",
        versions.EvaluatorVersions.as_view(),
        name="api_evaluator_versions",
    ),
    path(
        "evaluators/<path:name>/test", evaluators.TestEvaluator.as_view(), name="api_evaluator_test"
    ),
    path(
        "evaluators/<path:name>/secret",
        evaluators.EvaluatorSecret.as_view(),
        name="api_evaluator_secret",
    ),
    path("evaluators/<path:name>", evaluators.OneEvaluator.as_view(), name="api_evaluator"),
]
