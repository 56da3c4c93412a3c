"""Schema changes that make no writer wait: helpers for partitioned tables."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.utils import CursorWrapper

LOCK_TIMEOUT_MS = 900  # the contract: no migration makes a writer wait over a second


def partitions_of(cursor: CursorWrapper, table: str) -> list[str]:
    """Names of the attached partitions of `table`."""
    cursor.execute(
        "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid "
        "where i.inhparent = to_regclass(%s) order by c.relname",
        [table],
    )
    return [row[0] for row in cursor.fetchall()]


class AddPartitionedIndex(migrations.RunPython):
    """Adds an index to a partitioned table without blocking its writers.

    ON ONLY the parent first (instant, invalid), then CONCURRENTLY on each partition, then ATTACH;
    the parent's index becomes valid with the last one. The migration must be `atomic = False`.
    """

    def __init__(self, *, table: str, name: str, on: str) -> None:
        self.table, self.index, self.on = table, name, on
        super().__init__(self._add, self._drop, atomic=False)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """For Django's migration writer."""
        return self.__class__.__name__, [], {"table": self.table, "name": self.index, "on": self.on}

    def _add(self, apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        with editor.connection.cursor() as cursor:
            cursor.execute(f"set lock_timeout = {LOCK_TIMEOUT_MS}")
            cursor.execute(
                f"create index if not exists {self.index} on only {self.table} {self.on}"
            )
            for partition in partitions_of(cursor, self.table):
                part = f"{partition}_{self.index}"[:63]
                # A failed concurrent build leaves an invalid index of that name: begin it anew.
                cursor.execute(
                    "select 1 from pg_index where indexrelid = to_regclass(%s) and not indisvalid",
                    [part],
                )
                if cursor.fetchone():
                    cursor.execute(f"drop index concurrently {part}")
                cursor.execute(
                    f"create index concurrently if not exists {part} on {partition} {self.on}"
                )
                cursor.execute(f"alter index {self.index} attach partition {part}")
            cursor.execute("reset lock_timeout")

    def _drop(self, apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        with editor.connection.cursor() as cursor:
            cursor.execute(f"drop index if exists {self.index}")
