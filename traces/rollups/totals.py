"""`usage_total`: the days of `usage_hour` a row a dimension, so that a page reads months of them.

A day has as many rows as features, models and prompts together, not times one another
(docs/adr/0025). Whoever folds hours into days adds the same fresh rows here, in that statement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import IntEnum

from traces.rollups.usage import SUMS


class Total(IntEnum):
    """What the spans of a day are told apart by, the environment aside."""

    FEATURE = 1
    MODEL = 2
    PROMPT = 3


COLUMNS: Mapping[Total, frozenset[str]] = {
    Total.MODEL: frozenset({"model", "provider"}),
    Total.FEATURE: frozenset({"feature"}),
    Total.PROMPT: frozenset({"prompt_name", "prompt_version"}),
}
TEXTS = ("feature", "model", "provider", "prompt_name", "prompt_version")
KEY = f"project_id, day, dimension, environment, {', '.join(TEXTS)}, sampled"


def total_of(asked: Collection[str]) -> Total | None:
    """The dimension whose rows answer for these columns; None where no single one does."""
    wanted = {*asked} - {"day", "environment"}
    return next((one for one, columns in COLUMNS.items() if wanted <= columns), None)


def told_apart(source: str) -> str:
    """SQL of the rows `d` that one row of `source`, with the columns of hours, makes."""
    rows = (
        f"({int(one)}::smallint, "
        + ", ".join(f"{source}.{name}" if name in columns else "''" for name in TEXTS)
        + ")"
        for one, columns in COLUMNS.items()
    )
    return f"(values {', '.join(rows)}) d (dimension, {', '.join(TEXTS)})"


_SUMMED = ", ".join(f"sum({name}) as {name}" for name in SUMS)
_SUMS = ", ".join(SUMS)
# Follows `news`, the fresh rows of whole hours with their day (`traces.rollups.compaction`).
FOLD_TOTALS = f"""
  totals as (
    delete from usage_total u using (select distinct project_id, day from news) d
    where u.project_id = d.project_id and u.day = d.day returning u.*),
  kept_totals as (
    insert into usage_total ({KEY}, {_SUMS})
    select {KEY}, {_SUMMED} from (
      select {KEY}, {_SUMS} from totals union all
      select n.project_id, n.day, d.dimension, n.environment,
        {", ".join(f"d.{name}" for name in TEXTS)}, n.sampled,
        {", ".join(f"n.{name}" for name in SUMS)}
      from news n cross join lateral {told_apart("n")}) b
    group by {KEY} having {" or ".join(f"sum({name}) <> 0" for name in SUMS)} returning 1),"""  # noqa: S608
