"""What the templates of acts on many traces, and of saved views, ask."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from accounts.access import Door
from accounts.models import Role, User
from traces.pages.view_picker import Picker, picker
from traces.queries.saved_views import views_for

register = template.Library()


@register.filter
def may(door: Door | None, least: str) -> bool:
    """Whether who looks has at least this role."""
    return door is not None and door.may(Role(least))


@register.simple_tag(takes_context=True)
def saved_views(context: Context) -> Picker | None:
    """The saved views of who looks, told apart from what the address says."""
    request: Any = context["request"]
    door: Door | None = getattr(request, "door", None)
    if door is None or not isinstance(request.user, User):
        return None
    return picker(views_for(door.project.pk, request.user), request.GET, request.user, door.role)
