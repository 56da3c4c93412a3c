"""The tables of all projects in this process, for intake: remembered, and fresh within a second.

Whoever changes a price announces it to the group PRICES_CHANGED, and every process forgets at once;
the second is the backstop. A project whose prices did not change keeps its table, with what that
remembers.
"""

from __future__ import annotations

import time
from typing import Any

from pricing.base_table import load
from pricing.models import Price
from pricing.project_table import ProjectTable
from pricing.terms import own_price

PRICES_CHANGED = "prices"  # group of the channel layer
REMEMBERED_SECONDS = 1.0
MOST_REMEMBERED = 10_000


class Pricer:
    """Hands out the table of a project. Safe across threads: entries are replaced whole."""

    def __init__(self) -> None:
        self._tables: dict[int, tuple[float, list[tuple[Any, ...]], ProjectTable]] = {}

    def warm(self) -> None:
        """Load the base table now, a third of a second, rather than with the first span."""
        load()

    def recall(self, project_id: int) -> ProjectTable | None:
        """The table, if it was read within the last second; never touches the database."""
        known = self._tables.get(project_id)
        if known is None or time.monotonic() - known[0] > REMEMBERED_SECONDS:
            return None
        return known[2]

    def table(self, project_id: int) -> ProjectTable:
        """The table, read where it is not remembered."""
        remembered = self.recall(project_id)
        if remembered is not None:
            return remembered
        read_at = time.monotonic()
        rows = list(Price.objects.filter(project_id=project_id).order_by("pk"))
        stamp = [tuple(getattr(row, name) for name in _COLUMNS) for row in rows]
        known = self._tables.get(project_id)
        if known is not None and known[1] == stamp:
            table = known[2]
        else:
            table = ProjectTable(own_price(row) for row in rows)
        if len(self._tables) > MOST_REMEMBERED:
            self._tables.clear()
        self._tables[project_id] = (read_at, stamp, table)
        return table

    def forget(self) -> None:
        """Read every table again; called when any price changed."""
        for project_id, (_, stamp, table) in list(self._tables.items()):
            self._tables[project_id] = (-REMEMBERED_SECONDS - 1, stamp, table)


_COLUMNS = [field.attname for field in Price._meta.concrete_fields]

PRICER = Pricer()
