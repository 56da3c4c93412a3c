"""REST of scores: given by programs, by people, and by web pages with a public key."""

from __future__ import annotations

from math import ceil
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, Throttled, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import (
    PersonAuthentication,
    ProjectKeyAuthentication,
    PublicKeyAuthentication,
)
from accounts.models import Role, Scope, User
from accounts.public_writes import is_preflight, let_page_read, preflight, wait_seconds
from accounts.rest import PROBLEM, PROJECT
from accounts.verification import Bearer, PublicBearer
from kit.paging import encode_cursor
from traces.api.intake import RawParser
from traces.api.traces import TraceView
from traces.feedback.given import Fault
from traces.ingest.wire.body import decompress
from traces.ingest.wire.errors import BadRequestBody
from traces.models import Outcome, Score, ScoreSource
from traces.queries import scores as queries
from traces.rest import feedback
from traces.rest import feedback_documents as documents
from traces.services.scores import NotRecorded, Recorded, delete_score, record_scores

MOST_FROM_A_PAGE = 20  # scores in one request
TOO_WIDE = "Not found within 5 s: say since when, or narrow by name, trace or session."
SCOPES = {"GET": Scope.READ, "POST": Scope.INGEST, "DELETE": Scope.INGEST}


class FeedbackView(TraceView):
    """Reads the body itself: a thousand scores are checked without a serializer for each."""

    scope = SCOPES
    least_to_write = Role.ENGINEER
    parser_classes = [RawParser]

    def giver(self, request: Request) -> tuple[int, str]:
        """The project that is written to, and who writes. Raises: Http404, PermissionDenied."""
        if isinstance(request.auth, Bearer | PublicBearer):
            return request.auth.project_id, request.auth.public_key
        project_id = self.opened(request).pk
        return project_id, str(request.user)

    def body(self, request: Request, most: int) -> bytes:
        """The body, its Content-Encoding undone. Raises: TooLarge, Undecoded."""
        sent: bytes = request._request.read(most + 1)
        if len(sent) > most:
            raise feedback.TooLarge(f"The body may have {most:,} bytes.")
        try:
            return decompress(sent, request.headers.get("Content-Encoding", ""), most)
        except BadRequestBody as error:
            raise feedback.Undecoded(error.status, str(error)) from None


class Scores(FeedbackView):
    """`/api/v1/scores`"""

    authentication_classes = (
        PublicKeyAuthentication,
        ProjectKeyAuthentication,
        PersonAuthentication,
    )

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a browser that asks first, and let its page read what becomes of its score."""
        if is_preflight(request):
            return preflight(request)
        response = super().dispatch(request, *args, **kwargs)
        let_page_read(request, response)
        return response

    @extend_schema(
        operation_id="list_scores",
        summary="Scores, newest first",
        parameters=[feedback.ScoreParameters],
        responses={200: documents.ScorePageDocument, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """A page of scores."""
        parameters = feedback.ScoreParameters(data=request.query_params)
        parameters.is_valid(raise_exception=True)
        project_id, _ = self.place(request)
        limit = parameters.validated_data["limit"]
        wanted, after = parameters.wanted(), parameters.after()
        try:
            rows = queries.list_scores(project_id, wanted, after=after, limit=limit + 1)
        except queries.TooWide:
            raise ValidationError({"since": TOO_WIDE}) from None
        return page_of(rows, limit, feedback.score_document)

    @extend_schema(
        operation_id="give_scores",
        summary="Give scores",
        description="One score or a list of up to 1,000, on a span, a trace or a session; all of "
        "them are stored, or none. A web page may send up to 20 with the public key alone "
        "(`Authorization: Bearer pk-…`): value and comment, and the source is `user`.",
        parameters=[PROJECT],
        request=feedback.schema(feedback.ScoreBody),
        responses={200: documents.GivenDocument, 400: PROBLEM, 413: PROBLEM, 429: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Their ids."""
        project_id, author = self.giver(request)
        page = request.auth if isinstance(request.auth, PublicBearer) else None
        if page:
            # The request counts, then each further score: what is refused costs as well.
            _wait(page, request, 1)
        most = feedback.MOST_BYTES_FROM_A_PAGE if page else feedback.MOST_BYTES
        items, many = feedback.parsed(self.body(request, most), feedback.ScoreBody)
        if page and len(items) > MOST_FROM_A_PAGE:
            text = f"A web page may send {MOST_FROM_A_PAGE} scores at once."
            raise feedback.refused([Fault(MOST_FROM_A_PAGE, "", text)], many=many)
        if page and len(items) > 1:
            _wait(page, request, len(items) - 1)
        own = ScoreSource.HUMAN if isinstance(request.user, User) else ScoreSource.CODE
        given = [feedback.given_score(item, own.value) for item in items]
        try:
            done = record_scores(project_id, given, author=author, from_page=page is not None)
        except NotRecorded as error:
            raise feedback.refused(error.faults, many=many) from None
        return given_answer(done, many=many)


class OneScore(FeedbackView):
    """`/api/v1/scores/{id}`"""

    @extend_schema(
        operation_id="get_score",
        parameters=[PROJECT],
        responses={200: documents.ScoreDocument, 404: PROBLEM},
    )
    def get(self, request: Request, score_id: str) -> Response:
        """One score."""
        project_id, _ = self.place(request)
        score = queries.get_score(project_id, score_id)
        if score is None:
            raise nothing("score", score_id)
        return Response(feedback.score_document(score))

    @extend_schema(operation_id="delete_score", parameters=[PROJECT], responses={204: None})
    def delete(self, request: Request, score_id: str) -> Response:
        """Take the score back; the audit trail keeps what it was."""
        project = self.opened(request)
        if "\0" in score_id or not delete_score(project, score_id, actor=self.actor(request)):
            raise nothing("score", score_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _wait(page: PublicBearer, request: Request, amount: int) -> None:
    """Raises: Throttled."""
    client = str(getattr(request._request, "client_address", ""))
    if wait := wait_seconds(page, client, amount):
        raise Throttled(ceil(wait), "Too many scores from this page; try again later.")


def nothing(what: str, its_id: str) -> NotFound:
    """404 for an id."""
    return NotFound(f"This project has no {what} {its_id[:200]!r}.")


def given_answer(done: Recorded, *, many: bool) -> Response:
    """The id of one, the ids of a list."""
    if many:
        return Response({"accepted": len(done.ids), "ids": done.ids})
    return Response({"id": done.ids[0]})


def page_of(rows: list[Any], limit: int, document: Any) -> Response:
    """A page of `limit` rows; one more in `rows` says that there is another page."""
    more, rows = len(rows) > limit, rows[:limit]
    last: Score | Outcome | None = rows[-1] if more else None
    cursor = encode_cursor(last.at.isoformat(), last.id) if last else None
    return Response({"data": [document(row) for row in rows], "next_cursor": cursor})
