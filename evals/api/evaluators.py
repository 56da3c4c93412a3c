"""REST of evaluators: listed, made, described, tried, archived."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Project
from accounts.rest import PROBLEM, PROJECT
from evals.api.base import EvalsView
from evals.api.experiments import ExperimentsView
from evals.evaluating.subject import Subject
from evals.evaluating.templates import TEMPLATES, terms_of_template
from evals.models import Evaluator, EvaluatorKind, EvaluatorVersion
from evals.queries.agents import agent_figures
from evals.queries.evaluators import (
    evaluator_named,
    evaluators_matching,
    secret_of,
    versions_of,
)
from evals.queries.subjects import subject_of_trace
from evals.rest import evaluator_documents as documents
from evals.rest.evaluator_bodies import (
    DescribeEvaluatorBody,
    EvaluatorParameters,
    NewEvaluatorBody,
    TryBody,
    subject_from,
    terms_from,
)
from evals.services.evaluators import (
    archive_evaluator,
    create_evaluator,
    describe_evaluator,
    renew_secret,
    restore_evaluator,
)
from evals.services.trying import try_evaluator
from prompts.api.base import after_of, member_named, page_of


class EvaluatorsView(EvalsView):
    """Finds the evaluator that an address names."""

    def evaluator(self, request: Request, name: str) -> Evaluator:
        """The evaluator, also one that is archived. Raises: NotFound, and those of `opened`."""
        project = self.opened(request)
        found = evaluator_named(project, name) if "\0" not in name else None
        if found is None:
            raise NotFound(f"This project has no evaluator {name[:200]!r}.")
        return found

    def version(self, evaluator: Evaluator, number: int | None) -> EvaluatorVersion:
        """A version, the one in use when `number` is None. Raises: NotFound."""
        if number is None:
            found = evaluator.current
        else:
            found = versions_of(evaluator).filter(number=min(number, 2**31 - 1)).first()
        if found is None:
            raise NotFound(f"{evaluator.name} has no version {number or 'in use'}.")
        found.evaluator = evaluator
        return found


class Evaluators(EvaluatorsView):
    """`/api/v1/evaluators`"""

    @extend_schema(
        operation_id="list_evaluators",
        parameters=[EvaluatorParameters],
        responses={200: documents.EvaluatorPageDocument, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """A page of evaluators with the version in use, by name."""
        asked = self.asked(request, EvaluatorParameters)
        found = evaluators_matching(
            self.opened(request),
            search=asked["search"],
            kind=asked.get("kind", ""),
            is_archived=asked["archived"],
        )
        if (after := after_of(asked, str)) is not None:
            found = found.filter(name__gt=after)
        rows = list(found[: asked["limit"] + 1])
        return page_of(rows, asked["limit"], documents.evaluator_document, lambda one: one.name)

    @extend_schema(
        operation_id="create_evaluator",
        parameters=[PROJECT],
        request=NewEvaluatorBody,
        responses={201: documents.EvaluatorDocument, 400: PROBLEM, 403: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Make an evaluator; its first version is in use at once."""
        project = self.opened(request)
        given = self.given(request, NewEvaluatorBody)
        terms, kind = terms_from(given), given.get("kind", "")
        if template := given["template"]:
            if template not in TEMPLATES:
                raise ValidationError({"template": f"There are {', '.join(TEMPLATES)}."})
            kind = EvaluatorKind.JUDGE.value
            made = terms_of_template(TEMPLATES[template], model=terms.model)
            bar = made.bar if terms.bar is None else terms.bar
            terms = replace(made, bar=bar, provider=terms.provider, parameters=terms.parameters)
        if not kind:
            raise ValidationError({"kind": f"Say which: {', '.join(EvaluatorKind.values)}."})
        evaluator = create_evaluator(
            project,
            given["name"],
            kind,
            terms,
            actor=self.actor(request),
            description=given["description"],
            template=template,
            message=given["message"],
        )
        told = documents.evaluator_document(evaluator)
        if kind == EvaluatorKind.REMOTE:
            told["secret"] = secret_of(evaluator)
        return Response(told, status=status.HTTP_201_CREATED)


