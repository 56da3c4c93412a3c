"""The only doors to a project: for people, for keys. A stranger finds nothing behind them."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest

from accounts.models import ApiKey, Membership, Organization, Project, Role, Scope, User


@dataclass(frozen=True)
class Door:
    """A project opened for somebody, and what they may do in it."""

    project: Project
    role: Role

    def may(self, least: Role) -> bool:
        """True when the role is at least `least`."""
        return self.role.rank >= least.rank

    def require(self, least: Role) -> None:
        """Raises: PermissionDenied, naming the role that is needed."""
        if not self.may(least):
            raise PermissionDenied(
                f"This needs the role {least.label.lower()} or above; yours is "
                f"{self.role.label.lower()}. An admin or owner of the project can change it."
            )


def door_for(user: User | AnonymousUser, project_slug: str, *, least: Role = Role.VIEWER) -> Door:
    """The project of `project_slug`, opened for `user`.

    Raises: Http404 where the project does not exist or `user` is a stranger to it, so that
    nobody learns which slugs are taken; PermissionDenied where a member's role is below `least`.
    """
    if not isinstance(user, User) or not user.is_active:
        raise Http404("No such project.")
    project = (
        Project.objects.select_related("organization")
        .filter(slug=project_slug, deleted_at=None)
        .first()
    )
    role = role_in(user, project) if project is not None else None
    if project is None or role is None:
        raise Http404("No such project.")
    door = Door(project, role)
    door.require(least)
    return door


def enter(request: HttpRequest, project_slug: str, *, least: Role = Role.VIEWER) -> Door:
    """Open the project for who looks, and leave the door on the request for the shell.

    A member whose role is too low is refused inside the project's own frame.
    Raises: Http404, PermissionDenied.
    """
    door = door_for(request.user, project_slug)
    request.door = door  # type: ignore[attr-defined]
    door.require(least)
    return door


def project_for(
    user: User | AnonymousUser, project_slug: str, *, least: Role = Role.VIEWER
) -> Project:
    """`door_for`, for callers that need only the project."""
    return door_for(user, project_slug, least=least).project


def role_in(user: User, project: Project) -> Role | None:
    """The role of `user` in `project`; that of the project wins over the organization's."""
    rows = Membership.objects.filter(user=user, organization_id=project.organization_id).filter(
        Q(project=project) | Q(project=None)
    )
    roles = {row.project_id: Role(row.role) for row in rows}
    return roles.get(project.pk) or roles.get(None)


def projects_of(user: User) -> QuerySet[Project]:
    """Every project that `user` may enter, by name."""
    return (
        Project.objects.filter(deleted_at=None)
        .filter(
            Q(memberships__user=user)
            | Q(organization__memberships__user=user, organization__memberships__project=None)
        )
        .distinct()
        .order_by("is_demo", "name")
    )


def organization_for(
    user: User | AnonymousUser, slug: str, *, least: Role = Role.ADMIN
) -> Organization:
    """The organization of `slug` for a member of all of it. Raises: Http404, PermissionDenied."""
    if not isinstance(user, User) or not user.is_active:
        raise Http404("No such organization.")
    membership = (
        Membership.objects.select_related("organization")
        .filter(user=user, organization__slug=slug, project=None)
        .first()
    )
    if membership is None:
        raise Http404("No such organization.")
    if Role(membership.role).rank < least.rank:
        raise PermissionDenied(f"This needs the role {least.label.lower()} or above.")
    return membership.organization


def require_scope(key: ApiKey, scope: Scope) -> None:
    """Raises: PermissionDenied when the key lacks `scope`."""
    if scope.value not in key.scopes:
        raise PermissionDenied(
            f"This key lacks the scope {scope.value!r}; it has {', '.join(key.scopes) or 'none'}."
        )
