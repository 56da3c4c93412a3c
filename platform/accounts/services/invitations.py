"""Invitations: a link that lets its bearer join, once, for a week."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import mail
from accounts.models import Invitation, Organization, Project, Role, User
from accounts.services import members
from accounts.services.trail import record
from kit.errors import DomainError

VALID_FOR = timedelta(days=7)


class InvitationIsOver(DomainError):
    """The invitation was used, revoked or has expired."""


class ForSomebodyElse(DomainError):
    """The invitation names another address."""


@dataclass(frozen=True)
class Invited:
    """A stored invitation and its link; only the link's hash is kept."""

    invitation: Invitation
    link: str
    was_mailed: bool


def token_hash(token: str) -> str:
    """SHA-256 (hex) of a link's 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(
    email: str,
    role: Role,
    organization: Organization,
    *,
    project: Project | None = None,
    actor: User,
) -> Invited:
    """Invite `email`, to the whole organization or to one project; an older link dies.

    Mailed where mail is set up. Raises: AboveYou.
    """
    members.require_reach(actor, organization, project, role)
    email = email.strip().lower()
    now = timezone.now()
    Invitation.objects.filter(
        organization=organization,
        project=project,
        email=email,
        accepted_at=None,
        revoked_at=None,
    ).update(revoked_at=now)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        organization=organization,
        project=project,
        email=email,
        role=role.value,
        token_hash=token_hash(token),
        invited_by=actor,
        expires_at=now + VALID_FOR,
    )
    record(
        "invitation.created",
        actor=actor,
        organization=organization,
        project=project,
        subject=invitation,
        role=role.value,
    )
    link = settings.PUBLIC_URL + reverse("accounts:invitation", args=[token])
    if settings.MAIL_IS_CONFIGURED:
        mail.send_on_commit(mail.invitation(invitation, link))
    return Invited(invitation, link, settings.MAIL_IS_CONFIGURED)


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, actor: User) -> None:
    """Make the link worthless. Raises: InvitationIsOver, AboveYou."""
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    members.require_reach(actor, invitation.organization, invitation.project, Role(invitation.role))
    if invitation.accepted_at or invitation.revoked_at:
        raise InvitationIsOver("This invitation was used or revoked before.")
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    record(
        "invitation.revoked",
        actor=actor,
        organization=invitation.organization,
        project=invitation.project,
        subject=invitation,
    )


@transaction.atomic
def accept_invitation(
    invitation: Invitation, *, user: User | None = None, name: str = "", password: str = ""
) -> User:
    """Let `user`, or somebody new with `name` and `password`, join.

    Raises: InvitationIsOver, ForSomebodyElse.
    """
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if not is_open(invitation):
        raise InvitationIsOver(
            "This invitation was used, revoked or has expired; ask for a new one."
        )
    if user is None:
        if User.objects.filter(email__iexact=invitation.email).exists():
            raise ForSomebodyElse(f"{invitation.email} has an account here: sign in first.")
        user = User.objects.create_user(invitation.email, password, name=name)
    elif user.email.lower() != invitation.email.lower():
        raise ForSomebodyElse(
            f"This invitation is for {invitation.email}; you are signed in as {user.email}."
        )
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    members.add_member(
        user,
        invitation.organization,
        Role(invitation.role),
        project=invitation.project,
        actor=user,
    )
    record(
        "invitation.accepted",
        actor=user,
        organization=invitation.organization,
        project=invitation.project,
        subject=invitation,
    )
    return user


def is_open(invitation: Invitation) -> bool:
    """True while the link may be used: not used, revoked or expired, and its project stands."""
    return (
        invitation.accepted_at is None
        and invitation.revoked_at is None
        and invitation.expires_at > timezone.now()
        and (invitation.project is None or invitation.project.deleted_at is None)
    )
