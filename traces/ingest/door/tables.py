"""What intake must know of a project to price and name its spans: read once a second."""

from __future__ import annotations

from typing import NamedTuple

from features.mapper import MAPPER
from features.mapping import RuleTable
from pricing.pricer import PRICER
from pricing.project_table import ProjectTable


class Tables(NamedTuple):
    """A project's prices, and the rules that name the features of its spans."""

    prices: ProjectTable
    rules: RuleTable


def recall(project_id: int) -> Tables | None:
    """Both, where they were read within the last second; never touches the database."""
    prices, rules = PRICER.recall(project_id), MAPPER.recall(project_id)
    return None if prices is None or rules is None else Tables(prices, rules)


def read(project_id: int) -> Tables:
    """Both, read where they are not remembered."""
    return Tables(PRICER.table(project_id), MAPPER.table(project_id))
