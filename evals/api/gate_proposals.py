"""REST of changes of gates: listed, read, decided by persons."""

from __future__ import annotations

from collections.abc import Callable

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Project
from accounts.rest import PROBLEM, PROJECT
from evals.api.gates import GatesView
from evals.models import Proposal
from evals.queries.gates import get_proposal, proposals_of
from evals.rest import gate_documents as documents
from evals.rest.gate_bodies import GateDecisionBody
from evals.services.gate_proposals import approve_gate, reject_gate, withdraw_gate
from prompts.api.base import after_of, page_of
from prompts.rest.parameters import PageParameters


class ProposalsView(GatesView):
    """Finds the proposal that an address names."""

    def proposal(self, project: Project, pk: int) -> Proposal:
        """Raises: NotFound."""
        found = get_proposal(project, pk)
        if found is None:
            raise NotFound(f"This project has no proposal {pk} of a gate.")
        return found

    def note(self, request: Request) -> str:
        """What is said with the decision. Raises: ValidationError."""
        return str(self.given(request, GateDecisionBody)["note"])

    def decided(self, request: Request, pk: int, act: Callable[[Proposal], object]) -> Response:
        """The proposal after a decision."""
        project = self.opened(request)
        act(self.proposal(project, pk))
        return Response(documents.proposal_document(self.proposal(project, pk)))


class GateProposals(ProposalsView):
    """`/api/v1/gate-proposals`"""

    @extend_schema(
        operation_id="list_gate_proposals",
        parameters=[PageParameters],
        responses={200: documents.GateProposalPageDocument, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Changes of gates, decided ones too, the newest first."""
        asked = self.asked(request, PageParameters)
        found = proposals_of(self.opened(request)).order_by("-pk")
        if (after := after_of(asked, int)) is not None:
            found = found.filter(pk__lt=after)
        rows = list(found[: asked["limit"] + 1])
        return page_of(rows, asked["limit"], documents.proposal_document, lambda row: row.pk)


class OneGateProposal(ProposalsView):
    """`/api/v1/gate-proposals/{id}`"""

    @extend_schema(
        operation_id="get_gate_proposal",
        parameters=[PROJECT],
        responses={200: documents.GateProposalDocument, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """What would change, and in which respects less would be asked."""
        return Response(documents.proposal_document(self.proposal(self.opened(request), pk)))


class ApprovedGateProposal(ProposalsView):
    """`/api/v1/gate-proposals/{id}/approve`"""

    @extend_schema(
        operation_id="approve_gate_proposal",
        parameters=[PROJECT],
        request=GateDecisionBody,
        responses={200: documents.GateProposalDocument, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """By a person who did not propose it."""
        actor = self.actor(request)
        return self.decided(
            request, pk, lambda one: approve_gate(one, actor=actor, note=self.note(request))
        )


class RejectedGateProposal(ProposalsView):
    """`/api/v1/gate-proposals/{id}/reject`"""

    @extend_schema(
        operation_id="reject_gate_proposal",
        parameters=[PROJECT],
        request=GateDecisionBody,
        responses={200: documents.GateProposalDocument, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """By a person who did not propose it, who says why."""
        actor = self.actor(request)
        return self.decided(
            request, pk, lambda one: reject_gate(one, actor=actor, note=self.note(request))
        )


class WithdrawnGateProposal(ProposalsView):
    """`/api/v1/gate-proposals/{id}/withdraw`"""

    @extend_schema(
        operation_id="withdraw_gate_proposal",
        parameters=[PROJECT],
        request=None,
        responses={200: documents.GateProposalDocument, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """By whoever proposed it."""
        actor = self.actor(request)
        return self.decided(request, pk, lambda one: withdraw_gate(one, actor=actor))
