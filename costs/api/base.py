"""What all addresses of `costs` share: refusals as problem documents."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import role_in
from accounts.models import Project, User
from accounts.rest import ProjectView
from accounts.verification import Bearer
from costs.models import Budget
from costs.queries.budgets import budgets_of
from costs.rest.budgets import over_document
from costs.services.errors import (
    BadBudget,
    BadInvoice,
    BadPlan,
    BadReservation,
    BudgetIsGone,
    OverBudget,
)
from kit.problems import CONTENT_TYPE, problem


class CostsView(ProjectView):
    """Finds what an address names, and answers refusals."""

    def budget(self, request: Request, pk: int) -> tuple[Project, Budget]:
        """The project and its budget. Raises: NotFound, and those of `opened`."""
        project = self.opened(request)
        found = budgets_of(project).filter(pk=pk).first()
        if found is None:
            raise NotFound(f"This project has no budget {pk}.")
        if request.method not in SAFE_METHODS and found.project_id is None:
            self.refuse_key(request)
        return project, found

    def refuse_key(self, request: Request) -> None:
        """A key is of one project: what holds for all of the organization is no matter of its.

        Raises: PermissionDenied.
        """
        if isinstance(request.auth, Bearer):
            raise PermissionDenied("A key of a project changes no budget of the organization.")

    def given(self, request: Request, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The checked body. Raises: ValidationError, naming each field."""
        body = kind(data=request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def member(self, project: Project, email: str) -> User:
        """The member of the project with that email. Raises: ValidationError."""
        found = User.objects.filter(email__iexact=email, is_active=True).first()
        if found is None or role_in(found, project) is None:
            raise ValidationError({"owner": "Nobody in this project has that email."})
        return found

    def handle_exception(self, exc: Exception) -> Response:
        """Refusals of costs in the status that fits them."""
        if isinstance(exc, OverBudget):
            return Response(over_document(exc), status=402, content_type=CONTENT_TYPE)
        if isinstance(exc, BadBudget | BadInvoice | BadPlan | BadReservation):
            code = status.HTTP_400_BAD_REQUEST
            where = getattr(exc, "where", "")
            said = problem(code, str(exc), where=where)
            return Response(said, status=code, content_type=CONTENT_TYPE)
        if isinstance(exc, BudgetIsGone):
            return super().handle_exception(NotFound(str(exc)))
        return super().handle_exception(exc)
