"""The page behind an invitation's link."""

from __future__ import annotations

from django.contrib.auth import login as begin_session
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.forms import JoinForm
from accounts.models import Invitation, User
from accounts.services import invitations
from accounts.views.entry import see_other, to_project

_BACKEND = "django.contrib.auth.backends.ModelBackend"


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Join with the account one is signed in with, or with a new one."""
    row = (
        Invitation.objects.select_related("organization", "project", "invited_by")
        .filter(token_hash=invitations.token_hash(token))
        .first()
    )
    if row is None or not invitations.is_open(row):
        return render(request, "accounts/invitation.html", {"is_over": True}, status=410)
    context = {"invitation": row, "scene": _scene(request, row)}
    if context["scene"] == "new":
        return _join_as_new(request, row, context)
    if request.method == "POST" and context["scene"] == "member":
        invitations.accept_invitation(row, user=_signed_in(request))
        return _welcome(row)
    return render(request, "accounts/invitation.html", context)


def _join_as_new(request: HttpRequest, row: Invitation, context: dict[str, object]) -> HttpResponse:
    form = JoinForm(request.POST or None, user=User(email=row.email))
    if request.method == "POST" and form.is_valid():
        user = invitations.accept_invitation(
            row, name=form.cleaned_data["name"], password=form.cleaned_data["password"]
        )
        begin_session(request, user, backend=_BACKEND)
        return _welcome(row)
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/invitation.html", {**context, "form": form}, status=status)


def _scene(request: HttpRequest, row: Invitation) -> str:
    """new, member (signed in as the invited), other (as somebody else), sign_in (must sign in)."""
    user = _signed_in(request)
    if user is not None:
        return "member" if user.email.lower() == row.email.lower() else "other"
    return "sign_in" if User.objects.filter(email__iexact=row.email).exists() else "new"


def _signed_in(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _welcome(row: Invitation) -> HttpResponse:
    return to_project(row.project) if row.project else see_other("accounts:home")
