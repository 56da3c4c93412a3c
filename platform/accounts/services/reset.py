"""Password resets: by mail, or by a link that an admin hands over."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts import mail
from accounts.models import Membership, Organization, Role, User
from accounts.services import attempts, members
from accounts.services.people import organization_of
from accounts.services.trail import record
from kit.errors import DomainError


class TooManyResets(DomainError):
    """This client asked too often."""


class LinkIsOver(DomainError):
    """The reset link was used, has expired or is no link of ours."""


class BelongsElsewhere(DomainError):
    """The person is a member of another organization too, so no admin of ours may take over."""


def request_password_reset(email: str, *, client_address: str) -> None:
    """Mail a link to `email` if somebody has that address; nobody learns whether.

    Does nothing where no mail is set up. Raises: TooManyResets, for known and unknown alike.
    """
    email = email.strip().lower()
    if not attempts.take([f"reset:client:{client_address}"], settings.LOGIN_ATTEMPTS):
        raise TooManyResets("Too many requests. Wait 15 minutes.")
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None or not settings.MAIL_IS_CONFIGURED:
        return
    # Over the limit for one mailbox the answer is the same, only no further mail goes out.
    if not attempts.take([f"reset:email:{email}"], settings.LOGIN_ATTEMPTS):
        return
    with transaction.atomic():
        record(
            "user.password_reset_requested",
            actor=user,
            organization=organization_of(user),
            subject=user,
        )
        mail.send_on_commit(mail.password_reset(user, _link(user)))


@transaction.atomic
def make_reset_link(user: User, organization: Organization, *, actor: User) -> str:
    """A link that lets its bearer choose a new password for `user`, valid for an hour.

    Only for admins of the whole organization, for people who belong to nobody else, and never
    for a role above the admin's own: the link is as good as the account.
    Raises: AboveYou, BelongsElsewhere.
    """
    rows = Membership.objects.filter(user=user)
    roles = [Role(row.role) for row in rows.filter(organization=organization)]
    members.require_reach(actor, organization, None, *roles)
    if not roles or rows.exclude(organization=organization).exists():
        raise BelongsElsewhere(
            f"{user.display_name} does not belong to this organization alone; "
            "whoever runs the installation can use `roadworthy createadmin`."
        )
    record("user.password_reset_link_made", actor=actor, organization=organization, subject=user)
    return _link(user)


def user_of_link(uid: str, token: str) -> User:
    """Whose password the link may set. Raises: LinkIsOver."""
    try:
        pk = int(urlsafe_base64_decode(uid).decode())
    except (ValueError, OverflowError):
        pk = 0
    user = User.objects.filter(pk=pk, is_active=True).first() if 0 < pk < 2**63 else None
    if user is None or not default_token_generator.check_token(user, token):
        raise LinkIsOver("This link was used, has expired or is incomplete; ask for a new one.")
    return user


@transaction.atomic
def reset_password(uid: str, token: str, *, password: str) -> User:
    """Set the password that the link allows to set; its sessions and the link end with that.

    Raises: LinkIsOver.
    """
    user = User.objects.select_for_update().get(pk=user_of_link(uid, token).pk)
    user = user_of_link(uid, token)  # again under the lock: of two at once only one may pass
    user.set_password(password)
    user.save(update_fields=["password"])
    record("user.password_reset", actor=user, organization=organization_of(user), subject=user)
    attempts.clear(f"login:email:{user.email.lower()}")
    return user


def _link(user: User) -> str:
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    return settings.PUBLIC_URL + reverse("accounts:reset_confirm", args=[uid, token])
