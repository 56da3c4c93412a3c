"""Writes that concern traces, a module a subject; the names used all over stand here as well."""

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
    "make_partitions_ahead",
    "note_intake",
    "own_connection",
]
