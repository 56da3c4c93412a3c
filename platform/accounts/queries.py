"""What the pages and the API of `accounts` show: keys, members, invitations, projects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import ApiKey, Invitation, Membership, Organization, Project, Role, User

UNUSED_AFTER = timedelta(days=90)


@dataclass(frozen=True)
class KeyRow:
    """A key with what a reader wants to know about it."""

    key: ApiKey
    is_revoked: bool
    is_expired: bool
    is_rotated: bool  # a successor exists; this one ends at `key.expires_at`
    is_unused: bool  # live, and idle for over 90 days

    @property
    def is_live(self) -> bool:
        """True while requests with it are let in."""
        return not (self.is_revoked or self.is_expired)


@dataclass(frozen=True)
class MemberRow:
    """A person in a project: the membership that counts there."""

    user: User
    membership: Membership
    role: Role

    @property
    def of_whole_organization(self) -> bool:
        """True when the role holds in every project of the organization."""
        return self.membership.project_id is None


@dataclass(frozen=True)
class ProjectCard:
    """A project on the home page, and the role of who looks."""

    project: Project
    role: Role


def list_keys(project: Project) -> list[KeyRow]:
    """The project's keys, live ones first, newest first among them."""
    now = timezone.now()
    stored = list(ApiKey.objects.filter(project=project).select_related("created_by"))
    replaced = {key.rotated_from_id for key in stored}
    rows = [_key_row(key, key.pk in replaced, now) for key in stored]
    return sorted(rows, key=lambda row: (not row.is_live, -row.key.pk))


def _key_row(key: ApiKey, is_rotated: bool, now: datetime) -> KeyRow:
    is_revoked = key.revoked_at is not None
    is_expired = key.expires_at is not None and key.expires_at <= now
    idle_since = key.last_used_at or key.created_at
    return KeyRow(
        key=key,
        is_revoked=is_revoked,
        is_expired=is_expired,
        is_rotated=is_rotated,
        is_unused=not is_revoked and not is_expired and idle_since < now - UNUSED_AFTER,
    )


def keys_of(project: Project) -> QuerySet[ApiKey]:
    """Every key of the project, newest first."""
    return ApiKey.objects.filter(project=project).select_related("created_by").order_by("-pk")


def list_members(project: Project) -> list[MemberRow]:
    """Everybody who may enter the project, highest role first, each once.

    The project's own row wins over that of the organization.
    """
    winning: dict[int, Membership] = {}
    for row in memberships_of(project).order_by("pk"):
        if row.user_id not in winning or row.project_id is not None:
            winning[row.user_id] = row
    members = [MemberRow(row.user, row, Role(row.role)) for row in winning.values()]
    return sorted(members, key=lambda member: (-member.role.rank, member.user.display_name.lower()))


def memberships_of(project: Project) -> QuerySet[Membership]:
    """Rows that let somebody into the project."""
    return Membership.objects.select_related("user", "organization", "project").filter(
        Q(project=project) | Q(project=None), organization_id=project.organization_id
    )


def list_open_invitations(project: Project) -> QuerySet[Invitation]:
    """Invitations into the project or its whole organization that can still be used."""
    return (
        Invitation.objects.select_related("invited_by")
        .filter(
            Q(project=project) | Q(project=None),
            organization_id=project.organization_id,
            accepted_at=None,
            revoked_at=None,
            expires_at__gt=timezone.now(),
        )
        .order_by("-created_at")
    )


def list_projects(user: User) -> list[tuple[Organization, list[ProjectCard]]]:
    """The projects that `user` may enter, by organization; demos last."""
    memberships = list(Membership.objects.select_related("organization").filter(user=user))
    roles = {(row.organization_id, row.project_id): Role(row.role) for row in memberships}
    organizations = {row.organization_id: row.organization for row in memberships}
    projects = Project.objects.filter(
        organization_id__in=list(organizations), deleted_at=None
    ).order_by("is_demo", "name")
    cards: dict[int, list[ProjectCard]] = {pk: [] for pk in organizations}
    for project in projects:
        of = project.organization_id
        if role := roles.get((of, project.pk)) or roles.get((of, None)):
            cards[of].append(ProjectCard(project, role))
    ordered = sorted(organizations.values(), key=lambda organization: organization.name.lower())
    return [(organization, cards[organization.pk]) for organization in ordered]
