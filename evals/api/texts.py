"""REST of text watches: read alone."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Scope
from accounts.rest import PROBLEM
from evals.api.base import EvalsView
from evals.queries.texts import drifts_of, watch_of, watches_of
from evals.rest import text_documents as documents
from kit.rest_lists import pk_page
from prompts.rest.parameters import PageParameters


class TextWatches(EvalsView):
    """`/api/v1/text-watches`"""

    scope = {"GET": Scope.READ}

    @extend_schema(
        operation_id="list_text_watches",
        parameters=[PageParameters],
        responses={200: documents.TextWatchPageDocument},
    )
    def get(self, request: Request) -> Response:
        """A page of watches, the newest first."""
        asked = self.asked(request, PageParameters)
        rows = watches_of(self.opened(request))
        return pk_page(rows, asked, lambda page: [documents.watch_document(one) for one in page])


class TextWatchDays(EvalsView):
    """`/api/v1/text-watches/{id}/days`"""

    scope = {"GET": Scope.READ}

    @extend_schema(
        operation_id="list_text_watch_days",
        parameters=[PageParameters],
        responses={200: documents.TextDayPageDocument, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """A page of its days, each side by itself, the newest first."""
        asked = self.asked(request, PageParameters)
        watch = watch_of(self.opened(request), pk)
        if watch is None:
            raise NotFound(f"This project has no text watch {pk}.")
        rows = watch.days.all()
        return pk_page(rows, asked, lambda page: [documents.day_document(one) for one in page])


class TextDrifts(EvalsView):
    """`/api/v1/text-drifts`"""

    scope = {"GET": Scope.READ}

    @extend_schema(
        operation_id="list_text_drifts",
        parameters=[PageParameters],
        responses={200: documents.TextDriftPageDocument},
    )
    def get(self, request: Request) -> Response:
        """A page of drifts with the day that told of them, the newest first."""
        asked = self.asked(request, PageParameters)
        rows = drifts_of(self.opened(request))
        return pk_page(rows, asked, lambda page: [documents.drift_document(one) for one in page])
