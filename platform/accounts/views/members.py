"""Who may enter the project, as what, and who is invited."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import queries
from accounts.access import Door, enter
from accounts.forms import InviteForm, RoleForm
from accounts.models import Membership, Role
from accounts.services import invitations, members, reset
from accounts.settings_frame import settings_context
from accounts.views.entry import person, see_other

# What each role may do beyond those before it, in words.
ABILITIES = (
    (Role.VIEWER, "Reads traces, scores and figures; copies links."),
    (Role.ENGINEER, "Makes, rotates and revokes keys; changes what is worked on."),
    (Role.REVIEWER, "Approves what others propose; scores and labels."),
    (Role.ADMIN, "Invites and removes members, renames the project, gives keys the admin scope."),
    (Role.OWNER, "Deletes the project, names other owners."),
)


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def member_list(request: HttpRequest, project_slug: str) -> HttpResponse:
    """People, roles and invitations; POST invites and shows the link."""
    door = enter(request, project_slug)
    if request.method == "GET":
        return _page(request, door)
    door.require(Role.ADMIN)
    form = _invite_form(request, door, request.POST)
    if not form.is_valid():
        return _page(request, door, form=form, status=422)
    project = door.project
    try:
        invited = invitations.invite(
            form.cleaned_data["email"],
            Role(form.cleaned_data["role"]),
            project.organization,
            project=project if form.cleaned_data["reach"] == "project" else None,
            actor=person(request),
        )
    except members.AboveYou as above:
        form.add_error("role", str(above))
        return _page(request, door, form=form, status=422)
    return _page(request, door, invited=invited)


@require_POST
@login_required
def member_role(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Give a member another role."""
    door = enter(request, project_slug, least=Role.ADMIN)
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise Http404("No such role.")
    row = _membership(door, pk)
    members.change_role(row, Role(form.cleaned_data["role"]), actor=person(request))
    messages.success(request, f"{row.user.display_name} is now {form.cleaned_data['role']}.")
    return see_other("accounts:members", door.project.slug)


@require_POST
@login_required
def member_remove(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Remove a member, or leave."""
    door = enter(request, project_slug)
    row = _membership(door, pk)
    is_self = row.user_id == person(request).pk
    if not is_self:
        door.require(Role.ADMIN)
    members.remove_member(row, actor=person(request))
    if is_self:
        messages.success(request, f"You left {door.project.name}.")
        return see_other("accounts:home")
    messages.success(request, f"{row.user.display_name} was removed.")
    return see_other("accounts:members", door.project.slug)


@never_cache
@require_POST
@login_required
def member_reset(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Show a link to hand to a member who lost their password; only where no mail is set up."""
    door = enter(request, project_slug, least=Role.ADMIN)
    if settings.MAIL_IS_CONFIGURED:
        raise Http404("People reset their passwords by mail here.")
    user = _membership(door, pk).user
    link = reset.make_reset_link(user, door.project.organization, actor=person(request))
    return _page(request, door, reset_link=link, reset_for=user)


@require_POST
@login_required
def invitation_revoke(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Make an invitation's link worthless."""
    door = enter(request, project_slug, least=Role.ADMIN)
    row = get_object_or_404(queries.list_open_invitations(door.project), pk=pk)
    invitations.revoke_invitation(row, actor=person(request))
    messages.success(request, f"The invitation of {row.email} was revoked.")
    return see_other("accounts:members", door.project.slug)


def _membership(door: Door, pk: int) -> Membership:
    return get_object_or_404(queries.memberships_of(door.project), pk=pk)


def _invite_form(request: HttpRequest, door: Door, data: Any = None) -> InviteForm:
    whole = Membership.objects.filter(
        user=person(request), organization=door.project.organization, project=None
    ).first()
    return InviteForm(
        data,
        project=door.project,
        most=door.role,
        whole=whole is not None and Role(whole.role).rank >= Role.ADMIN.rank,
    )


def _page(
    request: HttpRequest,
    door: Door,
    *,
    form: InviteForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    is_admin = door.may(Role.ADMIN)
    context = {
        **settings_context(door, "members", "Members"),
        "members": queries.list_members(door.project),
        "invitations": queries.list_open_invitations(door.project) if is_admin else [],
        "abilities": ABILITIES,
        "roles": [role for role in Role if role.rank <= door.role.rank],
        "is_admin": is_admin,
        "form": (form or _invite_form(request, door)) if is_admin else None,
        **more,
    }
    return render(request, "accounts/member_list.html", context, status=status)
