"""What every address of REST below a project shares: whose project it is, and who acts."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.access import project_for
from accounts.models import ApiKey, Project, Role, Scope, User
from accounts.verification import Bearer

PROBLEM = OpenApiResponse(description="A problem document (RFC 9457).")
PROJECT = OpenApiParameter("project", str, description="Slug; only for a signed-in person.")


class ProjectView(APIView):
    """The project of a key with `scope`, or the one that a signed-in person names.

    `least_to_read` and `least_to_write` are the roles that `opened` asks of a person.
    """

    scope: Scope | dict[str, Scope] = Scope.READ
    least_to_read = Role.VIEWER
    least_to_write = Role.ADMIN

    def opened(self, request: Request) -> Project:
        """The project, for who may do this. Raises: Http404, PermissionDenied, ValidationError."""
        if isinstance(request.auth, Bearer):
            return Project.objects.select_related("organization").get(pk=request.auth.project_id)
        is_read = request.method in SAFE_METHODS
        return _named(request, self.least_to_read if is_read else self.least_to_write)

    def place(self, request: Request) -> tuple[int, str]:
        """Id and slug of the project, for who may look; of a key's without asking the database.

        Raises: Http404, ValidationError where nobody says which.
        """
        if isinstance(request.auth, Bearer):
            return request.auth.project_id, request.auth.project_slug
        project = _named(request, Role.VIEWER)
        return project.pk, project.slug

    def actor(self, request: Request) -> User | ApiKey:
        """Who acts, for the audit trail. Raises: PermissionDenied where that is nobody."""
        if isinstance(request.auth, Bearer):
            return ApiKey.objects.get(pk=request.auth.key_id)
        if isinstance(request.user, User):
            return request.user
        raise PermissionDenied


def _named(request: Request, least: Role) -> Project:
    """The project that a signed-in person names."""
    slug = request.query_params.get("project", "")
    if not slug:
        raise ValidationError({"project": "Say which project, or send a key."})
    assert isinstance(request.user, User)  # noqa: S101  (the permission class saw to it)
    return project_for(request.user, slug, least=least)
