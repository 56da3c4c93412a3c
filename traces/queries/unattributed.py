"""What the newest spans without a feature have in common: names, model, environment, prompt.

Roll-ups know no names, so this looks at spans: the newest MOST that called or cost, within a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from traces.queries.criteria import HIDDEN_ENVIRONMENT

MOST = 20_000
MOST_GROUPS = 5_000
TIMEOUT_MS = 3_000

_GROUPS = """
with s as (
  select trace_id, name, environment, coalesce(model, model_requested) as model, prompt_name,
    cost_nano from span
  where project_id = %(project)s and start_time >= %(since)s and start_time < %(until)s
    and coalesce(feature, '') = '' and environment is distinct from %(hidden)s
    and (cost_nano > 0 or counts)
  order by start_time desc limit %(most)s)
select s.name, t.name, s.environment, s.model, s.prompt_name, count(*),
  coalesce(sum(s.cost_nano), 0)
from s left join trace t on t.project_id = %(project)s and t.trace_id = s.trace_id
group by 1, 2, 3, 4, 5 order by 7 desc, 6 desc limit %(groups)s
"""


@dataclass(frozen=True)
class Group:
    """Spans that say the same. None: they do not say it. Money in nano-dollars."""

    span: str | None
    trace: str | None
    environment: str | None
    model: str | None
    prompt: str | None
    spans: int
    cost: int


def unattributed_groups(project_id: int, since: datetime, until: datetime) -> list[Group]:
    """Groups of the newest MOST such spans, the dearest first.

    Raises: OperationalError where it takes too long.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select set_config('statement_timeout', %s, true)", [str(TIMEOUT_MS)])
        cursor.execute(
            _GROUPS,
            {
                "project": project_id, "since": since, "until": until, "most": MOST,
                "groups": MOST_GROUPS, "hidden": HIDDEN_ENVIRONMENT,
            },
        )  # fmt: skip
        rows = cursor.fetchall()
    return [Group(*row[:5], *map(int, row[5:])) for row in rows]
