"""Names that mean the same in every dialect: users, sessions, deployment, our own."""

from __future__ import annotations

from typing import Any

from traces.ingest.dialects.fields import Dialect, Slot, identity, text


def service(value: Any) -> str | None:
    """Return the service's name; SDKs write `unknown_service` where nobody gave one."""
    known = text(value)
    return None if known is None or known.startswith("unknown_service") else known


# Our own names, on a span or on the resource.
_OURS = {
    "roadworthy.feature": (Slot("feature"),),
    "roadworthy.user.segment": (Slot("user_segment"),),
    "roadworthy.index.name": (Slot("index_name"),),
    "roadworthy.index.version": (Slot("index_version"),),
}

GENERAL = Dialect(
    name="general",
    rank=0,
    fields={
        **_OURS,
        "user.id": (Slot("user_id", identity, 1),),
        "enduser.id": (Slot("user_id", identity, 2),),
        "session.id": (Slot("session_id", identity, 1),),
        "error.type": (Slot("error_type"),),
        "deployment.environment.name": (Slot("environment", order=8),),
        "deployment.environment": (Slot("environment", order=9),),
    },
)

# What a resource says for all its spans; a span's own value wins.
RESOURCE = Dialect(
    name="resource",
    rank=0,
    fields={
        **_OURS,
        "service.name": (Slot("feature", service, 9),),
        "service.version": (Slot("release", order=9),),
        "deployment.environment.name": (Slot("environment", order=8),),
        "deployment.environment": (Slot("environment", order=9),),
    },
)
