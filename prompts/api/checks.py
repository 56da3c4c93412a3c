"""REST of checks: what any source says of a version, like the statuses of a commit."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Scope
from accounts.rest import PROBLEM, PROJECT
from accounts.verification import Bearer
from prompts.api.change_requests import RequestView
from prompts.api.examples import CHECK
from prompts.models import Check
from prompts.queries.judged import judge
from prompts.rest.request_bodies import CheckBody
from prompts.rest.review_documents import CheckDocument, CheckListDocument, check_document
from prompts.services.checking import Report, report_check


class Checks(RequestView):
    """`/api/v1/change-requests/{number}/checks`"""

    scope = {"GET": Scope.PROMPTS, "POST": Scope.EVALS}

    @extend_schema(
        operation_id="list_checks",
        parameters=[PROJECT],
        responses={200: CheckListDocument, 404: PROBLEM},
    )
    def get(self, request: Request, number: int) -> Response:
        """The newest report of each name, and required checks that have not reported."""
        judged = judge(self.found(request, number))
        return Response(
            {"data": [check_document(one, judged.facts.checks) for one in judged.checks]}
        )

    @extend_schema(
        operation_id="report_check",
        parameters=[PROJECT],
        request=CheckBody,
        responses={201: CheckDocument, 400: PROBLEM, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM},
        examples=[CHECK],
    )
    def post(self, request: Request, number: int) -> Response:
        """Report with a key of the scope evals. The newest report of a name counts.

        A required check that is missing, old or not `pass` stands in the way of the move.
        """
        found = self.found(request, number)
        if not isinstance(request.auth, Bearer):
            raise PermissionDenied("A check is reported by a program, with a key of scope evals.")
        given = self.given(request, CheckBody)
        report = Report(
            name=given["name"],
            state=Check.State(given["state"]),
            number=given["version"],
            summary=given["summary"],
            url=given["url"],
            rows=given["rows"],
        )
        made = report_check(found, report, actor=self.actor(request))
        required = judge(found).facts.checks
        return Response(check_document(made, required), status=status.HTTP_201_CREATED)
