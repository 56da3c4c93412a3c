"""REST of an experiment's results: read page by page, and pushed by somebody else's runner."""

from __future__ import annotations

import contextlib
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from evals.api.experiments import ExperimentsView
from evals.models import Experiment, Result
from evals.queries.datasets import held_out_for
from evals.queries.experiments import figures_of, judgements_of, results_of
from evals.rest import experiment_documents as documents
from evals.rest.experiment_bodies import PushBody, ResultParameters, pushed_of
from evals.services.pushing import finish_experiment, push_results
from kit.paging import BadCursor, decode_cursor, encode_cursor
from traces.services.scores import NotRecorded


class ExperimentResults(ExperimentsView):
    """`/api/v1/experiments/{number}/results`"""

    @extend_schema(
        operation_id="list_experiment_results",
        parameters=[ResultParameters],
        responses={200: documents.ResultPageDocument, 404: PROBLEM},
    )
    def get(self, request: Request, number: int) -> Response:
        """A page of results with outputs and scores, in the order of the run."""
        experiment = self.experiment(request, number)
        asked = self.asked(request, ResultParameters)
        rows = results_of(
            experiment, state=asked["state"], slice_=asked["slice"], item=asked["item"]
        )
        if asked["cursor"]:
            place, pk = _after(asked["cursor"])
            rows = rows.filter(place__gte=place).exclude(place=place, pk__lte=pk)
        found = list(rows[: asked["limit"] + 1])
        more, found = len(found) > asked["limit"], found[: asked["limit"]]
        said = judgements_of(found)
        may_open = self._may_open(request, experiment, found)
        data = [
            documents.result_document(row, said.get(row.pk, []), may_open=may_open) for row in found
        ]
        cursor = encode_cursor(found[-1].place, found[-1].pk) if more else None
        return Response({"data": data, "next_cursor": cursor})

    @extend_schema(
        operation_id="push_experiment_results",
        summary="Push results of your own runner",
        parameters=[PROJECT],
        request=PushBody,
        responses={200: documents.PushedDocument, 400: PROBLEM, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, number: int) -> Response:
        """Store results by item and repeat; pushing one again replaces it with its scores."""
        experiment = self.experiment(request, number)
        given = self.given(request, PushBody)
        pushed = [pushed_of(one) for one in given["results"]]
        try:
            rows = push_results(experiment, pushed)
        except NotRecorded as bad:
            raise _named(bad, pushed) from None
        if given["finish"]:
            finish_experiment(experiment, actor=self.actor(request))
        found = self.experiment(request, number)
        figures = figures_of([found])[found.pk]
        return Response({
            "stored": len(rows),
            "trace_ids": {row.item_key: row.trace_id for row in rows},
            "experiment": documents.experiment_document(found, figures),
        })  # fmt: skip

    def _may_open(self, request: Request, experiment: Experiment, rows: list[Result]) -> bool:
        if experiment.dataset is None or not any(row.is_held_out for row in rows):
            return True
        user, role = self.reader(request, experiment.project)
        return held_out_for(user, role, experiment.dataset).may_open


def _after(cursor: str) -> tuple[int, int]:
    with contextlib.suppress(BadCursor):
        place, pk = decode_cursor(cursor, parts=2)
        if type(place) is int and type(pk) is int:
            return min(place, 2**31 - 1), min(pk, 2**62)
    raise ValidationError({"cursor": "Not a cursor that this list gave out."})


def _named(bad: NotRecorded, pushed: list[Any]) -> ValidationError:
    """Which score of which result is wrong."""
    places = [
        f"results[{at}].scores[{place}]"
        for at, one in enumerate(pushed)
        for place in range(len(one.scores))
    ]
    told: dict[str, str] = {}
    for fault in bad.faults[:20]:
        where = places[fault.index] if fault.index < len(places) else "results"
        told[f"{where}.{fault.field}"] = fault.text
    return ValidationError(told)
