"""Addresses of pages: evaluators. Names hold slashes, so what is below one stands before it."""

from django.urls import URLPattern, path

from evals.views import agents, evaluators
from evals.views import evaluator_acts as acts
from evals.views import evaluator_forms as forms
from evals.views import evaluator_tries as tries

_ONE = "evaluators/<path:name>"
urlpatterns: list[URLPattern] = [
    path("experiments/<int:number>/agent/", agents.experiment_agent, name="experiment_agent"),
    path("evaluators/", evaluators.evaluator_list, name="evaluators"),
    path("evaluators/new/", forms.evaluator_choose, name="evaluator_choose"),
    path("evaluators/new/<slug:kind>/<slug:check>/", forms.evaluator_new, name="evaluator_new"),
    path(f"{_ONE}/versions/new/", forms.evaluator_version_new, name="evaluator_version_new"),
    path(f"{_ONE}/versions/<int:number>/", evaluators.evaluator_version, name="evaluator_version"),
    path(
        f"{_ONE}/versions/<int:number>/propose/",
        acts.evaluator_propose,
        name="evaluator_propose",
    ),
    path(f"{_ONE}/proposals/<int:pk>/", acts.evaluator_decide, name="evaluator_decide"),
    path(f"{_ONE}/test/", tries.evaluator_test, name="evaluator_test"),
    path(f"{_ONE}/test/examples/", tries.evaluator_examples, name="evaluator_examples"),
    path(f"{_ONE}/runs/act/", acts.evaluator_act, name="evaluator_act"),
    path(f"{_ONE}/", evaluators.evaluator, name="evaluator"),
]
