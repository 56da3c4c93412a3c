"""REST of change requests: proposed, listed, told whole, changed, opened, closed, reopened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.rest import PROBLEM, PROJECT
from prompts.api.base import PromptsView, after_of, members_named, page_of
from prompts.api.examples import PROPOSAL
from prompts.models import ChangeRequest
from prompts.queries.judged import judge
from prompts.queries.resolving import get_prompt, get_version
from prompts.queries.reviews import get_request, list_requests
from prompts.rest.bodies import ReasonBody
from prompts.rest.parameters import RequestParameters
from prompts.rest.request_bodies import ChangeBody, ProposalBody
from prompts.rest.request_documents import (
    RequestPageDocument,
    WholeRequestDocument,
    request_document,
    whole_request_document,
)
from prompts.services.errors import VersionMoved
from prompts.services.proposing import (
    Proposal,
    close_request,
    edit_request,
    open_draft,
    point_at,
    propose,
    reopen_request,
    take_new_base,
)

WHICH = {"to_review": "asked"}


class RequestView(PromptsView):
    """What all addresses of one change request share."""

    def found(self, request: Request, number: int) -> ChangeRequest:
        """The change request. Raises: NotFound, and those of `opened`."""
        project = self.opened(request)
        found = get_request(project, number)
        if found is None:
            raise NotFound(f"This project has no change request {number}.")
        return found

    def person(self, request: Request) -> User:
        """The signed-in person. Raises: PermissionDenied, for a program's key."""
        if not isinstance(request.user, User):
            raise PermissionDenied("A person does this, not a key.")
        return request.user

    def whole(self, change: ChangeRequest, number: int = status.HTTP_200_OK) -> Response:
        """The change request as it stands now."""
        fresh = get_request(change.project, change.number)
        assert fresh is not None  # noqa: S101  (change requests are never deleted)
        return Response(whole_request_document(judge(fresh)), status=number)


class ChangeRequests(RequestView):
    """`/api/v1/change-requests`"""

    @extend_schema(
        operation_id="list_change_requests",
        parameters=[RequestParameters],
        responses={200: RequestPageDocument, 400: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """A page of change requests, the newest first."""
        asked = self.asked(request, RequestParameters)
        project = self.opened(request)
        which = WHICH.get(asked["which"], asked["which"])
        if which in {"asked", "mine"} and not isinstance(request.user, User):
            raise ValidationError({"which": "A key has no reviews of its own."})
        page = list_requests(
            project,
            user=request.user if isinstance(request.user, User) else None,
            which=which,
            status=asked.get("status", ""),
            text=asked["search"],
            prompt=asked["prompt"],
            label=asked["label"],
            before=after_of(asked, int),
            size=asked["limit"] + 1,
        )
        for row in page.rows:
            row.request.project = project
        return page_of(page.rows, asked["limit"], request_document, lambda row: row.request.number)

    @extend_schema(
        operation_id="propose_change",
        parameters=[PROJECT],
        request=ProposalBody,
        responses={201: WholeRequestDocument, 400: PROBLEM, 409: PROBLEM},
        examples=[PROPOSAL],
    )
    def post(self, request: Request) -> Response:
        """Ask to move a label; owners of the prompt's folder are asked to review as well."""
        project = self.opened(request)
        given = self.given(request, ProposalBody)
        prompt = get_prompt(project.pk, given["prompt"])
        if prompt is None:
            raise ValidationError({"prompt": "This project has no such prompt."})
        if get_version(prompt, number=given["version"]) is None:
            raise ValidationError({"version": f"{prompt.name} has no such version that stands."})
        proposal = Proposal(
            label=given["label"],
            number=given["version"],
            title=given["title"],
            description=given["description"],
            reviewers=members_named(project, given["reviewers"], "reviewers"),
            is_draft=given["draft"],
        )
        made = propose(prompt, proposal, actor=self.actor(request))
        return self.whole(made, status.HTTP_201_CREATED)


class OneChangeRequest(RequestView):
    """`/api/v1/change-requests/{number}`"""

    @extend_schema(
        operation_id="get_change_request",
        parameters=[PROJECT],
        responses={200: WholeRequestDocument, 404: PROBLEM},
    )
    def get(self, request: Request, number: int) -> Response:
        """All that decides about it: what stands in the way of the next shares, in words."""
        return self.whole(self.found(request, number))

    @extend_schema(
        operation_id="change_change_request",
        parameters=[PROJECT],
        request=ChangeBody,
        responses={200: WholeRequestDocument, 400: PROBLEM, 404: PROBLEM, 409: PROBLEM},
    )
    def patch(self, request: Request, number: int) -> Response:
        """Word it anew, propose another version, or compare with what serves now."""
        found = self.found(request, number)
        given, actor = self.given(request, ChangeBody), self.actor(request)
        with transaction.atomic():
            if "title" in given or "description" in given:
                words = {name: given.get(name) for name in ("title", "description")}
                edit_request(found, actor=actor, **words)
            if "version" in given and given["version"] != found.version.number:
                point_at(found, given["version"], actor=actor)
            if "base" in given:
                base = take_new_base(found, actor=actor).from_version
                if base is None or base.number != given["base"]:
                    raise VersionMoved(f"{found.label} is on {base or 'nothing'} now.")
        return self.whole(found)


def _step(
    operation: str, said: str, act: Callable[..., Any], *, takes_reason: bool = False
) -> type[RequestView]:
    """The view of an address that takes a change request one step on."""

    class Step(RequestView):
        __doc__ = said

        @extend_schema(
            operation_id=operation,
            description=said,
            parameters=[PROJECT],
            request=ReasonBody if takes_reason else None,
            responses={200: WholeRequestDocument, 404: PROBLEM, 409: PROBLEM},
        )
        def post(self, request: Request, number: int) -> Response:
            found = self.found(request, number)
            more = self.given(request, ReasonBody) if takes_reason else {}
            act(found, actor=self.actor(request), **more)
            return self.whole(found)

    return Step


Opened = _step("open_change_request", "Let reviewers see a draft.", open_draft)
Closed = _step(
    "close_change_request",
    "Give it up; the label stays where it is.",
    close_request,
    takes_reason=True,
)
Reopened = _step(
    "reopen_change_request",
    "Take a closed one up again; what was approved must be approved anew.",
    reopen_request,
)
