"""REST of an evaluator's versions, and of the proposals to use one."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from evals.api.evaluators import EvaluatorsView
from evals.models import Evaluator, Proposal
from evals.queries.evaluator_proposals import proposals_of
from evals.queries.evaluators import versions_of
from evals.rest import evaluator_documents as documents
from evals.rest.evaluator_bodies import DecideBody, ProposeBody, TermsBody, terms_from
from evals.services.evaluator_versions import (
    approve_version,
    draft_version,
    propose_version,
    reject_version,
    withdraw_version,
)
from prompts.api.base import after_of, page_of
from prompts.rest.parameters import PageParameters


class EvaluatorVersions(EvaluatorsView):
    """`/api/v1/evaluators/{name}/versions`"""

    @extend_schema(
        operation_id="list_evaluator_versions",
        parameters=[PageParameters],
        responses={200: documents.EvaluatorVersionPageDocument, 404: PROBLEM},
    )
    def get(self, request: Request, name: str) -> Response:
        """A page of versions, the newest first."""
        asked = self.asked(request, PageParameters)
        evaluator = self.evaluator(request, name)
        found = versions_of(evaluator)
        if (after := after_of(asked, int)) is not None:
            found = found.filter(number__lt=min(after, 2**31 - 1))
        return page_of(
            list(found[: asked["limit"] + 1]),
            asked["limit"],
            lambda version: documents.version_document(version, evaluator),
            lambda version: version.number,
        )

    @extend_schema(
        operation_id="create_evaluator_version",
        parameters=[PROJECT],
        request=TermsBody,
        responses={201: documents.EvaluatorVersionDocument, 400: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, name: str) -> Response:
        """Write the next version; it is used when another person approves it."""
        evaluator = self.evaluator(request, name)
        given = self.given(request, TermsBody)
        version = draft_version(
            evaluator, terms_from(given), actor=self.actor(request), message=given["message"]
        )
        told = documents.version_document(version, evaluator)
        return Response(told, status=status.HTTP_201_CREATED)


class OneEvaluatorVersion(EvaluatorsView):
    """`/api/v1/evaluators/{name}/versions/{number}`"""

    @extend_schema(
        operation_id="get_evaluator_version",
        parameters=[PROJECT],
        responses={200: documents.EvaluatorVersionDocument, 404: PROBLEM},
    )
    def get(self, request: Request, name: str, number: int) -> Response:
        """How a version scores."""
        evaluator = self.evaluator(request, name)
        return Response(documents.version_document(self.version(evaluator, number), evaluator))


class ProposeEvaluatorVersion(EvaluatorsView):
    """`/api/v1/evaluators/{name}/versions/{number}/propose`"""

    @extend_schema(
        operation_id="propose_evaluator_version",
        parameters=[PROJECT],
        request=ProposeBody,
        responses={201: documents.ProposalDocument, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, name: str, number: int) -> Response:
        """Ask for a version to be used; what it weakens is told with the proposal."""
        evaluator = self.evaluator(request, name)
        given = self.given(request, ProposeBody)
        version = self.version(evaluator, number)
        made = propose_version(version, actor=self.actor(request), reason=given["reason"])
        told = documents.proposal_document(made, evaluator)
        return Response(told, status=status.HTTP_201_CREATED)


class EvaluatorProposals(EvaluatorsView):
    """`/api/v1/evaluators/{name}/proposals`"""

    @extend_schema(
        operation_id="list_evaluator_proposals",
        parameters=[PageParameters],
        responses={200: documents.ProposalPageDocument, 404: PROBLEM},
    )
    def get(self, request: Request, name: str) -> Response:
        """A page of proposals, the newest first."""
        asked = self.asked(request, PageParameters)
        evaluator = self.evaluator(request, name)
        found = proposals_of(evaluator).order_by("-pk")
        if (after := after_of(asked, int)) is not None:
            found = found.filter(pk__lt=min(after, 2**63 - 1))
        return page_of(
            list(found[: asked["limit"] + 1]),
            asked["limit"],
            lambda one: documents.proposal_document(one, evaluator),
            lambda one: one.pk,
        )


class _Decide(EvaluatorsView):
    """Finds the proposal that an address names."""

    def proposal(self, evaluator: Evaluator, pk: int) -> Proposal:
        """A proposal. Raises: NotFound."""
        found = proposals_of(evaluator).filter(pk=min(pk, 2**63 - 1)).first()
        if found is None:
            raise NotFound(f"{evaluator.name} has no proposal {pk}.")
        return found

    def told(self, evaluator: Evaluator, pk: int) -> Response:
        """The proposal as it stands now."""
        return Response(documents.proposal_document(self.proposal(evaluator, pk), evaluator))


class ApproveProposal(_Decide):
    """`/api/v1/evaluators/{name}/proposals/{id}/approve`"""

    @extend_schema(
        operation_id="approve_evaluator_proposal",
        parameters=[PROJECT],
        request=DecideBody,
        responses={200: documents.ProposalDocument, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, name: str, pk: int) -> Response:
        """Let the version be the one in use: a person's decision, and not its author's."""
        evaluator = self.evaluator(request, name)
        note = self.given(request, DecideBody)["note"]
        approve_version(self.proposal(evaluator, pk), actor=self.actor(request), note=note)
        return self.told(evaluator, pk)


class RejectProposal(_Decide):
    """`/api/v1/evaluators/{name}/proposals/{id}/reject`"""

    @extend_schema(
        operation_id="reject_evaluator_proposal",
        parameters=[PROJECT],
        request=DecideBody,
        responses={200: documents.ProposalDocument, 400: PROBLEM, 403: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, name: str, pk: int) -> Response:
        """Say no, and why: a person's decision."""
        evaluator = self.evaluator(request, name)
        note = self.given(request, DecideBody)["note"]
        reject_version(self.proposal(evaluator, pk), actor=self.actor(request), note=note)
        return self.told(evaluator, pk)


class WithdrawProposal(_Decide):
    """`/api/v1/evaluators/{name}/proposals/{id}/withdraw`"""

    @extend_schema(
        operation_id="withdraw_evaluator_proposal",
        parameters=[PROJECT],
        request=None,
        responses={200: documents.ProposalDocument, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, name: str, pk: int) -> Response:
        """Take one's own proposal back."""
        evaluator = self.evaluator(request, name)
        withdraw_version(self.proposal(evaluator, pk), actor=self.actor(request))
        return self.told(evaluator, pk)
