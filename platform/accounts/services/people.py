"""A person's own account: name, looks, password; and the owner made from the command line."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.db import transaction

from accounts.models import Membership, Organization, Role, User
from accounts.services import projects
from accounts.services.trail import Actor, record
from kit.errors import DomainError

GENERATED_PASSWORD_BYTES = 15  # 120 random bits, 20 characters


class WrongPassword(DomainError):
    """The current password is another one."""


@dataclass(frozen=True)
class Admin:
    """An owner; `password` is None where theirs was left as it is."""

    user: User
    organization: Organization
    password: str | None


def organization_of(user: User) -> Organization | None:
    """The organization in whose audit chain a person's own acts stand: the first they joined."""
    membership = (
        Membership.objects.select_related("organization").filter(user=user).order_by("pk").first()
    )
    return membership.organization if membership else None


@transaction.atomic
def update_profile(
    user: User,
    *,
    name: str | None = None,
    theme: str | None = None,
    shortcuts_on: bool | None = None,
) -> User:
    """Change what is given. `theme` is '' (follows the system), light or dark."""
    wanted = {"name": name, "theme": theme, "shortcuts_on": shortcuts_on}
    changed = [
        field
        for field, value in wanted.items()
        if value is not None and getattr(user, field) != value
    ]
    if not changed:
        return user
    for field in changed:
        setattr(user, field, wanted[field])
    user.save(update_fields=changed)
    record(
        "user.profile_changed",
        actor=user,
        organization=organization_of(user),
        subject=user,
        fields=changed,
    )
    return user


@transaction.atomic
def change_password(user: User, *, current: str, new: str) -> User:
    """Set a new password; every other session of the person ends. Raises: WrongPassword."""
    if not user.check_password(current):
        raise WrongPassword("This is not your current password.")
    user.set_password(new)
    user.save(update_fields=["password"])
    record("user.password_changed", actor=user, organization=organization_of(user), subject=user)
    return user


@transaction.atomic
def make_owner(
    email: str,
    *,
    password: str | None = None,
    organization: Organization | None = None,
    actor: Actor = None,
) -> Admin:
    """Make or promote `email` to owner of `organization`, or of the first there is.

    A new user without `password` gets a random one; that of an existing user changes only
    when one is given.
    """
    organization = organization or Organization.objects.order_by("pk").first()
    if organization is None:
        organization = projects.make_organization("My organization", actor=actor)
    user = User.objects.filter(email__iexact=email.strip()).first()
    shown: str | None = None
    if user is None:
        shown = password or new_password()
        user = User.objects.create_user(email, shown)
        record("user.created", actor=actor, organization=organization, subject=user)
    elif password:
        shown = password
        user.set_password(password)
        user.is_active = True
        user.save(update_fields=["password", "is_active"])
        record("user.password_set", actor=actor, organization=organization, subject=user)
    row, is_new = Membership.objects.get_or_create(
        user=user, organization=organization, project=None, defaults={"role": Role.OWNER}
    )
    if not is_new and row.role != Role.OWNER:
        row.role = Role.OWNER
        row.save(update_fields=["role"])
        is_new = True
    if is_new:
        record("member.made_owner", actor=actor, organization=organization, subject=user)
    return Admin(user, organization, shown)


def new_password() -> str:
    """A random password that nobody has to remember for long."""
    return secrets.token_urlsafe(GENERATED_PASSWORD_BYTES)
