"""Names that mean the same in every dialect: users, sessions, deployment, our own."""

from __future__ import annotations

from typing import Any

from traces.ingest.dialects.fields import Convert, Dialect, Slot, identity, text


def service(value: Any) -> str | None:
    """Return the service's name; SDKs write `unknown_service` where nobody gave one."""
    known = text(value)
    return None if known is None or known.startswith("unknown_service") else known


# Our own names, on a span or on the resource, and the columns they fill.
OURS = {
    "roadworthy.feature": "feature",
    "roadworthy.user.segment": "user_segment",
    "roadworthy.index.name": "index_name",
    "roadworthy.index.version": "index_version",
    "roadworthy.route": "route",
}
_OURS = {name: (Slot(column),) for name, column in OURS.items()}


def ours_below(
    *prefixes: str, convert: Convert = text, order: int = 0
) -> dict[str, tuple[Slot, ...]]:
    """Return our own names as they stand among the metadata of clients that know no others."""
    return {
        prefix + name: (Slot(column, convert, order),)
        for prefix in prefixes
        for name, column in OURS.items()
    }


GENERAL = Dialect(
    name="general",
    rank=11,
    fields={
        **_OURS,
        "roadworthy.trace.name": (Slot("trace.name"),),
        "user.id": (Slot("user_id", identity, 1),),
        "enduser.id": (Slot("user_id", identity, 2),),
        "session.id": (Slot("session_id", identity, 1),),
        "error.type": (Slot("error_type"),),
        # The SDKs' own names for it, on the span or on its resource, are surer.
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
        "langfuse.environment": (Slot("environment"),),
        "langfuse.release": (Slot("release"),),
        "langfuse.version": (Slot("version"),),
        "service.name": (Slot("service", service),),
        "service.version": (Slot("release", order=9),),
        "deployment.environment.name": (Slot("environment", order=8),),
        "deployment.environment": (Slot("environment", order=9),),
    },
)
