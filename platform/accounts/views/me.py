"""One's own account: name, looks, shortcuts, password."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import queries
from accounts.forms import ChangePasswordForm, ProfileForm
from accounts.services import people
from accounts.views.entry import person, see_other
from accounts.views.preferences import remember_looks


@require_http_methods(["GET", "POST"])
@login_required
def me(request: HttpRequest) -> HttpResponse:
    """Name, theme and shortcuts; POST saves them, for this browser and every other."""
    user = person(request)
    if request.method == "GET":
        return _page(request)
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return _page(request, profile=form, status=422)
    people.update_profile(user, **form.cleaned_data)
    messages.success(request, "Saved.")
    return remember_looks(see_other("accounts:me"), user)


@sensitive_post_parameters("current", "password")
@require_POST
@login_required
def me_password(request: HttpRequest) -> HttpResponse:
    """Change the password; this session stays, every other one ends."""
    user = person(request)
    form = ChangePasswordForm(request.POST, user=user)
    if form.is_valid():
        try:
            people.change_password(
                user, current=form.cleaned_data["current"], new=form.cleaned_data["password"]
            )
        except people.WrongPassword as wrong:
            form.add_error("current", str(wrong))
        else:
            update_session_auth_hash(request, user)
            messages.success(request, "Your password is changed. Every other session has ended.")
            return see_other("accounts:me")
    return _page(request, password=form, status=422)


def _page(
    request: HttpRequest,
    *,
    profile: ProfileForm | None = None,
    password: ChangePasswordForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user = person(request)
    initial = {"name": user.name, "theme": user.theme, "shortcuts_on": user.shortcuts_on}
    context = {
        "title": "Your account",
        "nav_current": "me",
        "form": profile or ProfileForm(initial=initial),
        "password_form": password or ChangePasswordForm(user=user),
        "groups": queries.list_projects(user),
    }
    return render(request, "accounts/me.html", context, status=status)