class OneEvaluator(EvaluatorsView):
    """`/api/v1/evaluators/{name}`"""

    @extend_schema(
        operation_id="get_evaluator",
        parameters=[PROJECT],
        responses={200: documents.EvaluatorDocument, 404: PROBLEM},
    )
    def get(self, request: Request, name: str) -> Response:
        """What it is, and the version in use."""
        return Response(documents.evaluator_document(self.evaluator(request, name)))

    @extend_schema(
        operation_id="describe_evaluator",
        parameters=[PROJECT],
        request=DescribeEvaluatorBody,
        responses={200: documents.EvaluatorDocument, 400: PROBLEM, 404: PROBLEM, 409: PROBLEM},
    )
    def patch(self, request: Request, name: str) -> Response:
        """Change what is said about it; how it scores changes by its versions."""
        evaluator = self.evaluator(request, name)
        given = self.given(request, DescribeEvaluatorBody)
        is_archived = given.pop("archived", None)
        if given.get("owner"):
            given["owner"] = member_named(evaluator.project, given["owner"], "owner")
        if given:
            evaluator = describe_evaluator(evaluator, actor=self.actor(request), **given)
        if is_archived is not None and is_archived != (evaluator.archived_at is not None):
            change = archive_evaluator if is_archived else restore_evaluator
            evaluator = change(evaluator, actor=self.actor(request))
        return Response(documents.evaluator_document(evaluator))

    @extend_schema(
        operation_id="archive_evaluator",
        parameters=[PROJECT],
        responses={204: None, 404: PROBLEM, 409: PROBLEM},
    )
    def delete(self, request: Request, name: str) -> Response:
        """Take it out of use, unless a gate or live traffic is judged by it; scores stay."""
        archive_evaluator(self.evaluator(request, name), actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TestEvaluator(EvaluatorsView):
    """`/api/v1/evaluators/{name}/test`"""

    @extend_schema(
        operation_id="test_evaluator",
        parameters=[PROJECT],
        request=TryBody,
        responses={200: documents.VerdictDocument, 400: PROBLEM, 404: PROBLEM},
    )
    def post(self, request: Request, name: str) -> Response:
        """Score one answer with it; nothing is stored but the judge's own call."""
        evaluator = self.evaluator(request, name)
        given = self.given(request, TryBody)
        version = self.version(evaluator, given.get("version"))
        subject = _subject(evaluator.project, given)
        other = _subject(evaluator.project, given["other"]) if given.get("other") else None
        verdict = try_evaluator(version, subject, other)
        return Response(documents.verdict_document(verdict, version))


class EvaluatorSecret(EvaluatorsView):
    """`/api/v1/evaluators/{name}/secret`"""

    @extend_schema(
        operation_id="renew_evaluator_secret",
        parameters=[PROJECT],
        request=None,
        responses={200: documents.SecretDocument, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, name: str) -> Response:
        """A new secret for a remote evaluator, told once; the old one ends now."""
        evaluator = self.evaluator(request, name)
        return Response({"secret": renew_secret(evaluator, actor=self.actor(request))})


class ExperimentAgent(ExperimentsView):
    """`/api/v1/experiments/{number}/agent`"""

    @extend_schema(
        operation_id="get_experiment_agent",
        parameters=[PROJECT],
        responses={200: documents.AgentDocument, 404: PROBLEM},
    )
    def get(self, request: Request, number: int) -> Response:
        """Cost per resolution, where an evaluator tells which runs are resolved."""
        figures = agent_figures(self.experiment(request, min(number, 2**31 - 1)))
        if figures is None:
            raise NotFound("No evaluator of this experiment tells which runs are resolved.")
        return Response(documents.agent_document(figures))


class EvaluatorKinds(EvaluatorsView):
    """`/api/v1/evaluator-kinds`"""

    @extend_schema(
        operation_id="list_evaluator_kinds",
        parameters=[PROJECT],
        responses={200: documents.KindsDocument},
    )
    def get(self, request: Request) -> Response:
        """Every kind with its checks and settings, and the templates of judges."""
        self.opened(request)
        return Response(documents.kinds_document())


def _subject(project: Project, given: dict[str, Any]) -> Subject:
    """The answer that a body tells. Raises: ValidationError."""
    told = subject_from(given)
    if not given["trace_id"]:
        return Subject(**told)
    names = (given["trace_id"], given["span_id"])
    found = None if any("\0" in one for one in names) else subject_of_trace(project, *names)
    if found is None:
        raise ValidationError({"trace_id": "This project has no such trace or span."})
    return replace(found, **told)
