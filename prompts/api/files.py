"""REST of the registry as files: exported, compared with a plan, applied."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from kit.rest import JSONParser
from prompts.api.base import PromptsView
from prompts.registries.lines import Line, Refused
from prompts.registries.local import LocalRegistry
from prompts.rest.files import (
    FilesBody,
    FilesDocument,
    PlanDocument,
    ReviewsParameters,
    ReviewStatusesDocument,
)

MOST_BYTES = 80_000_000  # of a body: files may have 64 MB, JSON writes line feeds as two bytes


class FilesParser(JSONParser):
    """JSON of a bounded size, so that no body fills the memory."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """The body's value. Raises: ParseError, ValidationError."""
        return super().parse(_Bounded(stream), media_type, parser_context)


class FilesView(PromptsView):
    """What the addresses of files share."""

    parser_classes = (FilesParser,)

    def registry(self, request: Request) -> LocalRegistry:
        """The project's registry, in the name of whoever asks."""
        return LocalRegistry(self.opened(request), self.actor(request))

    def handle_exception(self, exc: Exception) -> Response:
        """Files that cannot be read are the sender's mistake; the text names file and line."""
        if isinstance(exc, Refused) and self.request.method == "POST":
            exc = ValidationError({"files": str(exc).split("\n")})
        return super().handle_exception(exc)


class Files(FilesView):
    """`/api/v1/prompts-files`"""

    @extend_schema(
        operation_id="export_prompts",
        parameters=[PROJECT],
        responses={200: FilesDocument, 409: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Every prompt and version as a file, archived ones too. 409: it is more than 64 MB."""
        return Response({"files": self.registry(request).export()})


class Planned(FilesView):
    """`/api/v1/prompts-files/plan`"""

    @extend_schema(
        operation_id="plan_prompts",
        parameters=[PROJECT],
        request=FilesBody,
        responses={200: PlanDocument, 400: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """What would have to happen for the project to hold what the files say; changes nothing."""
        registry, given = self.registry(request), self.given(request, FilesBody)
        return _steps(registry.plan(given["files"], prune=given["prune"]))


class Applied(FilesView):
    """`/api/v1/prompts-files/apply`"""

    @extend_schema(
        operation_id="apply_prompts",
        parameters=[PROJECT],
        request=FilesBody,
        responses={200: PlanDocument, 400: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """The steps taken; with a conflict among them none is (409). A protected label is proposed.

        Sent again, it does what is left to do.
        """
        registry, given = self.registry(request), self.given(request, FilesBody)
        return _steps(registry.apply(given["files"], prune=given["prune"]))


class ReviewStatuses(FilesView):
    """`/api/v1/prompts-files/reviews`"""

    @extend_schema(
        operation_id="list_review_statuses",
        parameters=[ReviewsParameters],
        responses={200: ReviewStatusesDocument, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Where the reviews stand that an apply opened, many at once."""
        numbers = self.asked(request, ReviewsParameters)["number"]
        found = self.registry(request).statuses(numbers)
        told = [{"number": number, "status": found[number]} for number in sorted(found)]
        return Response({"reviews": told})


def _steps(lines: list[Line]) -> Response:
    return Response({"steps": [asdict(line) for line in lines]})


class _Bounded:
    """A stream that refuses what is more than `MOST_BYTES`."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self) -> bytes:
        body: bytes = self._stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise ValidationError(f"All files together have at most {MOST_BYTES:,} bytes of JSON.")
        return body


urlpatterns = [
    path("prompts-files", Files.as_view(), name="files"),
    path("prompts-files/plan", Planned.as_view(), name="files_plan"),
    path("prompts-files/apply", Applied.as_view(), name="files_apply"),
    path("prompts-files/reviews", ReviewStatuses.as_view(), name="files_reviews"),
]
