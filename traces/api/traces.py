"""REST of traces and spans; writing is served by `traces.ingest.door` in front of Django."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Scope
from accounts.rest import PROBLEM, PROJECT, ProjectView
from kit.paging import BadCursor
from pricing.price import usd
from traces.api.intake import RawParser, post_native
from traces.ingest.door.adapter import take
from traces.queries import detail
from traces.queries.criteria import Criteria
from traces.queries.lists import list_traces
from traces.queries.sampling import sampled_away, was_sampled_away
from traces.queries.settling import not_counted, unsettled
from traces.queries.summaries import TraceSummary
from traces.query import QueryError, parse
from traces.rest import documents
from traces.rest.parameters import TraceParameters
from traces.rest.queries import query_problem
from traces.rest.representation import span_columns, span_whole, trace_summary
from traces.values.instants import iso, nanoseconds

SCORE = OpenApiParameter(
    "score.{name}",
    str,
    description="A condition on the trace's scores of that name: `<0.5`, `>0.2,<0.5`, `true`, "
    "`=polite`, or `*` for any. May be given for several names.",
)
CONTENT = OpenApiParameter(
    "content", str, enum=["0", "1"], description="0 leaves the content out; times are then in µs."
)


class TraceView(ProjectView):
    """Finds traces in the project of the key, or in the one that a signed-in person names."""

    known_parameters: frozenset[str] = frozenset({"project"})

    def trace(self, project_id: int, trace_id: str) -> TraceSummary:
        """Raises: NotFound."""
        found = detail.get_trace(project_id, trace_id)
        if found is None:
            if was_sampled_away(project_id, trace_id):
                raise NotFound(f"The trace {trace_id[:200]!r} was sampled away.")
            raise NotFound(f"This project has no trace {trace_id[:200]!r}.")
        return found

    def check_parameters(self, request: Request) -> None:
        """Raises: ValidationError for a parameter that this address does not know."""
        if unknown := sorted(set(request.query_params) - self.known_parameters):
            known = ", ".join(sorted(self.known_parameters))
            raise ValidationError(dict.fromkeys(unknown, f"No such parameter. There are: {known}."))


class Traces(TraceView):
    """The list, and the native intake."""

    scope = {"GET": Scope.READ, "POST": Scope.INGEST}
    parser_classes = [RawParser]

    @extend_schema(
        operation_id="list_traces",
        summary="Traces, newest first",
        parameters=[TraceParameters, SCORE],
        responses={200: documents.TracePageDocument, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """A page of traces."""
        try:
            query = parse(request.query_params.get("q", ""))
        except QueryError as error:
            return query_problem(error)
        parameters = TraceParameters(data=request.query_params)
        parameters.is_valid(raise_exception=True)
        project_id, slug = self.place(request)
        given = parameters.validated_data
        try:
            page = list_traces(
                project_id,
                parameters.criteria(query),
                after=given["cursor"],
                limit=given["limit"],
                order=given["order"],
            )
        except BadCursor as bad:
            raise ValidationError({"cursor": str(bad)}) from None
        waiting = unsettled(project_id, [trace.trace_id for trace in page.rows])
        back_to = page.searched_back_to
        return Response(
            {
                "data": [
                    _with_url(trace, slug, settled=trace.trace_id not in waiting)
                    for trace in page.rows
                ],
                "next_cursor": page.next_cursor,
                "searched_back_to": None if back_to is None else iso(nanoseconds(back_to)),
                "too_wide": page.is_too_wide,
                "sampled_away": _sampled(project_id, parameters.criteria()),
            }
        )

    @post_native
    def post(self, request: Request) -> HttpResponse:
        """The answer of intake."""
        return take(request._request)


class OneTrace(TraceView):
    """The totals of one trace."""

    @extend_schema(
        operation_id="get_trace",
        summary="One trace",
        parameters=[PROJECT],
        responses={200: documents.TraceDocument, 404: PROBLEM},
    )
    def get(self, request: Request, trace_id: str) -> Response:
        """Its totals."""
        self.check_parameters(request)
        project_id, slug = self.place(request)
        trace = self.trace(project_id, trace_id)
        settled = not unsettled(project_id, [trace_id])
        return Response(_with_url(trace, slug, settled=settled))


class TraceSpans(TraceView):
    """All spans of one trace."""

    known_parameters = frozenset({"project", "content"})

    @extend_schema(
        operation_id="list_spans",
        summary="All spans of a trace, with or without content",
        parameters=[PROJECT, CONTENT],
        responses={200: documents.SpanListDocument, 404: PROBLEM},
    )
    def get(self, request: Request, trace_id: str) -> HttpResponse:
        """By start. Written span by span: of a large trace only one chunk of content is held."""
        self.check_parameters(request)
        with_content = _flag(request, "content")
        project_id, _ = self.place(request)
        trace = self.trace(project_id, trace_id)
        spans = detail.list_spans(project_id, trace)
        if not with_content:
            return Response({"data": [span_columns(span) for span in spans], "next_cursor": None})
        by_id = {span.span_id: span for span in spans}
        reasons = not_counted(project_id, trace_id)
        encoded: dict[str, bytes] = {}
        for span_id, document in detail.contents_of(project_id, trace):
            if (span := by_id.get(span_id)) is not None:
                encoded[span_id] = orjson.dumps(
                    span_whole(span, document, reasons.get(span_id)), default=str
                )
        whole = (
            encoded.get(span.span_id) or orjson.dumps(span_whole(span, None), default=str)
            for span in spans
        )
        body = b'{"data":[' + b",".join(whole) + b'],"next_cursor":null}'
        return HttpResponse(body, content_type="application/json")


class OneSpan(TraceView):
    """One span with its content."""

    @extend_schema(
        operation_id="get_span",
        summary="One span with its content",
        parameters=[PROJECT],
        responses={200: documents.WholeSpanDocument, 404: PROBLEM},
    )
    def get(self, request: Request, trace_id: str, span_id: str) -> Response:
        """All that is known of it."""
        self.check_parameters(request)
        project_id, _ = self.place(request)
        span = detail.get_span(project_id, self.trace(project_id, trace_id), span_id)
        if span is None:
            raise NotFound(f"The trace has no span {span_id[:200]!r}.")
        reasons = not_counted(project_id, trace_id, span_id)
        document = detail.content_of(project_id, span)
        return Response(span_whole(span, document, reasons.get(span_id)))


def _sampled(project_id: int, criteria: Criteria) -> dict[str, Any]:
    gone = sampled_away(project_id, criteria.since, criteria.until)
    return {
        "since": iso(nanoseconds(gone.since)) if criteria.since else None,
        "traces": gone.traces,
        "spans": gone.spans,
        "cost_usd": usd(gone.known_cost_nano),
    }


def _with_url(trace: TraceSummary, slug: str, *, settled: bool) -> dict[str, Any]:
    url = reverse("traces:trace_detail", args=[slug, trace.trace_id])
    return trace_summary(trace, url=url, settled=settled)


def _flag(request: Request, name: str) -> bool:
    value = request.query_params.get(name, "1")
    if value not in ("0", "1"):
        raise ValidationError({name: "Must be 0 or 1."})
    return value == "1"
