"""Writes that concern traces, a module a subject; the names used all over stand here as well."""

from traces.services.settling import keep_events, settle_traces
from traces.services.upkeep import (
    Notice,
    delete_project_data,
    drop_expired_partitions,
    forget_old_notices,
    group_of,
    make_partitions_ahead,
    note_intake,
    own_connection,
)

__all__ = [
    "Notice",
    "delete_project_data",
    "drop_expired_partitions",
    "forget_old_notices",
    "group_of",
    "keep_events",
    "make_partitions_ahead",
    "note_intake",
    "own_connection",
    "settle_traces",
]
