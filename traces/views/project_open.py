"""What waits for whoever looks at a project: errors for all, what they may change for engineers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils import timezone

from accounts.access import Door
from accounts.models import Role
from accounts.overview_panels import panels_for
from accounts.queries import list_keys
from kit.figures import count
from traces.queries.criteria import Criteria
from traces.queries.intake import list_notices
from traces.queries.lists import list_traces
from traces.queries.usage import span_figures
from traces.views.compared import Compared
from traces.views.scoped import traces_href

NEWEST = 5
EXPIRING = timedelta(days=14)


def open_for(door: Door, asked: Compared) -> dict[str, Any]:
    """What waits for whoever looks: errors for all, what they may change for engineers."""
    criteria = Criteria(
        since=asked.scope.since,
        until=asked.scope.until,
        environment=asked.scope.environment,
        status="error",
    )
    panels = panels_for(door)
    common = {
        "errors": list_traces(door.project.pk, criteria, limit=NEWEST).rows,
        "errors_href": traces_href(
            door.project, env=asked.scope.environment, t=asked.t, status="error"
        ),
        "open_panels": [panel for panel in panels if panel.is_open],
        "more_panels": [panel for panel in panels if not panel.is_open],
    }
    if not door.may(Role.ENGINEER):
        return common
    return common | {
        "todo": [*_unpriced(door, asked), *_expiring(door)],
        "notices": list_notices(door.project, since=asked.scope.since, limit=4),
    }


def _unpriced(door: Door, asked: Compared) -> list[dict[str, Any]]:
    """One line for the models that cost nobody knows what."""
    found = [
        one
        for one in span_figures(asked.scope, ["model"], with_latencies=False)
        if one.unpriced > 0
    ]
    if not found:
        return []
    found.sort(key=lambda one: (-one.unpriced, one.key))
    names = ", ".join(one.key[0] or "no name" for one in found[:3])
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    first = found[0].key[0]
    href = reverse("pricing:prices", args=[door.project.slug])
    return [
        {
            "icon": "coin",
            "text": f"{count(sum(one.unpriced for one in found))} calls have no price",
            "facts": f"{names}{more}",
            "href": f"{href}?model={quote(first)}#set",
            "action": "Set a price" if door.may(Role.ADMIN) else "Prices",
        }
    ]


def _expiring(door: Door) -> list[dict[str, Any]]:
    edge = timezone.now() + EXPIRING
    return [
        {
            "icon": "key",
            "text": f"The key “{row.key.name}” ends",
            "at": row.key.expires_at,
            "facts": "it was rotated" if row.is_rotated else "",
            "href": reverse("accounts:keys", args=[door.project.slug]),
            "action": "Keys",
        }
        for row in list_keys(door.project)
        if row.is_live and row.key.expires_at and row.key.expires_at < edge
    ]
