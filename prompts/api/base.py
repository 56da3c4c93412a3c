"""What all addresses of prompts share: the project for who may, who acts, refusals as problems."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Project, Role, Scope, User
from accounts.queries import list_members
from accounts.rest import ProjectView
from kit.errors import DomainError
from kit.paging import BadCursor, decode_cursor, encode_cursor
from kit.problems import CONTENT_TYPE, problem
from prompts.content import BadContent
from prompts.models import Prompt
from prompts.queries.resolving import get_prompt
from prompts.rest.bodies import Body
from prompts.services.errors import BadName, Blocked, NeedsPerson, NotYours, ProtectedLabel
from traces.rest.parameters import Parameters


class PromptsView(ProjectView):
    """A key needs the scope prompts; a person may read as a viewer and write as an engineer."""

    scope: Scope | dict[str, Scope] = Scope.PROMPTS
    least_to_write = Role.ENGINEER

    def prompt(self, request: Request, name: str) -> Prompt:
        """The prompt, also one that is archived. Raises: NotFound, and those of `opened`."""
        project = self.opened(request)
        found = get_prompt(project.pk, name)
        if found is None:
            raise NotFound(f"This project has no prompt {name[:200]!r}.")
        found.project = project
        return found

    def given(self, request: Request, kind: type[Body]) -> dict[str, Any]:
        """The checked body. Raises: ValidationError, naming each field."""
        body = kind(data=request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def asked(self, request: Request, kind: type[Parameters]) -> dict[str, Any]:
        """The checked parameters. Raises: ValidationError, naming each."""
        parameters = kind(data=request.query_params)
        parameters.is_valid(raise_exception=True)
        return dict(parameters.validated_data)

    def handle_exception(self, exc: Exception) -> Response:
        """Refusals of the services as problem documents, which say what can be done instead."""
        told = _told(exc)
        if told is None:
            return super().handle_exception(exc)
        number, more = told
        return Response(
            {**problem(number, str(exc)), **more}, status=number, content_type=CONTENT_TYPE
        )


def _told(error: Exception) -> tuple[int, dict[str, Any]] | None:
    """Status, and what stands in the document beside the text; None for another's error."""
    if isinstance(error, BadContent):
        errors = [{"where": fault.where, "detail": fault.text} for fault in error.faults]
        return status.HTTP_400_BAD_REQUEST, {"title": "Invalid", "errors": errors}
    if isinstance(error, BadName):
        where = [{"where": error.where, "detail": str(error)}] if error.where else []
        return status.HTTP_400_BAD_REQUEST, {"title": "Invalid", "errors": where}
    if isinstance(error, ProtectedLabel):
        return status.HTTP_403_FORBIDDEN, {"propose_at": error.propose_at}
    if isinstance(error, NeedsPerson | NotYours):
        return status.HTTP_403_FORBIDDEN, {}
    if isinstance(error, Blocked):
        blockers = [{"code": one.code, "text": one.text} for one in error.blockers]
        return status.HTTP_409_CONFLICT, {"blockers": blockers}
    if isinstance(error, DomainError):
        return status.HTTP_409_CONFLICT, {}
    return None


def page_of(rows: list[Any], limit: int, document: Any, key: Any) -> Response:
    """A page of `limit` rows; one more in `rows` says that there is another page."""
    more, rows = len(rows) > limit, rows[:limit]
    cursor = encode_cursor(key(rows[-1])) if more and rows else None
    return Response({"data": [document(row) for row in rows], "next_cursor": cursor})


def after_of(asked: dict[str, Any], kind: type[str] | type[int]) -> Any:
    """What the cursor names, None without one. Raises: ValidationError."""
    if not asked["cursor"]:
        return None
    try:
        (key,) = decode_cursor(asked["cursor"], parts=1)
    except BadCursor as bad:
        raise ValidationError({"cursor": str(bad)}) from None
    if type(key) is not kind or (isinstance(key, str) and "\0" in key):
        raise ValidationError({"cursor": "Not a cursor that this list gave out."})
    return key


def members_named(project: Project, emails: Iterable[str], where: str) -> list[User]:
    """The members with these addresses, each once. Raises: ValidationError, naming others."""
    known = {member.user.email.lower(): member.user for member in list_members(project)}
    found: dict[int, User] = {}
    for place, email in enumerate(emails):
        user = known.get(email.strip().lower())
        if user is None or not user.is_active:
            text = f"The project has no member {email[:200]!r}."
            raise ValidationError({f"{where}[{place}]": text})
        found[user.pk] = user
    return list(found.values())


def member_named(project: Project, email: str, where: str) -> User:
    """The member with this address. Raises: ValidationError."""
    try:
        (user,) = members_named(project, [email], where)
    except ValidationError:
        text = f"The project has no member {email[:200]!r}."
        raise ValidationError({where: text}) from None
    return user
