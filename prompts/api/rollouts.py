"""REST of rollouts: begun, widened, halted, taken up again, completed, and what happened."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from prompts.api.base import PromptsView, after_of, page_of
from prompts.api.change_requests import RequestView
from prompts.api.examples import ROLLOUT
from prompts.models import WHOLE, ChangeRequest, Rollout
from prompts.queries.judged import rollouts_of
from prompts.queries.rollouts import list_rollouts
from prompts.rest.bodies import ReasonBody
from prompts.rest.parameters import PageParameters, RolloutParameters
from prompts.rest.request_bodies import RolloutBody, ShareBody
from prompts.rest.request_documents import WholeRequestDocument
from prompts.rest.rollout_documents import (
    RolloutDocument,
    RolloutEventPageDocument,
    RolloutPageDocument,
    event_document,
    rollout_document,
)
from prompts.services.errors import NotOpen
from prompts.services.planning import planned_test
from prompts.services.rolling import Plan, halt, resume, roll_out, set_share

REFUSALS = {403: PROBLEM, 404: PROBLEM, 409: PROBLEM}


class RolloutOfRequest(RequestView):
    """`/api/v1/change-requests/{number}/rollout`"""

    @extend_schema(
        operation_id="get_rollout_of_change",
        parameters=[PROJECT],
        responses={200: RolloutDocument, 404: PROBLEM},
    )
    def get(self, request: Request, number: int) -> Response:
        """Its newest rollout."""
        newest = rollouts_of(self.found(request, number)).first()
        if newest is None:
            raise NotFound(f"Change request {number} was not rolled out yet.")
        return Response(rollout_document(newest))

    @extend_schema(
        operation_id="roll_out_change",
        parameters=[PROJECT],
        request=RolloutBody,
        responses={201: WholeRequestDocument, 400: PROBLEM, **REFUSALS},
        examples=[ROLLOUT],
    )
    def post(self, request: Request, number: int) -> Response:
        """Give the version traffic: a share of the keys, by stages, as a test, or all at once.

        What the rules forbid is refused with every blocker in words.
        """
        found = self.found(request, number)
        body = RolloutBody(data=request.data)
        body.is_valid(raise_exception=True)
        share, test = body.share_given(), body.validated_data["test"]
        plan = Plan(
            share=share,
            stages=body.stages_given(),
            guards=body.validated_data["guards"],
            test=planned_test(found, share=share, **test) if test else None,
        )
        roll_out(found, plan, actor=self.actor(request))
        return self.whole(found, status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="change_share",
        parameters=[PROJECT],
        request=ShareBody,
        responses={200: WholeRequestDocument, 400: PROBLEM, **REFUSALS},
    )
    def patch(self, request: Request, number: int) -> Response:
        """Give the candidate another share: less at any time, more where the rules allow it."""
        found = self.found(request, number)
        given = self.given(request, ShareBody)
        set_share(running(found), given.pop("share"), actor=self.actor(request), **given)
        return self.whole(found)


class HaltedRollout(RequestView):
    """`/api/v1/change-requests/{number}/rollout/halt`"""

    @extend_schema(
        operation_id="halt_rollout",
        parameters=[PROJECT],
        request=ReasonBody,
        responses={200: WholeRequestDocument, **REFUSALS},
    )
    def post(self, request: Request, number: int) -> Response:
        """Send all traffic to the version that served before, until a person lets it go on."""
        found = self.found(request, number)
        halt(running(found), actor=self.actor(request), **self.given(request, ReasonBody))
        return self.whole(found)


class ResumedRollout(RequestView):
    """`/api/v1/change-requests/{number}/rollout/resume`"""

    @extend_schema(
        operation_id="resume_rollout",
        parameters=[PROJECT],
        request=ReasonBody,
        responses={200: WholeRequestDocument, **REFUSALS},
    )
    def post(self, request: Request, number: int) -> Response:
        """Go on after a halt: a person who looked says why; a key is refused."""
        found, me = self.found(request, number), self.person(request)
        resume(running(found), actor=me, **self.given(request, ReasonBody))
        return self.whole(found)


class CompletedRollout(RequestView):
    """`/api/v1/change-requests/{number}/rollout/complete`"""

    @extend_schema(
        operation_id="complete_rollout",
        parameters=[PROJECT],
        request=ReasonBody,
        responses={200: WholeRequestDocument, **REFUSALS},
    )
    def post(self, request: Request, number: int) -> Response:
        """Give the candidate all of the traffic: the label stands on it."""
        found = self.found(request, number)
        given = self.given(request, ReasonBody)
        set_share(running(found), WHOLE, actor=self.actor(request), **given)
        return self.whole(found)


class Rollouts(PromptsView):
    """`/api/v1/rollouts`"""

    @extend_schema(
        operation_id="list_rollouts",
        parameters=[RolloutParameters],
        responses={200: RolloutPageDocument, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """A page of rollouts, the newest first."""
        asked = self.asked(request, RolloutParameters)
        found = list_rollouts(self.opened(request))
        columns = {"status": "status", "prompt": "prompt__name", "label": "label"}
        for name, column in columns.items():
            if asked.get(name):
                found = found.filter(**{column: asked[name]})
        if (after := after_of(asked, int)) is not None:
            found = found.filter(pk__lt=after)
        rows = list(found[: asked["limit"] + 1])
        return page_of(rows, asked["limit"], rollout_document, lambda rollout: rollout.pk)


class OneRollout(PromptsView):
    """`/api/v1/rollouts/{id}`"""

    @extend_schema(
        operation_id="get_rollout",
        parameters=[PROJECT],
        responses={200: RolloutDocument, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """One rollout."""
        return Response(rollout_document(self.rollout(request, pk)))

    def rollout(self, request: Request, pk: int) -> Rollout:
        """Raises: NotFound."""
        found = list_rollouts(self.opened(request)).filter(pk=pk).first()
        if found is None:
            raise NotFound(f"This project has no rollout {pk}.")
        return found


class RolloutEvents(OneRollout):
    """`/api/v1/rollouts/{id}/events`"""

    @extend_schema(
        operation_id="list_rollout_events",
        parameters=[PageParameters],
        responses={200: RolloutEventPageDocument, 404: PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """A page of what happened, the newest first."""
        asked = self.asked(request, PageParameters)
        found = self.rollout(request, pk).events.order_by("-pk")
        if (after := after_of(asked, int)) is not None:
            found = found.filter(pk__lt=after)
        rows = list(found[: asked["limit"] + 1])
        return page_of(rows, asked["limit"], event_document, lambda event: event.pk)


def running(found: ChangeRequest) -> Rollout:
    """The rollout that runs or was halted. Raises: NotOpen."""
    rollout = rollouts_of(found).filter(status__in=Rollout.RUNNING).first()
    if rollout is None:
        raise NotOpen(f"Change request {found.number} is not rolling out.")
    return rollout
