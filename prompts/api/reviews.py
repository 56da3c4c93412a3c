"""REST of verdicts: given by persons alone, dismissed, overridden; and who is asked for one."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from prompts.api.base import members_named
from prompts.api.change_requests import RequestView
from prompts.api.examples import VERDICT
from prompts.queries.judged import asked_of
from prompts.queries.reviews import reviews_of
from prompts.rest.bodies import ReasonBody
from prompts.rest.request_bodies import OverrideBody, ReviewersBody, VerdictBody
from prompts.rest.request_documents import WholeRequestDocument
from prompts.rest.review_documents import (
    ReviewDocument,
    ReviewerListDocument,
    ReviewListDocument,
    review_document,
    reviewer_document,
)
from prompts.services.reviewing import (
    approve,
    ask,
    comment_on_request,
    dismiss,
    override_checks,
    request_changes,
)


class Reviews(RequestView):
    """`/api/v1/change-requests/{number}/reviews`"""

    @extend_schema(
        operation_id="list_reviews",
        parameters=[PROJECT],
        responses={200: ReviewListDocument, 404: PROBLEM},
    )
    def get(self, request: Request, number: int) -> Response:
        """Every verdict, oldest first."""
        found = self.found(request, number)
        return Response({"data": [review_document(one) for one in reviews_of(found)]})

    @extend_schema(
        operation_id="review_change",
        parameters=[PROJECT],
        request=VerdictBody,
        responses={201: ReviewDocument, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM},
        examples=[VERDICT],
    )
    def post(self, request: Request, number: int) -> Response:
        """Approve, request changes or comment, as a signed-in person; a key is refused."""
        found, me = self.found(request, number), self.person(request)
        given = self.given(request, VerdictBody)
        version, revision, note = given["version"], given["revision"], given["note"]
        if given["verdict"] == "approve":
            made = approve(found, actor=me, version=version, revision=revision, note=note)
        elif given["verdict"] == "request_changes":
            made = request_changes(found, actor=me, version=version, revision=revision, note=note)
        elif note.strip():
            made = comment_on_request(found, actor=me, note=note)
        else:
            raise ValidationError({"note": "A comment says something."})
        return Response(review_document(made), status=status.HTTP_201_CREATED)


class DismissedReview(RequestView):
    """`/api/v1/change-requests/{number}/reviews/{id}/dismiss`"""

    @extend_schema(
        operation_id="dismiss_review",
        parameters=[PROJECT],
        request=ReasonBody,
        responses={200: ReviewDocument, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, number: int, pk: int) -> Response:
        """Let a verdict count no more: another reviewer says why."""
        found, me = self.found(request, number), self.person(request)
        review = found.reviews.select_related("request", "version").filter(pk=pk).first()
        if review is None:
            raise NotFound(f"Change request {number} has no review {pk}.")
        done = dismiss(review, actor=me, reason=self.given(request, ReasonBody)["reason"])
        return Response(review_document(done))


class OverriddenChecks(RequestView):
    """`/api/v1/change-requests/{number}/override`"""

    @extend_schema(
        operation_id="override_checks",
        parameters=[PROJECT],
        request=OverrideBody,
        responses={200: WholeRequestDocument, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, number: int) -> Response:
        """Let a version pass without a green check: the owner of the prompt or project, no key."""
        found, me = self.found(request, number), self.person(request)
        override_checks(found, actor=me, **self.given(request, OverrideBody))
        return self.whole(found)


class Reviewers(RequestView):
    """`/api/v1/change-requests/{number}/reviewers`"""

    @extend_schema(
        operation_id="list_reviewers",
        parameters=[PROJECT],
        responses={200: ReviewerListDocument, 404: PROBLEM},
    )
    def get(self, request: Request, number: int) -> Response:
        """Who was asked."""
        asked = asked_of(self.found(request, number))
        return Response({"data": [reviewer_document(one) for one in asked]})

    @extend_schema(
        operation_id="ask_reviewers",
        parameters=[PROJECT],
        request=ReviewersBody,
        responses={200: ReviewerListDocument, 400: PROBLEM, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, number: int) -> Response:
        """Ask more people; they are told."""
        found = self.found(request, number)
        given = self.given(request, ReviewersBody)
        people = members_named(found.project, given["reviewers"], "reviewers")
        ask(found, people, actor=self.actor(request))
        return Response({"data": [reviewer_document(one) for one in asked_of(found)]})
