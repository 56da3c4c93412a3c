"""What a change of prices would do to stored spans: exact where they are few, else from a part."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

from pricing.project_table import ProjectTable, provider_fits
from pricing.recosting import Change, DayCost, Preview
from traces.queries.calls import ask, concerned
from traces.recosting.stored import CONTENT, STORED_COLUMNS, read

LOOKED_AT = 5000  # spans read with their content while somebody waits: about a second
# Ranges tried in turn where counting takes too long.
_NARROWER = (None, timedelta(days=7), timedelta(days=1), timedelta(hours=1))
_PARTS = 65_536

_COUNTED = """
select (s.start_time at time zone 'UTC')::date, s.provider, count(*), coalesce(sum(s.cost_nano), 0)
from span s where {where} group by 1, 2
"""
# The same spans each time, spread over the whole range.
_SAMPLED = f"""
select {STORED_COLUMNS} from span s {CONTENT}
where {{where}} and (hashtext(s.trace_id || s.span_id) & {_PARTS - 1}) < %(cut)s
order by s.start_time desc, s.trace_id, s.span_id limit {2 * LOOKED_AT}
"""  # noqa: S608


def preview(change: Change, table: ProjectTable) -> Preview:
    """Costs of the spans that `change` concerns, now and by `table`, by day.

    Up to LOOKED_AT spans all of them are computed. Of more, an even part is, and scaled day by
    day; the counts and the costs now are exact still, and `is_exact` is False.
    """
    counted = _counted(change)
    if counted is None:
        return Preview(is_exact=False, is_complete=False)
    spans, before, narrowed = counted
    total = sum(spans.values())
    if not total:
        return Preview(is_complete=narrowed is change)
    where, parameters = concerned(narrowed)
    parameters["cut"] = _PARTS if total <= LOOKED_AT else max(1, _PARTS * LOOKED_AT // total)
    rows = ask(_SAMPLED.format(where=where), parameters)
    if rows is None:
        return Preview(spans=total, is_exact=False, is_complete=False)
    looked: dict[date, int] = defaultdict(int)
    apart: dict[date, int] = defaultdict(int)
    totals = {"changed": 0, "newly_priced": 0, "newly_unpriced": 0}
    for row in rows:
        stored, differs = read(row, table)
        if not provider_fits(change.provider, stored.provider):
            continue
        day = datetime.fromtimestamp(stored.start_us // 1_000_000, UTC).date()
        looked[day] += 1
        if differs:
            after = stored.now[0]
            apart[day] += (after or 0) - (stored.cost_nano or 0)
            totals["changed"] += 1
            totals["newly_priced"] += stored.cost_nano is None and after is not None
            totals["newly_unpriced"] += stored.cost_nano is not None and after is None
    seen = sum(looked.values())
    is_exact = seen == total
    if not is_exact and seen:
        totals = {name: number * total // seen for name, number in totals.items()}
    days = [
        DayCost(day, spans[day], before[day], before[day] + _scaled(apart, looked, spans, day))
        for day in sorted(spans, reverse=True)
    ]
    return Preview(
        spans=total,
        looked_at=seen,
        before_nano=sum(day.before_nano for day in days),
        after_nano=sum(day.after_nano for day in days),
        is_exact=is_exact,
        is_complete=narrowed is change,
        days=days,
        **totals,
    )


def _scaled(
    apart: dict[date, int], looked: dict[date, int], spans: dict[date, int], day: date
) -> int:
    """The difference of a day, from the part of its spans that was looked at."""
    if looked[day] == spans[day]:
        return apart[day]
    if looked[day]:
        return apart[day] * spans[day] // looked[day]
    seen = sum(looked.values())  # none of this day's: as on the others
    return sum(apart.values()) * spans[day] // seen if seen else 0


def _counted(change: Change) -> tuple[dict[date, int], dict[date, int], Change] | None:
    """Spans and cost now by day, of the whole change or of as much as can be counted in time."""
    for window in _NARROWER:
        narrowed = change
        if window is not None:
            edge = min(change.until or timezone.now(), timezone.now()) - window
            if change.since is not None and change.since >= edge:
                continue
            narrowed = replace(change, since=edge)
        where, parameters = concerned(narrowed)
        rows = ask(_COUNTED.format(where=where), parameters)
        if rows is None:
            continue
        spans: dict[date, int] = defaultdict(int)
        before: dict[date, int] = defaultdict(int)
        for day, provider, count, cost in rows:
            if provider_fits(change.provider, provider):
                spans[day] += count
                before[day] += int(cost)
        return spans, before, narrowed
    return None
