"""REST of judges: how far each agrees with people, and whether it may decide."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from evals.api.base import EvalsView
from evals.models import Calibration
from evals.queries.judges import judge_named, list_judges, versions_of
from evals.rest.queue_documents import (
    CalibrationDocument,
    CalibrationPageDocument,
    calibration_document,
)
from kit.requests import whole_number

VERSION = OpenApiParameter("version", int, description="Number; the one in use without it.")


class Judges(EvalsView):
    """`/api/v1/judges`"""

    @extend_schema(
        operation_id="list_judges",
        parameters=[PROJECT],
        responses={200: CalibrationPageDocument},
    )
    def get(self, request: Request) -> Response:
        """Every judge with the calibration of the version in use, by name."""
        rows = list_judges(self.opened(request))
        found = []
        for row in rows:
            if row.version is None:
                continue
            row.version.evaluator = row.evaluator
            one = row.calibration or Calibration(version=row.version)
            one.version = row.version
            found.append(calibration_document(one))
        return Response({"data": found, "next_cursor": None})


class OneJudge(EvalsView):
    """`/api/v1/judges/{name}`"""

    @extend_schema(
        operation_id="get_judge",
        parameters=[PROJECT, VERSION],
        responses={200: CalibrationDocument, 404: PROBLEM},
    )
    def get(self, request: Request, name: str) -> Response:
        """The calibration of a version, by default of the one in use."""
        judge = judge_named(self.opened(request), name)
        versions = versions_of(judge) if judge is not None else []
        number = whole_number(request.query_params.get("version", ""))
        wanted = [
            one
            for one in versions
            if (one.number == number if number is not None else one.pk == judge.current_id)  # type: ignore[union-attr]
        ]
        found = wanted or ([] if number is not None else versions)
        if judge is None or not found:
            raise NotFound(f"This project has no such version of a judge {name[:200]!r}.")
        version = found[0]
        calibration = getattr(version, "calibration", None) or Calibration(version=version)
        return Response(calibration_document(calibration))
