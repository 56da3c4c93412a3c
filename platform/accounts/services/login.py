"""Signing in: the password, the limit on attempts, and what the audit trail says about it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest

from accounts.models import User
from accounts.services import attempts
from accounts.services.people import organization_of
from audit import services as audit
from kit.errors import DomainError

_WRONG = "E-mail address and password do not fit together."


class LoginFailed(DomainError):
    """The address is unknown, the password wrong or the person inactive: nobody learns which."""


class LoginLocked(DomainError):
    """Too many attempts for this address or from this client."""


def sign_in(request: HttpRequest, *, email: str, password: str, client_address: str) -> User:
    """The person behind `email` and `password`; the caller begins the session.

    Attempts are counted for the address and for the client; success forgets the address's count.
    An unknown address costs a password hash too, so the time of the answer says nothing.
    Raises: LoginFailed, LoginLocked.
    """
    email = email.strip().lower()
    by_email, by_client = f"login:email:{email}", f"login:client:{client_address}"
    limit = settings.LOGIN_ATTEMPTS
    if not attempts.take([by_email, by_client], limit):
        raise LoginLocked("Too many attempts. Wait 15 minutes, or reset the password.")
    user = authenticate(request, username=email, password=password)
    if not isinstance(user, User):
        _record("login.failed", email, client_address)
        if max(attempts.count(by_email), attempts.count(by_client)) >= limit:
            _record("login.locked", email, client_address)
        raise LoginFailed(_WRONG)
    attempts.clear(by_email)
    attempts.give_back(by_client)
    _record("login.succeeded", email, client_address)
    return user


def sign_out(user: User, *, client_address: str) -> None:
    """Note that the person left; the caller ends the session."""
    _record("session.ended", user.email, client_address)


def _record(action: str, email: str, client_address: str) -> None:
    user = User.objects.filter(email__iexact=email).first()
    audit.record(
        action,
        organization=organization_of(user) if user else None,
        actor=user,
        actor_kind="person",
        actor_label=email,
        subject=user,
        ip=client_address,
    )
