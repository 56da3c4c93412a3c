"""Signing in and out."""

from __future__ import annotations

from django.contrib.auth import login as begin_session
from django.contrib.auth import logout as end_session
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import LoginForm
from accounts.models import User
from accounts.services import login as login_service
from accounts.views.entry import client_address, see_other
from accounts.views.preferences import remember_looks


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """E-mail and password; afterwards the page that was asked for."""
    target = request.POST.get("next") or request.GET.get("next", "")
    if isinstance(request.user, User):
        return _onwards(request, target)
    form = LoginForm(request.POST or None)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            user = login_service.sign_in(
                request, **form.cleaned_data, client_address=client_address(request)
            )
        except login_service.LoginFailed as failed:
            form.add_error(None, str(failed))
        except login_service.LoginLocked as locked:
            form.add_error(None, str(locked))
            status = 429
        else:
            begin_session(request, user)
            return remember_looks(_onwards(request, target), user)
    return render(request, "accounts/login.html", {"form": form, "next": target}, status=status)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if isinstance(request.user, User):
        login_service.sign_out(request.user, client_address=client_address(request))
    end_session(request)
    return see_other("accounts:login")


def _onwards(request: HttpRequest, target: str) -> HttpResponse:
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = HttpResponseRedirect(target if is_ours else reverse("accounts:home"))
    response.status_code = 303
    return response
