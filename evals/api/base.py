"""What all addresses of `evals` share: the project for who may, who acts, refusals as problems."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import role_in
from accounts.models import Project, Role, Scope, User
from accounts.rest import ProjectView
from accounts.verification import Bearer
from evals.queries.planning import BadPlan
from evals.services.errors import BadDataset, BadItem, HeldOutItem, NeedsPerson, NoSuchItem
from evals.services.evaluator_errors import BadEvaluator, NotForYou
from evals.services.labels import BadLabel
from evals.services.queues import BadQueue
from evals.services.schedules import BadSchedule
from kit.errors import DomainError
from kit.problems import CONTENT_TYPE, problem

MOST_BODY_BYTES = 32 * 2**20


class TooLarge(APIException):
    """The body is longer than the address takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE


class EvalsView(ProjectView):
    """A key needs the scope evals; a person may read as a viewer and write as an engineer."""

    scope: Scope | dict[str, Scope] = Scope.EVALS
    least_to_write = Role.ENGINEER

    def given(self, request: Request, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The checked body. Raises: ValidationError, naming each field; TooLarge."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > MOST_BODY_BYTES:
            raise TooLarge(f"The body may have {MOST_BODY_BYTES:,} bytes.")
        body = kind(data=request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def asked(self, request: Request, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The checked parameters. Raises: ValidationError, naming each."""
        parameters = kind(data=request.query_params)
        parameters.is_valid(raise_exception=True)
        return dict(parameters.validated_data)

    def reader(self, request: Request, project: Project) -> tuple[User | None, Role | None]:
        """The person who reads and their role; nobody and none for a key."""
        if isinstance(request.auth, Bearer) or not isinstance(request.user, User):
            return None, None
        return request.user, role_in(request.user, project)

    def handle_exception(self, exc: Exception) -> Response:
        """Refusals of the services as problem documents."""
        told = _told(exc)
        if told is None:
            return super().handle_exception(exc)
        number, more = told
        return Response(
            {**problem(number, str(exc)), **more}, status=number, content_type=CONTENT_TYPE
        )


def _told(error: Exception) -> tuple[int, dict[str, Any]] | None:
    """Status, and what stands in the document beside the text; None for another's error."""
    if isinstance(error, BadItem):
        place = f"[{error.at}].{error.where}" if error.where else f"[{error.at}]"
        errors = [{"where": place, "detail": error.text}]
        return status.HTTP_400_BAD_REQUEST, {"title": "Invalid", "errors": errors}
    if isinstance(error, BadDataset | BadPlan | BadSchedule):
        errors = [{"where": error.where, "detail": str(error)}]
        return status.HTTP_400_BAD_REQUEST, {"title": "Invalid", "errors": errors}
    if isinstance(error, BadEvaluator):
        named = [{"where": where, "detail": text} for where, text in error.faults]
        return status.HTTP_400_BAD_REQUEST, {"title": "Invalid", "errors": named}
    if isinstance(error, BadQueue | BadLabel):
        told = error.field if isinstance(error, BadQueue) else error.name
        errors = [{"where": told, "detail": str(error)}]
        return status.HTTP_400_BAD_REQUEST, {"title": "Invalid", "errors": errors}
    if isinstance(error, NoSuchItem):
        return status.HTTP_404_NOT_FOUND, {}
    if isinstance(error, HeldOutItem | NeedsPerson | NotForYou):
        return status.HTTP_403_FORBIDDEN, {}
    if isinstance(error, DomainError):
        return status.HTTP_409_CONFLICT, {}
    return None
