"""REST of gates: what they ask, and asking them, with a wait for the answer."""

from __future__ import annotations

import time
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Project, Scope
from accounts.rest import PROBLEM, PROJECT
from evals.api.base import EvalsView
from evals.models import Gate, GateRun
from evals.queries.gate_cases import sight_of
from evals.queries.gates import get_gate, get_run, list_gates, runs_of, standing_of, standings_of
from evals.rest import gate_documents as documents
from evals.rest.gate_bodies import GateBody, GateParameters, GateQuestionBody, RunParameters
from evals.rest.gate_bodies import settings_of_body as settings_of
from evals.services.gate_asking import Question, ask_gate
from evals.services.gate_errors import BadGate, NoGate, NotYours, WeakerThanTarget
from evals.services.gate_proposals import propose_gate
from evals.services.gate_runs import cancel_run
from kit.problems import CONTENT_TYPE, problem
from prompts.api.base import after_of, page_of
from prompts.queries.resolving import get_prompt
from prompts.rest.parameters import PageParameters

LOOK_EVERY_S = 0.5
QUESTION = OpenApiExample(
    "May version 15 take the place of what serves?",
    value={"prompt": "support/refund-agent", "version": 15, "wait": 50},
    request_only=True,
)


class GatesView(EvalsView):
    """Finds gates and runs that an address names."""

    scope = {"GET": Scope.EVALS, "POST": Scope.EVALS}

    def gate(self, request: Request, pk: int) -> Gate:
        """Raises: NotFound, and those of `opened`."""
        project = self.opened(request)
        found = get_gate(project, pk)
        if found is None:
            raise NotFound(f"This project has no gate {pk}.")
        found.project = project
        return found

    def run(self, project: Project, pk: int) -> GateRun:
        """Raises: NotFound."""
        found = get_run(project, pk)
        if found is None:
            raise NotFound(f"This project has no run {pk} of a gate.")
        found.gate.project = project
        return found

    def handle_exception(self, exc: Exception) -> Response:
        """Refusals of gates as problem documents."""
        more: dict[str, Any] = {}
        if isinstance(exc, NoGate):
            number: int = status.HTTP_404_NOT_FOUND
        elif isinstance(exc, NotYours):
            number = status.HTTP_403_FORBIDDEN
        elif isinstance(exc, BadGate) and not isinstance(exc, WeakerThanTarget):
            number = status.HTTP_400_BAD_REQUEST
            errors = [{"where": exc.where, "detail": str(exc)}] if exc.where else []
            more = {"title": "Invalid", "errors": errors}
        else:
            return super().handle_exception(exc)
        return Response(
            {**problem(number, str(exc)), **more}, status=number, content_type=CONTENT_TYPE
        )

    def waited(self, project: Project, pk: int, seconds: float) -> GateRun:
        """The run as soon as it is over, or as it is when the time is."""
        until = time.monotonic() + seconds
        while True:
            found = self.run(project, pk)
            left = until - time.monotonic()
            if found.state != GateRun.State.RUNNING or left <= 0:
                return found
            time.sleep(min(LOOK_EVERY_S, left))


