"""How good the answers of prompts were, beside the bar: what the list of prompts says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from django.db import connection

from traces.models import DataType
from traces.queries.score_definitions import meanings
from traces.values.score_bars import Bar

# A trace is scored some time after its calls began.
_SCORED_LATER = timedelta(days=1)


@dataclass(frozen=True)
class Quality:
    """The mean of one score over the traces that used a prompt; a trace counts once."""

    score: str
    mean: float
    traces: int
    bar: Bar

    @property
    def is_below(self) -> bool:
        """True on the wrong side of its bar."""
        assert self.bar.number is not None  # noqa: S101  (only such bars are asked about)
        return self.mean > self.bar.number if self.bar.is_most else self.mean < self.bar.number


def quality_of_prompts(
    project_id: int, names: list[str], *, since: datetime, until: datetime
) -> dict[str, Quality]:
    """By prompt: the primary score of a feature that calls it, else the one given most often.

    Only numbers with a bar are told of. Two statements; they begin at the scores, of which there
    are far fewer than spans.
    """
    known = meanings(project_id)
    bars = {
        name: bar
        for name, bar in known.bars.items()
        if bar.data_type == DataType.NUMBER and bar.number is not None
    }
    if not names or not bars:
        return {}
    sql = """
        with given as (
            select trace_id, name, avg(num) as num from score
            where project_id = %(project)s and name = any(%(scores)s) and num is not null
              and at >= %(since)s and at < %(until)s and trace_id <> ''
            group by 1, 2),
        used as (
            select distinct trace_id, prompt_name, feature from span
            where project_id = %(project)s and prompt_name = any(%(prompts)s)
              and trace_id in (select trace_id from given)
              and start_time >= %(began)s and start_time < %(until)s)
        select used.prompt_name, given.name, count(*), avg(given.num),
               bool_or(given.name = %(primary)s::jsonb ->> used.feature)
        from used join given using (trace_id)
        group by 1, 2 order by 1, 5 desc nulls last, 3 desc, 2
    """
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            {
                "project": project_id,
                "scores": list(bars),
                "prompts": names,
                "since": since,
                "until": until,
                "began": since - _SCORED_LATER,
                "primary": orjson.dumps(known.primary).decode(),
            },
        )
        rows = cursor.fetchall()
    found: dict[str, Quality] = {}
    for prompt, score, count, mean, _ in rows:
        found.setdefault(prompt, Quality(score, float(mean), count, bars[score]))
    return found
