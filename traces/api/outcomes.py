"""REST of outcomes: what the business says became of traces and sessions."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from traces.api.scores import TOO_WIDE, FeedbackView, given_answer, nothing, page_of
from traces.feedback.given import Fault
from traces.queries import scores as queries
from traces.rest import feedback
from traces.rest import feedback_documents as documents
from traces.services.outcomes import delete_outcome, record_outcomes
from traces.services.scores import NotRecorded


class Outcomes(FeedbackView):
    """`/api/v1/outcomes`"""

    @extend_schema(
        operation_id="list_outcomes",
        summary="Outcomes, newest first",
        parameters=[feedback.FeedbackParameters],
        responses={200: documents.OutcomePageDocument, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """A page of outcomes."""
        parameters = feedback.FeedbackParameters(data=request.query_params)
        parameters.is_valid(raise_exception=True)
        project_id, _ = self.place(request)
        limit = parameters.validated_data["limit"]
        wanted, after = parameters.wanted(), parameters.after()
        try:
            rows = queries.list_outcomes(project_id, wanted, after=after, limit=limit + 1)
        except queries.TooWide:
            raise ValidationError({"since": TOO_WIDE}) from None
        return page_of(rows, limit, feedback.outcome_document)

    @extend_schema(
        operation_id="give_outcomes",
        summary="Say what became of traces or sessions",
        description="One outcome or a list of up to 1,000; all of them are stored, or none.",
        parameters=[PROJECT],
        request=feedback.schema(feedback.OutcomeBody),
        responses={200: documents.GivenDocument, 400: PROBLEM, 413: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Their ids."""
        project_id, author = self.giver(request)
        body = self.body(request, feedback.MOST_BYTES)
        items, many = feedback.parsed(body, feedback.OutcomeBody)
        given, faults = [], []
        for index, item in enumerate(items):
            try:
                given.append(feedback.given_outcome(item))
            except ValueError as error:
                faults.append(Fault(index, "value", str(error)))
        if faults:
            raise feedback.refused(faults, many=many)
        try:
            done = record_outcomes(project_id, given, author=author)
        except NotRecorded as error:
            raise feedback.refused(error.faults, many=many) from None
        return given_answer(done, many=many)


class OneOutcome(FeedbackView):
    """`/api/v1/outcomes/{id}`"""

    @extend_schema(
        operation_id="get_outcome",
        parameters=[PROJECT],
        responses={200: documents.OutcomeDocument, 404: PROBLEM},
    )
    def get(self, request: Request, outcome_id: str) -> Response:
        """One outcome."""
        project_id, _ = self.place(request)
        outcome = queries.get_outcome(project_id, outcome_id)
        if outcome is None:
            raise nothing("outcome", outcome_id)
        return Response(feedback.outcome_document(outcome))

    @extend_schema(operation_id="delete_outcome", parameters=[PROJECT], responses={204: None})
    def delete(self, request: Request, outcome_id: str) -> Response:
        """Take the outcome back; the audit trail keeps what it was."""
        project = self.opened(request)
        if "\0" in outcome_id or not delete_outcome(project, outcome_id, actor=self.actor(request)):
            raise nothing("outcome", outcome_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
