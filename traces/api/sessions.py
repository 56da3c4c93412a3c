"""REST of sessions: the list, and the totals of one."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from kit.paging import BadCursor
from traces.api.traces import TraceView
from traces.queries.sessions import SessionSummary, get_session, list_sessions
from traces.rest import session_documents as documents
from traces.values.instants import iso, nanoseconds


class Sessions(TraceView):
    """The list."""

    @extend_schema(
        operation_id="list_sessions",
        summary="Sessions, by their last turn",
        parameters=[documents.SessionParameters],
        responses={200: documents.SessionPageDocument, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """A page of sessions."""
        parameters = documents.SessionParameters(data=request.query_params)
        parameters.is_valid(raise_exception=True)
        project_id, slug = self.place(request)
        given = parameters.validated_data
        try:
            page = list_sessions(
                project_id, parameters.criteria(), after=given["cursor"], limit=given["limit"]
            )
        except BadCursor as bad:
            raise ValidationError({"cursor": str(bad)}) from None
        back_to = page.searched_back_to
        return Response(
            {
                "data": [_told(session, slug) for session in page.rows],
                "next_cursor": page.next_cursor,
                "searched_back_to": None if back_to is None else iso(nanoseconds(back_to)),
            }
        )


class OneSession(TraceView):
    """The totals of one session; its traces are `GET /api/v1/traces?session_id=…`."""

    @extend_schema(
        operation_id="get_session",
        summary="One session",
        parameters=[PROJECT],
        responses={200: documents.SessionDocument, 404: PROBLEM},
    )
    def get(self, request: Request, session_id: str) -> Response:
        """Its totals."""
        self.check_parameters(request)
        project_id, slug = self.place(request)
        session = get_session(project_id, session_id)
        if session is None:
            raise NotFound(f"No trace of this project names the session {session_id[:200]!r}.")
        return Response(_told(session, slug))


def _told(session: SessionSummary, slug: str) -> dict[str, Any]:
    url = reverse("traces:session", args=[slug, session.session_id])
    return documents.session_summary(session, url=url)
