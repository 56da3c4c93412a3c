"""A lost password: asking for a link, and choosing a new one."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.forms import NewPasswordForm, ResetRequestForm
from accounts.services import reset
from accounts.views.entry import client_address, see_other


@never_cache
@require_http_methods(["GET", "POST"])
def reset_request(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail; the answer never says whether the address is known."""
    if not settings.MAIL_IS_CONFIGURED:
        return render(request, "accounts/reset_request.html", {})
    form = ResetRequestForm(request.POST or None)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            reset.request_password_reset(email, client_address=client_address(request))
        except reset.TooManyResets as too_many:
            form.add_error(None, str(too_many))
            status = 429
        else:
            return render(request, "accounts/reset_request.html", {"sent_to": email})
    return render(request, "accounts/reset_request.html", {"form": form}, status=status)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def reset_confirm(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Choose the new password; the link works once."""
    try:
        user = reset.user_of_link(uid, token)
    except reset.LinkIsOver as over:
        return render(request, "accounts/reset_confirm.html", {"over": str(over)}, status=410)
    form = NewPasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        reset.reset_password(uid, token, password=form.cleaned_data["password"])
        messages.success(request, "Your password is set. Sign in with it.")
        return see_other("accounts:login")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "person": user}
    return render(request, "accounts/reset_confirm.html", context, status=status)
