"""The rules of all projects in this process, for intake: remembered, and fresh within a second."""

from __future__ import annotations

import time

from features.mapping import NO_RULES, Rule, RuleTable, condition_of
from features.models import MappingRule

REMEMBERED_SECONDS = 1.0
MOST_REMEMBERED = 10_000


class Mapper:
    """Hands out the rules of a project. Safe across threads: entries are replaced whole.

    A project whose rules did not change keeps its table, with what that remembers.
    """

    def __init__(self) -> None:
        self._tables: dict[int, tuple[float, RuleTable]] = {}

    def recall(self, project_id: int) -> RuleTable | None:
        """The rules, if they were read within the last second; never touches the database."""
        known = self._tables.get(project_id)
        if known is None or time.monotonic() - known[0] > REMEMBERED_SECONDS:
            return None
        return known[1]

    def known(self, project_id: int) -> RuleTable:
        """The rules as they were last read, however long ago; never touches the database."""
        known = self._tables.get(project_id)
        return NO_RULES if known is None else known[1]

    def table(self, project_id: int) -> RuleTable:
        """The rules, read where they are not remembered."""
        if (remembered := self.recall(project_id)) is not None:
            return remembered
        read_at = time.monotonic()
        table = rules_of(project_id)
        known = self._tables.get(project_id)
        if known is not None and known[1].rules == table.rules:
            table = known[1]
        if len(self._tables) > MOST_REMEMBERED:
            self._tables.clear()
        self._tables[project_id] = (read_at, table)
        return table

    def forget(self, project_id: int) -> None:
        """Read the rules of a project again; called in the process that changed them."""
        self._tables.pop(project_id, None)


def rules_of(project_id: int) -> RuleTable:
    """The rules of a project as they stand, in order."""
    rows = (
        MappingRule.objects.filter(project_id=project_id)
        .order_by("place")
        .values_list("feature__name", "conditions")
    )
    rules = tuple(
        Rule(name, tuple(condition_of(one) for one in conditions)) for name, conditions in rows
    )
    return RuleTable(rules) if rules else NO_RULES


MAPPER = Mapper()
