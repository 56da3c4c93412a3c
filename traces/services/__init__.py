"""Writes that concern traces, a module a subject; the names used all over stand here as well."""

from traces.services.notices import Notice, forget_old_notices, note_intake
from traces.services.settling import keep_events, settle_traces
from traces.services.upkeep import (
    delete_project_data,
    drop_expired_partitions,
    make_partitions_ahead,
)

__all__ = [
    "Notice",
    "delete_project_data",
    "drop_expired_partitions",
    "forget_old_notices",
    "keep_events",
    "make_partitions_ahead",
    "note_intake",
    "settle_traces",
]