class Gates(GatesView):
    """`/api/v1/gates`"""

    @extend_schema(
        operation_id="list_gates",
        parameters=[GateParameters],
        responses={200: documents.GatePageDocument, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """All gates of the project, by prompt and environment."""
        asked = self.asked(request, GateParameters)
        project = self.opened(request)
        rows = list_gates(project)
        if asked["prompt"]:
            rows = [row for row in rows if row.gate.prompt.name == asked["prompt"]]
        standings = standings_of(project, [row.gate for row in rows])
        told = []
        for row in rows:
            row.gate.project = project
            told.append(documents.gate_document(row.gate, standings[row.gate.pk], row.run, None))
        return Response({"data": told, "next_cursor": None})

    @extend_schema(
        operation_id="propose_gate",
        parameters=[PROJECT],
        request=GateBody,
        responses={201: documents.GateProposalDocument, 400: PROBLEM, 403: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Propose a gate, or a change of one, whole. It holds once another person approves it."""
        project = self.opened(request)
        given = self.given(request, GateBody)
        prompt = get_prompt(project.pk, given["prompt"])
        if prompt is None:
            raise NotFound(f"This project has no prompt {given['prompt'][:200]!r}.")
        prompt.project = project
        made = propose_gate(
            prompt, given["environment"], settings_of(given), actor=self.actor(request),
            reason=given["reason"],
        )  # fmt: skip
        return Response(documents.proposal_document(made), status=status.HTTP_201_CREATED)


class OneGate(GatesView):
    """`/api/v1/gates/{id}`"""

    @extend_schema(
        operation_id="get_gate",
        parameters=[PROJECT],
        responses={200: documents.GateDocument, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """What the gate asks, with its target, and what it can see."""
        gate = self.gate(request, pk)
        standing = standing_of(gate)
        sight = sight_of(gate.project, standing.settings, gate=gate)
        newest = runs_of(gate).first()
        return Response(documents.gate_document(gate, standing, newest, sight))


class GateRuns(GatesView):
    """`/api/v1/gates/{id}/runs`"""

    @extend_schema(
        operation_id="list_gate_runs",
        parameters=[PageParameters],
        responses={200: documents.GateRunPageDocument, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Its runs, the newest first."""
        asked = self.asked(request, PageParameters)
        gate = self.gate(request, pk)
        found = runs_of(gate).order_by("-pk")
        if (after := after_of(asked, int)) is not None:
            found = found.filter(pk__lt=after)
        rows = list(found[: asked["limit"] + 1])
        for row in rows:
            row.gate.project = gate.project
        return page_of(rows, asked["limit"], documents.run_document, lambda row: row.pk)


class AskedGate(GatesView):
    """`/api/v1/gates/run`"""

    @extend_schema(
        operation_id="run_gate",
        parameters=[PROJECT],
        request=GateQuestionBody,
        responses={
            200: documents.GateRunDocument,
            202: documents.GateRunDocument,
            400: PROBLEM,
            404: PROBLEM,
            409: PROBLEM,
        },
        examples=[QUESTION],
    )
    def post(self, request: Request) -> Response:
        """Ask a gate about a version, and wait as long as `wait` says.

        200 with the answer; 202 where it is still being looked for: read the run, which waits too.
        The same question asked twice is one run.
        """
        project = self.opened(request)
        given = self.given(request, GateQuestionBody)
        question = Question(
            prompt=given["prompt"],
            version=given["version"],
            environment=given["environment"],
            baseline=given["baseline"],
            model=given["model"],
            is_fresh=given["fresh"],
        )
        begun = ask_gate(project, question, trigger=GateRun.Trigger.API, actor=self.actor(request))
        return _told(self.waited(project, begun.pk, given["wait"]))


class OneGateRun(GatesView):
    """`/api/v1/gates/runs/{id}`"""

    @extend_schema(
        operation_id="get_gate_run",
        parameters=[RunParameters],
        responses={200: documents.GateRunDocument, 202: documents.GateRunDocument, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """One run; with `wait` as soon as it is over. 202 while it is not."""
        asked = self.asked(request, RunParameters)
        return _told(self.waited(self.opened(request), pk, asked["wait"]))


class CancelledGateRun(GatesView):
    """`/api/v1/gates/runs/{id}/cancel`"""

    @extend_schema(
        operation_id="cancel_gate_run",
        parameters=[PROJECT],
        request=None,
        responses={200: documents.GateRunDocument, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Stop asking; experiments that nobody else waits for are stopped as well."""
        project = self.opened(request)
        cancel_run(self.run(project, pk), actor=self.actor(request))
        return _told(self.run(project, pk))


def _told(run: GateRun) -> Response:
    is_on = run.state == GateRun.State.RUNNING
    return Response(
        documents.run_document(run),
        status=status.HTTP_202_ACCEPTED if is_on else status.HTTP_200_OK,
    )
