"""All traces that meet criteria, a step at a time: what a job is made of."""

from __future__ import annotations

from dataclasses import dataclass

from traces.queries.criteria import Criteria, matching, plan_of
from traces.queries.orders import NEWEST, Key
from traces.queries.patience import Clock, TimeUp, limited
from traces.queries.summaries import COLUMNS, summary
from traces.queries.verifying import Candidate, answered, matches

STEP = 5000  # ids that SQL alone finds
CONTENT_STEP = 300  # rows whose content is read
SECONDS_A_STEP = 240.0


@dataclass(frozen=True)
class Step:
    """Ids found, newest first; `key` is where the next step goes on, None at the end."""

    ids: list[str]
    key: Key | None


def choose(project_id: int, criteria: Criteria, after: Key | None) -> Step:
    """The next traces below `after` that meet `criteria`; few or none says nothing of the rest.

    Raises: TimeUp.
    """
    clock = Clock(soft=SECONDS_A_STEP, hard=SECONDS_A_STEP)
    plan = plan_of(project_id, criteria)
    rows, names = answered(matching(project_id, criteria), plan)
    rows = NEWEST.ordered(project_id, rows)
    if after is not None:
        rows = NEWEST.after(rows, after)
    if not plan.needs_content:
        with clock.statement():
            found = list(rows.values_list("start_time", "trace_id")[:STEP])
        return Step([row[1] for row in found], found[-1] if len(found) == STEP else None)
    width = len(COLUMNS)
    with clock.statement():
        candidates = [
            Candidate(summary(tuple(row[:width])), row[width], tuple(map(bool, row[width + 1 :])))
            for row in rows.values_list(*COLUMNS, "sort_key", *names)[:CONTENT_STEP]
        ]
    hits = matches(plan, candidates, clock)
    ids = [one.row.trace_id for one, is_hit in zip(candidates, hits, strict=True) if is_hit]
    last = candidates[-1] if len(candidates) == CONTENT_STEP else None
    return Step(ids, None if last is None else (last.row.start_time, last.row.trace_id))


def count_matching(project_id: int, criteria: Criteria, *, seconds: float = 4.0) -> int | None:
    """How many there are; None where that is not known in time, or only the content can tell."""
    if plan_of(project_id, criteria).needs_content:
        return None
    try:
        with limited(seconds):
            return matching(project_id, criteria).count()
    except TimeUp:
        return None
