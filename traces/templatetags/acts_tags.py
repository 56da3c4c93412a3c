"""What the templates of acts on many traces, and of saved views, ask."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.urls import reverse

from accounts.access import Door
from accounts.models import Role, User
from traces.pages.view_picker import Picker, picker
from traces.queries.saved_views import views_for
from traces.values.acts import acts

register = template.Library()


@register.filter
def may(door: Door | None, least: str) -> bool:
    """Whether who looks has at least this role."""
    return door is not None and door.may(Role(least))


@register.simple_tag(takes_context=True)
def bulk_acts(context: Context) -> list[dict[str, Any]]:
    """What other apps can do with the chosen traces, for who may have it done."""
    door: Door | None = getattr(context["request"], "door", None)
    if door is None:
        return []
    return [
        {
            "kind": act.kind,
            "verb": act.verb,
            "icon": act.icon,
            "key": act.key,
            "fields_url": reverse(act.fields, args=[door.project.slug]),
        }
        for act in acts()
        if door.may(Role(act.least))
    ]


@register.simple_tag(takes_context=True)
def saved_views(context: Context) -> Picker | None:
    """The saved views of who looks, told apart from what the address says."""
    request: Any = context["request"]
    door: Door | None = getattr(request, "door", None)
    if door is None or not isinstance(request.user, User):
        return None
    return picker(views_for(door.project.pk, request.user), request.GET, request.user, door.role)
