"""REST of experiments: listed, run, read, cancelled, taken up again, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Project, Scope
from accounts.rest import PROBLEM, PROJECT
from evals.api.base import EvalsView
from evals.models import Dataset, EvaluatorVersion, Experiment
from evals.queries.datasets import dataset_named
from evals.queries.estimates import estimate
from evals.queries.evaluators import current_version, evaluator_named
from evals.queries.experiments import figures_of, get_experiment, list_experiments
from evals.queries.pairs import pairs_of
from evals.rest import experiment_documents as documents
from evals.rest.experiment_bodies import (
    ExperimentParameters,
    NewExperimentBody,
    NewPushedBody,
    RetryBody,
    nano,
)
from evals.rest.pair_documents import wins_document
from evals.services.experiments import (
    Plan,
    cancel_experiment,
    delete_experiment,
    evaluators_of,
    retry_failed,
    start_experiment,
)
from evals.services.pushing import create_pushed, finish_experiment
from evals.values.pushed import NewPushed
from kit.rest_lists import pk_page
from prompts.models import PromptVersion
from prompts.queries.resolving import get_prompt, get_version

NEW = PolymorphicProxySerializer(
    component_name="NewExperiment",
    serializers=[NewExperimentBody, NewPushedBody],
    resource_type_field_name=None,
)


class ExperimentsView(EvalsView):
    """Finds the experiment that an address names. A key that may read reads."""

    scope = {"GET": Scope.READ, "POST": Scope.EVALS, "DELETE": Scope.EVALS}

    def experiment(self, request: Request, number: int) -> Experiment:
        """Raises: NotFound, and those of `opened`."""
        found = get_experiment(self.opened(request), number)
        if found is None:
            raise NotFound(f"This project has no experiment {number}.")
        return found

    def told(self, experiment: Experiment) -> dict[str, Any]:
        """The document of one experiment."""
        figures = figures_of([experiment])[experiment.pk]
        return {
            **documents.experiment_document(experiment, figures),
            "evaluators": documents.evaluators_document(evaluators_of(experiment)),
            "comparisons": wins_document(pairs_of([experiment])[experiment.pk]),
        }


class Experiments(ExperimentsView):
    """`/api/v1/experiments`"""

    @extend_schema(
        operation_id="list_experiments",
        parameters=[ExperimentParameters],
        responses={200: documents.ExperimentPageDocument},
    )
    def get(self, request: Request) -> Response:
        """A page of experiments with their figures, the newest first."""
        project = self.opened(request)
        asked = self.asked(request, ExperimentParameters)
        rows = list_experiments(
            project,
            dataset=asked["dataset"],
            prompt=asked["prompt"],
            state=asked["state"],
            purpose=asked["purpose"],
            text=asked["search"],
        )

        def shown(page: list[Experiment]) -> list[dict[str, Any]]:
            figures = figures_of(page)
            return [documents.experiment_document(one, figures[one.pk]) for one in page]

        return pk_page(rows, asked, shown)

    @extend_schema(
        operation_id="create_experiment",
        summary="Run an experiment, or open one whose results you push",
        parameters=[PROJECT],
        request=NEW,
        responses={201: documents.OneExperimentDocument, 400: PROBLEM, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """The experiment. With `origin: pushed` its results come from you."""
        project, actor = self.opened(request), self.actor(request)
        if isinstance(request.data, Mapping) and request.data.get("origin") == "pushed":
            made = create_pushed(project, self._pushed(request, project), actor=actor)
        else:
            plan = plan_of(project, self.given(request, NewExperimentBody))
            made = start_experiment(project, plan, actor=actor)
        found = self.experiment(request, made.number)
        return Response(self.told(found), status=status.HTTP_201_CREATED)

    def _pushed(self, request: Request, project: Project) -> NewPushed:
        given = self.given(request, NewPushedBody)
        dataset = dataset_of(project, given["dataset"]) if given["dataset"] else None
        prompt = given.get("prompt")
        return NewPushed(
            name=given["name"] or (dataset.name if dataset else ""),
            external_id=given.get("id", ""),
            description=given["description"],
            dataset=dataset,
            dataset_version=given.get("dataset_version"),
            prompt_version=version_of(project, prompt) if prompt else None,
            model=given["model"],
            parameters=given["parameters"],
            feature=given["feature"],
            evaluators=evaluators_in(project, given["evaluators"]),
            baseline=_baseline(project, given),
            metadata=given["metadata"],
        )


class ExperimentEstimate(ExperimentsView):
    """`/api/v1/experiments/estimate`"""

    @extend_schema(
        operation_id="estimate_experiment",
        parameters=[PROJECT],
        request=NewExperimentBody,
        responses={200: documents.EstimateDocument, 400: PROBLEM, 404: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Calls, tokens and money of a run, before it."""
        project = self.opened(request)
        plan = plan_of(project, self.given(request, NewExperimentBody))
        return Response(documents.estimate_document(estimate(project, plan)))


