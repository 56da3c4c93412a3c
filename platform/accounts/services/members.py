"""Members of an organization or a project: their roles, and their leaving."""

from __future__ import annotations

from django.db import transaction

from accounts.access import role_in
from accounts.models import Membership, Organization, Project, Role, User
from accounts.services.trail import Actor, record
from kit.errors import DomainError


class LastOwner(DomainError):
    """An organization must keep an owner."""


class AboveYou(DomainError):
    """Nobody gives, changes or takes a role above their own."""


@transaction.atomic
def change_role(membership: Membership, role: Role, *, actor: User | None) -> Membership:
    """Give the member another role. Raises: LastOwner, AboveYou."""
    membership = _locked(membership)
    require_reach(actor, membership.organization, membership.project, Role(membership.role), role)
    if role != Role.OWNER:
        _keep_an_owner(membership)
    before, membership.role = membership.role, role.value
    membership.save(update_fields=["role"])
    _record("member.role_changed", membership, actor, before=before, after=role.value)
    return membership


@transaction.atomic
def remove_member(membership: Membership, *, actor: User | None) -> None:
    """Take the membership away; members may always leave. Raises: LastOwner, AboveYou."""
    membership = _locked(membership)
    if actor is None or membership.user_id != actor.pk:
        require_reach(actor, membership.organization, membership.project, Role(membership.role))
    _keep_an_owner(membership)
    _record("member.removed", membership, actor, role=membership.role)
    membership.delete()


@transaction.atomic
def add_member(
    user: User,
    organization: Organization,
    role: Role,
    *,
    project: Project | None = None,
    actor: Actor,
) -> Membership | None:
    """Make `user` a member; a role they have already is never lowered by this.

    None when what they have reaches as far already.
    """
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    rows = {
        row.project_id: row
        for row in Membership.objects.filter(user=user, organization=organization)
    }
    whole, own = rows.get(None), rows.get(project.pk if project else None)
    if any(row is not None and Role(row.role).rank >= role.rank for row in (whole, own)):
        return None
    if own is None:
        own = Membership(user=user, organization=organization, project=project)
    own.role = role.value
    own.save()
    _record("member.added", own, actor, role=role.value)
    return own


def require_reach(
    actor: User | None, organization: Organization, project: Project | None, *roles: Role
) -> None:
    """Only an admin manages members, and only up to their own role; the system may do anything.

    Where `project` is None the membership is of the whole organization, so the role that counts
    is the one the actor has there. Raises: AboveYou.
    """
    if actor is None:
        return
    if project is not None:
        own = role_in(actor, project)
    else:
        row = Membership.objects.filter(user=actor, organization=organization, project=None).first()
        own = Role(row.role) if row else None
    if own is None or own.rank < Role.ADMIN.rank:
        raise AboveYou(
            "This member belongs to the whole organization; only its admins and owners can do that."
            if project is None
            else "Only admins and owners of the project can do that."
        )
    if any(role.rank > own.rank for role in roles):
        raise AboveYou(f"Your role is {own.label.lower()}; this needs an owner.")


def _locked(membership: Membership) -> Membership:
    """The row as it is now; the organization's lock makes changes of its members queue."""
    Organization.objects.select_for_update(no_key=True).get(pk=membership.organization_id)
    return Membership.objects.select_related("organization", "project", "user").get(
        pk=membership.pk
    )


def _keep_an_owner(membership: Membership) -> None:
    if membership.role != Role.OWNER or membership.project_id is not None:
        return
    others = Membership.objects.filter(
        organization=membership.organization, project=None, role=Role.OWNER, user__is_active=True
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise LastOwner(
            f"{membership.user.display_name} is the last owner of {membership.organization.name}; "
            "make somebody else an owner first."
        )


def _record(action: str, membership: Membership, actor: Actor, **details: str) -> None:
    record(
        action,
        actor=actor,
        organization=membership.organization,
        project=membership.project,
        subject=membership.user,
        **details,
    )
