"""When nothing is sent: maintenance, the project's quiet hours, and one's own."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import enter
from accounts.models import Role
from accounts.views.entry import person, see_other
from alerts.models import MaintenanceWindow
from alerts.on_call_forms import HoursForm, MaintenanceForm
from alerts.queries.quiet import hours_of, list_windows, window_of
from alerts.quiet import window_end
from alerts.services import quiet as services
from alerts.services.errors import BadRotation


@require_http_methods(["GET", "POST"])
@login_required
def quiet(request: HttpRequest, project_slug: str) -> HttpResponse:
    """Maintenance and quiet hours; POST plans a window."""
    is_post = request.method == "POST"
    door = enter(request, project_slug, least=Role.ENGINEER if is_post else Role.VIEWER)
    form, status = MaintenanceForm(request.POST if is_post else None, project=door.project), 200
    if is_post:
        try:
            if form.is_valid():
                services.plan_maintenance(door.project, **form.cleaned_data, actor=person(request))
                messages.success(request, "Planned; what still stands at its end is told then.")
                return see_other("alerts:quiet", project_slug)
        except BadRotation as bad:
            form.add_error(bad.where if bad.where in form.fields else None, str(bad))
        status = 422
    now = timezone.now()
    project_hours, own = hours_of(project=door.project), hours_of(person=person(request))
    context = {
        "title": "Quiet",
        "crumbs": [{"text": "Alerts", "href": reverse("alerts:incidents", args=[project_slug])}],
        "nav_current": "alerts",
        "rows": [
            {"window": one, "until": window_end(window_of(one), now)}
            for one in list_windows(door.project, now)
        ],
        "form": form,
        "project_hours": project_hours,
        "own_hours": own,
        "project_form": HoursForm(hours=project_hours, whose="project"),
        "own_form": HoursForm(hours=own, whose="own"),
        "may_write": door.may(Role.ENGINEER),
        "may_settle": door.may(Role.ADMIN),
    }
    return render(request, "alerts/quiet.html", context, status=status)


@require_POST
@login_required
def quiet_hours(request: HttpRequest, project_slug: str) -> HttpResponse:
    """Set or take back (`act=remove`) the quiet hours of oneself, or of the project (`of`)."""
    is_own = request.POST.get("of") == "own"
    door = enter(request, project_slug, least=Role.VIEWER if is_own else Role.ADMIN)
    whose = person(request) if is_own else None
    form = HoursForm(request.POST, whose="own" if is_own else "project")
    try:
        if request.POST.get("act") == "remove":
            services.set_quiet_hours(
                project=door.project, person=whose, hours=None, actor=person(request)
            )
            messages.success(request, "No quiet hours any more.")
        elif form.is_valid():
            services.set_quiet_hours(
                project=door.project, person=whose, hours=form.wanted(), actor=person(request)
            )
            messages.success(request, "Saved; pages are sent all the same.")
        else:
            name, errors = next(iter(form.errors.items()))
            messages.error(request, f"Nothing was saved. {form[name].label}: {errors[0]}")
    except BadRotation as bad:
        messages.error(request, f"Nothing was saved. {bad}")
    return see_other("alerts:quiet", project_slug)


@require_POST
@login_required
def maintenance_end(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """The window is over, or does not come."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    rows = MaintenanceWindow.objects.filter(project=door.project, pk=min(pk, 2**63 - 1))
    found = rows.select_related("project__organization").first()
    if found is None:
        raise Http404("The project has no such window.")
    services.cancel_maintenance(found, actor=person(request))
    messages.success(request, "Over; what it held back is told now.")
    return see_other("alerts:quiet", project_slug)
