"""REST of environments: the rules under which the label of that name moves."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role, Scope
from accounts.rest import PROBLEM, PROJECT
from prompts.api.base import PromptsView
from prompts.api.examples import ENVIRONMENT
from prompts.queries.environments import environment_of, environments_of, protected_of
from prompts.rest.rules import (
    EnvironmentBody,
    EnvironmentDocument,
    EnvironmentListDocument,
    environment_document,
)
from prompts.services.environments import delete_environment, set_environment


class RulesView(PromptsView):
    """Rules are read with the scope prompts, and changed by admins, with the scope admin."""

    scope = {
        "GET": Scope.PROMPTS,
        "POST": Scope.ADMIN,
        "PUT": Scope.ADMIN,
        "DELETE": Scope.ADMIN,
    }
    least_to_write = Role.ADMIN


class Environments(RulesView):
    """`/api/v1/environments`"""

    @extend_schema(
        operation_id="list_environments",
        parameters=[PROJECT],
        responses={200: EnvironmentListDocument},
    )
    def get(self, request: Request) -> Response:
        """All of them, production first: it is there without being made."""
        found = environments_of(self.opened(request))
        protected = protected_of(found)
        return Response({"data": [environment_document(one, protected) for one in found]})


class OneEnvironment(RulesView):
    """`/api/v1/environments/{name}`"""

    @extend_schema(
        operation_id="get_environment",
        parameters=[PROJECT],
        responses={200: EnvironmentDocument, 404: PROBLEM},
    )
    def get(self, request: Request, name: str) -> Response:
        """One environment."""
        found = environment_of(self.opened(request), name)
        if found is None:
            raise NotFound(f"This project has no environment {name[:100]!r}.")
        return Response(environment_document(found, protected_of([found])))

    @extend_schema(
        operation_id="set_environment",
        parameters=[PROJECT],
        request=EnvironmentBody,
        responses={200: EnvironmentDocument, 400: PROBLEM, 403: PROBLEM},
        examples=[ENVIRONMENT],
    )
    def put(self, request: Request, name: str) -> Response:
        """Let it have these rules; it is made where there is none. Open reviews are judged anew."""
        project = self.opened(request)
        body = EnvironmentBody(data=request.data)
        body.is_valid(raise_exception=True)
        stored = environment_of(project, name)
        made = set_environment(project, name, body.rules(stored), actor=self.actor(request))
        return Response(environment_document(made, protected_of([made])))

    @extend_schema(
        operation_id="delete_environment",
        parameters=[PROJECT],
        responses={204: None, 403: PROBLEM, 404: PROBLEM},
    )
    def delete(self, request: Request, name: str) -> Response:
        """Forget it: its label is free. Production goes back to the usual rules."""
        found = environment_of(self.opened(request), name)
        if found is None or found.pk is None:
            raise NotFound(f"This project has set no rules for {name[:100]!r}.")
        delete_environment(found, actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
