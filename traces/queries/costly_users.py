"""What each user cost over some hours, evaluators with it: from the totals of traces."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

MOST = 50
_COST = """
select user_id, sum(cost_nano + evaluator_nano)::int8 as cost from trace
where project_id = %(project)s and start_time >= %(since)s and start_time < %(until)s
  and user_id <> '' and cost_nano is not null and cost_nano + evaluator_nano > 0
  and (%(feature)s = '' or feature = %(feature)s)
  and (%(users)s::text[] is null or user_id = any(%(users)s::text[]))
group by user_id order by cost desc, user_id limit %(most)s
"""


def cost_by_user(
    project_id: int,
    since: datetime,
    until: datetime,
    *,
    feature: str = "",
    users: Sequence[str] | None = None,
) -> dict[str, int]:
    """Nano-dollars by user of traces that began in that time, the 50 dearest; of `users` alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            _COST,
            {
                "project": project_id, "since": since, "until": until, "feature": feature,
                "users": None if users is None else list(users), "most": MOST,
            },
        )  # fmt: skip
        return {str(user): int(nano) for user, nano in cursor.fetchall()}
