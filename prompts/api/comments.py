"""REST of discussions: of lines and of a whole change request, with suggestions."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from prompts.api.change_requests import RequestView
from prompts.api.examples import COMMENT
from prompts.models import ChangeRequest, Comment, Thread
from prompts.queries.listed import labels_on
from prompts.queries.reviews import threads_of
from prompts.rest.documents import WholeVersionDocument, whole_version_document
from prompts.rest.request_bodies import ApplyBody, CommentBody, ResolveBody, ThreadBody
from prompts.rest.review_documents import ThreadDocument, ThreadListDocument, thread_document
from prompts.services.discussing import (
    Place,
    apply,
    current_place,
    reply,
    resolve,
    start_thread,
)


class ThreadView(RequestView):
    """What addresses of one discussion share."""

    def thread(self, found: ChangeRequest, pk: int) -> Thread:
        """Raises: NotFound."""
        thread = next((one for one in threads_of(found) if one.pk == pk), None)
        if thread is None:
            raise NotFound(f"Change request {found.number} has no discussion {pk}.")
        thread.request = found
        return thread

    def told(
        self, request: Request, number: int, pk: int, answer: int = status.HTTP_200_OK
    ) -> Response:
        """The discussion as it stands now."""
        found = self.found(request, number)
        thread = self.thread(found, pk)
        return Response(thread_document(thread, current_place(thread, found)), status=answer)


class Comments(ThreadView):
    """`/api/v1/change-requests/{number}/comments`"""

    @extend_schema(
        operation_id="list_discussions",
        parameters=[PROJECT],
        responses={200: ThreadListDocument, 404: PROBLEM},
    )
    def get(self, request: Request, number: int) -> Response:
        """Discussions in the order in which they began, with where their lines stand now."""
        found = self.found(request, number)
        threads = [(one, current_place(one, found)) for one in threads_of(found)]
        return Response({"data": [thread_document(one, place) for one, place in threads]})

    @extend_schema(
        operation_id="start_discussion",
        parameters=[PROJECT],
        request=ThreadBody,
        responses={201: ThreadDocument, 400: PROBLEM, 404: PROBLEM, 409: PROBLEM},
        examples=[COMMENT],
    )
    def post(self, request: Request, number: int) -> Response:
        """Begin one: of a line of either side, or of the whole."""
        found = self.found(request, number)
        given = self.given(request, ThreadBody)
        place = given.pop("place")
        made = start_thread(
            found,
            actor=self.actor(request),
            place=Place(place["part"], place["line"], Thread.Side(place["side"]))
            if place
            else None,
            **given,
        )
        return self.told(request, number, made.pk, status.HTTP_201_CREATED)


class Replies(ThreadView):
    """`/api/v1/change-requests/{number}/comments/{id}/reply`"""

    @extend_schema(
        operation_id="reply_in_discussion",
        parameters=[PROJECT],
        request=CommentBody,
        responses={201: ThreadDocument, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, number: int, pk: int) -> Response:
        """Add a remark; a discussion that was resolved is open again."""
        thread = self.thread(self.found(request, number), pk)
        reply(thread, actor=self.actor(request), **self.given(request, CommentBody))
        return self.told(request, number, pk, status.HTTP_201_CREATED)


class ResolvedThread(ThreadView):
    """`/api/v1/change-requests/{number}/comments/{id}/resolve`"""

    @extend_schema(
        operation_id="resolve_discussion",
        parameters=[PROJECT],
        request=ResolveBody,
        responses={200: ThreadDocument, 404: PROBLEM},
    )
    def post(self, request: Request, number: int, pk: int) -> Response:
        """Close it, or with `resolved: false` open it again."""
        thread = self.thread(self.found(request, number), pk)
        given = self.given(request, ResolveBody)
        resolve(thread, given["resolved"], actor=self.actor(request))
        return self.told(request, number, pk)


class AppliedSuggestion(ThreadView):
    """`/api/v1/change-requests/{number}/comments/{id}/apply`"""

    @extend_schema(
        operation_id="apply_suggestion",
        parameters=[PROJECT],
        request=ApplyBody,
        responses={201: WholeVersionDocument, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, number: int, pk: int) -> Response:
        """Make a suggestion the next version, which the change request proposes from now on."""
        thread = self.thread(self.found(request, number), pk)
        comment = _suggestion(thread, self.given(request, ApplyBody)["comment"])
        version = apply(comment, actor=self.actor(request))
        document = whole_version_document(version, labels_on(version))
        return Response(document, status=status.HTTP_201_CREATED)


def _suggestion(thread: Thread, pk: int | None) -> Comment:
    """The comment of that id, else the newest that suggests something. Raises: NotFound."""
    comments = list(thread.comments.all())
    wanted = [
        one for one in comments if (one.pk == pk if pk is not None else one.suggestion is not None)
    ]
    if not wanted:
        raise NotFound(f"The discussion {thread.pk} has no such suggestion.")
    wanted[-1].thread = thread
    return wanted[-1]