class OneExperiment(ExperimentsView):
    """`/api/v1/experiments/{number}`"""

    @extend_schema(
        operation_id="get_experiment",
        parameters=[PROJECT],
        responses={200: documents.OneExperimentDocument, 404: PROBLEM},
    )
    def get(self, request: Request, number: int) -> Response:
        """The experiment with its progress and figures."""
        return Response(self.told(self.experiment(request, number)))

    @extend_schema(
        operation_id="delete_experiment",
        parameters=[PROJECT],
        responses={204: None, 404: PROBLEM, 409: PROBLEM},
    )
    def delete(self, request: Request, number: int) -> Response:
        """Delete it with its results; its traces and their scores stay."""
        delete_experiment(self.experiment(request, number), actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class CancelExperiment(ExperimentsView):
    """`/api/v1/experiments/{number}/cancel`"""

    @extend_schema(
        operation_id="cancel_experiment",
        parameters=[PROJECT],
        request=None,
        responses={200: documents.OneExperimentDocument, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, number: int) -> Response:
        """Stop it; what is done stays."""
        found = self.experiment(request, number)
        cancel_experiment(found, actor=self.actor(request))
        return Response(self.told(self.experiment(request, number)))


class RetryExperiment(ExperimentsView):
    """`/api/v1/experiments/{number}/retry`"""

    @extend_schema(
        operation_id="retry_experiment",
        parameters=[PROJECT],
        request=RetryBody,
        responses={200: documents.OneExperimentDocument, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, number: int) -> Response:
        """Run what failed again, and what was left undone; with another cap, if you say one."""
        found = self.experiment(request, number)
        cap = nano(self.given(request, RetryBody)["cost_cap_usd"])
        retry_failed(found, actor=self.actor(request), cost_cap_nano=cap)
        return Response(self.told(self.experiment(request, number)))


class FinishExperiment(ExperimentsView):
    """`/api/v1/experiments/{number}/finish`"""

    @extend_schema(
        operation_id="finish_experiment",
        parameters=[PROJECT],
        request=None,
        responses={200: documents.OneExperimentDocument, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, number: int) -> Response:
        """No more is pushed."""
        found = self.experiment(request, number)
        finish_experiment(found, actor=self.actor(request))
        return Response(self.told(self.experiment(request, number)))


def plan_of(project: Project, given: Mapping[str, Any]) -> Plan:
    """What is asked for, looked up by its names. Raises: ValidationError, naming the field."""
    return Plan(
        dataset=dataset_of(project, given["dataset"]),
        prompt_version=version_of(project, given["prompt"]),
        dataset_version=given.get("dataset_version"),
        evaluators=evaluators_in(project, given["evaluators"]),
        name=given["name"],
        description=given["description"],
        provider=given["provider"],
        model=given["model"],
        parameters=given["parameters"],
        feature=given["feature"],
        splits=given["splits"],
        slices=given["slices"],
        most_items=given.get("most_items"),
        repeats=given["repeats"],
        concurrency=given["concurrency"],
        rate_per_minute=given.get("rate_per_minute"),
        cost_cap_nano=nano(given.get("cost_cap_usd")),
        allows_unpriced=given["allow_unpriced"],
        baseline=_baseline(project, given),
        metadata=given["metadata"],
    )


def dataset_of(project: Project, name: str) -> Dataset:
    """The project's dataset of that name. Raises: ValidationError."""
    found = dataset_named(project, name)
    if found is None:
        raise ValidationError({"dataset": f"The project has no dataset {name[:200]!r}."})
    return found


def _baseline(project: Project, given: Mapping[str, Any]) -> Experiment | None:
    number = given.get("baseline")
    if number is None:
        return None
    found = get_experiment(project, number)
    if found is None:
        raise ValidationError({"baseline": f"The project has no experiment {number}."})
    return found


def version_of(project: Project, given: Mapping[str, Any]) -> PromptVersion:
    """The version by its number or its label. Raises: ValidationError, naming the field."""
    name = given["name"]
    prompt = get_prompt(project.pk, name)
    if prompt is None:
        raise ValidationError({"prompt.name": f"The project has no prompt {name[:200]!r}."})
    number, label = given.get("version"), given.get("label")
    if number is None and label is None:
        label = "latest"
    version = get_version(prompt, number=number, label=label)
    if version is None:
        where = "version" if number is not None else "label"
        said = f"v{number}" if number is not None else f"label {label}"
        raise ValidationError({f"prompt.{where}": f"{name} has no {said}."})
    return version


def evaluators_in(project: Project, given: list[Mapping[str, Any]]) -> list[EvaluatorVersion]:
    """The versions by their names, those in use where no number says another. Raises: as above."""
    found = []
    for place, one in enumerate(given):
        name, number = one["name"], one.get("version")
        version = current_version(project, name)
        if number is not None and (evaluator := evaluator_named(project, name)) is not None:
            version = evaluator.versions.filter(number=number).first()
        if version is None:
            said = f"no version {number} of" if number is not None else "no version in use of"
            raise ValidationError({
                f"evaluators[{place}].name": f"There is {said} an evaluator {name[:200]!r}."
            })  # fmt: skip
        found.append(version)
    return found
