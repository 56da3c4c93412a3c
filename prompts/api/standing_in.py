"""REST of the owners of folders, and of who stands in for whom."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role, Scope
from accounts.rest import PROBLEM, PROJECT
from prompts.api.base import PromptsView, after_of, member_named, members_named, page_of
from prompts.api.environments import RulesView
from prompts.queries.owners import every_delegation, owners_by_folder
from prompts.rest.parameters import PageParameters
from prompts.rest.rules import (
    DelegationBody,
    DelegationDocument,
    DelegationListDocument,
    FolderOwnersBody,
    FolderOwnersDocument,
    FolderOwnersListDocument,
    delegation_document,
    folder_owners_document,
)
from prompts.services.environments import delegate, end_delegation, set_folder_owners


class FolderOwners(RulesView):
    """`/api/v1/folder-owners`"""

    @extend_schema(
        operation_id="list_folder_owners",
        parameters=[PROJECT],
        responses={200: FolderOwnersListDocument},
    )
    def get(self, request: Request) -> Response:
        """Owners by folder; those of the deepest folder that has any decide about a prompt."""
        found = owners_by_folder(self.opened(request))
        return Response({"data": [folder_owners_document(name, users) for name, users in found]})

    @extend_schema(
        operation_id="set_folder_owners",
        parameters=[PROJECT],
        request=FolderOwnersBody,
        responses={200: FolderOwnersDocument, 400: PROBLEM, 403: PROBLEM},
    )
    def put(self, request: Request) -> Response:
        """Let exactly these people own a folder; of them one must approve what changes in it."""
        project = self.opened(request)
        given = self.given(request, FolderOwnersBody)
        people = members_named(project, given["owners"], "owners")
        folder = given["folder"].strip().strip("/")
        set_folder_owners(project, folder, people, actor=self.actor(request))
        owners = dict(owners_by_folder(project)).get(folder, [])
        return Response(folder_owners_document(folder, owners))


class Delegations(PromptsView):
    """`/api/v1/delegations`"""

    # Who is away says so; a key, which is nobody, needs the scope admin.
    scope = {"GET": Scope.PROMPTS, "POST": Scope.ADMIN, "DELETE": Scope.ADMIN}
    least_to_write = Role.ENGINEER

    @extend_schema(
        operation_id="list_delegations",
        parameters=[PageParameters],
        responses={200: DelegationListDocument},
    )
    def get(self, request: Request) -> Response:
        """A page of them, past ones too, the newest first."""
        asked = self.asked(request, PageParameters)
        found = every_delegation(self.opened(request))
        if (after := after_of(asked, int)) is not None:
            found = found.filter(pk__lt=after)
        rows = list(found[: asked["limit"] + 1])
        return page_of(rows, asked["limit"], delegation_document, lambda row: row.pk)

    @extend_schema(
        operation_id="delegate",
        parameters=[PROJECT],
        request=DelegationBody,
        responses={201: DelegationDocument, 400: PROBLEM, 403: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Let somebody stand in: the person who is away, or an admin, says so."""
        project = self.opened(request)
        given = self.given(request, DelegationBody)
        made = delegate(
            project,
            member_named(project, given["user"], "user"),
            member_named(project, given["delegate"], "delegate"),
            starts_at=given["starts_at"],
            ends_at=given["ends_at"],
            reason=given["reason"],
            actor=self.actor(request),
        )
        return Response(delegation_document(made), status=status.HTTP_201_CREATED)


class OneDelegation(Delegations):
    """`/api/v1/delegations/{id}`"""

    http_method_names = ["delete", "options"]

    @extend_schema(
        operation_id="end_delegation",
        parameters=[PROJECT],
        responses={204: None, 403: PROBLEM, 404: PROBLEM},
    )
    def delete(self, request: Request, pk: int) -> Response:
        """The person is back."""
        found = every_delegation(self.opened(request)).filter(pk=pk).first()
        if found is None:
            raise NotFound(f"This project has no delegation {pk}.")
        end_delegation(found, actor=self.actor(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
