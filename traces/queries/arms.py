"""What calls with one of two versions of a prompt did, minute by minute, by the keys of a split.

Calls without a key do not take part in a split and are other traffic, so only those count whose
user or session has the arm that answered; all of them where no salt is given, because traces name
other keys than reads were made with. The bucket of a key is computed here as in
`prompts.splitting`; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from traces.ingest.record import Kind, Level
from traces.query.compiling import HIDDEN_ENVIRONMENT, PLATFORM_ENVIRONMENT

# What is tried out, by experiments and in the test panel, is no traffic of users.
NOT_TRAFFIC = (HIDDEN_ENVIRONMENT, PLATFORM_ENVIRONMENT)
# First 8 bytes of SHA-256 of `salt:key`, big-endian, modulo 10,000, from two halves of 32 bits:
# 2**32 is 7296 modulo 10,000.
_BUCKET = (
    "(((('x' || substr({hash}, 1, 8))::bit(32)::bigint %% 10000) * 7296"
    " + ('x' || substr({hash}, 9, 8))::bit(32)::bigint) %% 10000)"
)
_HASH = "encode(sha256(convert_to(%(salt)s || ':' || {column}, 'UTF8')), 'hex')"
_CALLS = f"""
    select s.trace_id, s.span_id, date_trunc('minute', s.start_time) as minute,
           s.prompt_version = %(candidate)s as is_new, s.level, s.duration_us, s.cost_nano
    from span s
    where s.project_id = %(project)s and s.prompt_name = %(prompt)s
      and s.prompt_version in (%(base)s, %(candidate)s)
      and s.start_time >= %(since)s and s.start_time < %(until)s
      and s.kind = {Kind.GENERATION:d} and s.counts
      and (s.environment is null or s.environment <> all(%(not_traffic)s))
      and (not %(by_key)s or {{has_arm}})
"""


@dataclass(frozen=True)
class ArmCalls:
    """What is asked: two versions of a prompt, from `since` up to without `until`.

    During a rollout with `salt` and `share` (in hundredths of a percent, the same in all of that
    time) only calls count whose key has the arm; with `salt` '' all of them do.
    """

    project_id: int
    prompt: str
    base: int
    candidate: int
    since: datetime
    until: datetime
    salt: str = ""
    share: int = 0

    @property
    def parameters(self) -> dict[str, Any]:
        """For the statements of this module."""
        return {
            "project": self.project_id,
            "prompt": self.prompt,
            "base": str(self.base),
            "candidate": str(self.candidate),
            "since": self.since,
            "until": self.until,
            "salt": self.salt,
            "share": self.share,
            "by_key": bool(self.salt),
            "not_traffic": list(NOT_TRAFFIC),
        }


@dataclass(frozen=True)
class MinuteOfCalls:
    """One arm in one minute. Sums of what is known; cut values where a ceiling was given.

    `latency` is in microseconds, `cost` in nano-dollars: count, sum, sum of squares.
    """

    minute: datetime
    is_new: bool
    calls: int
    errors: int
    latency: tuple[int, int, int]
    cost: tuple[int, int, int]


@dataclass(frozen=True)
class MinuteOfScores:
    """The scores of one name in one minute of an arm: count, sum, sum of squares.

    `name` '' stands for thumbs of users, where 1 is a thumb down.
    """

    minute: datetime
    is_new: bool
    name: str
    sums: tuple[int, float, float]


def calls_by_minute(
    asked: ArmCalls, *, latency_ceiling: int | None = None, cost_ceiling: int | None = None
) -> list[MinuteOfCalls]:
    """Calls of both arms by the minute in which they began, oldest first."""
    sql = f"""
        with call as ({_has_arm()})
        select minute, is_new, count(*), count(*) filter (where level = {Level.ERROR:d}),
               count(d), coalesce(sum(d), 0), coalesce(sum(d * d), 0),
               count(c), coalesce(sum(c), 0), coalesce(sum(c * c), 0)
        from (select *, least(duration_us, %(latency_ceiling)s)::numeric as d,
                     least(cost_nano, %(cost_ceiling)s)::numeric as c from call) as cut
        group by 1, 2 order by 1, 2
    """
    given = asked.parameters | {"latency_ceiling": latency_ceiling, "cost_ceiling": cost_ceiling}
    return [
        MinuteOfCalls(
            minute, is_new, calls, errors,
            (n_d, int(sum_d), int(squares_d)), (n_c, int(sum_c), int(squares_c)),
        )
        for minute, is_new, calls, errors, n_d, sum_d, squares_d, n_c, sum_c, squares_c
        in _rows(sql, given)
    ]  # fmt: skip


def scores_by_minute(asked: ArmCalls, names: list[str]) -> list[MinuteOfScores]:
    """Scores of those names, and thumbs of users, of the traces of both arms' calls.

    A trace counts once, in the minute of its first call; a trace that holds both versions does not
    tell which of them was scored, and is left out. Of several scores of a name the mean counts.
    """
    sql = f"""
        with call as ({_has_arm()}),
        trace_of as (select trace_id, min(minute) as minute, bool_and(is_new) as is_new
                     from call group by trace_id having bool_and(is_new) = bool_or(is_new)),
        given as (
            select t.minute, t.is_new, case when thumb.is_thumb then '' else score.name end as name,
                   t.trace_id,
                   avg(case when thumb.is_thumb then (score.num <= 0)::int
                            else score.num end) as num
            from trace_of t
            join score on score.project_id = %(project)s and score.trace_id = t.trace_id
            cross join lateral (
                select score.source = 'user' and score.data_type in ('boolean', 'number')
                       and score.num in (-1, 0, 1) as is_thumb) as thumb
            where score.num is not null and (thumb.is_thumb or score.name = any(%(names)s))
            group by 1, 2, 3, 4)
        select minute, is_new, name, count(*), sum(num), sum(num * num)
        from given group by 1, 2, 3 order by 1, 2, 3
    """
    rows = _rows(sql, asked.parameters | {"names": names})
    return [
        MinuteOfScores(minute, is_new, name, (n, float(total), float(squares)))
        for minute, is_new, name, n, total, squares in rows
    ]


@dataclass(frozen=True)
class Dependence:
    """Values of one metric, and what the keys they come from add up to.

    `values` is count, sum, sum of squares; `keys` is how many, Σ s², Σ s m, Σ m², where a key has
    m values that sum to s.
    """

    values: tuple[int, float, float]
    keys: tuple[int, float, float, float]


def dependence(
    asked: ArmCalls, *, latency_ceiling: float | None = None, cost_ceiling: float | None = None
) -> dict[str, Dependence]:
    """How calls with the base hang together by user (else session): errors, latency and cost.

    Calls that name neither are left out.
    """
    sql = f"""
        with call as (
            select coalesce(user_id, session_id) as key,
                   (level = {Level.ERROR:d})::int::float8 as errors,
                   least(duration_us, %(latency_ceiling)s)::float8 as latency,
                   least(cost_nano, %(cost_ceiling)s)::float8 as cost
            from span
            where project_id = %(project)s and prompt_name = %(prompt)s
              and prompt_version = %(base)s
              and start_time >= %(since)s and start_time < %(until)s
              and kind = {Kind.GENERATION:d} and counts
              and coalesce(user_id, session_id) is not null
              and (environment is null or environment <> all(%(not_traffic)s))),
        value as (
            select key, metric, x from call cross join lateral
                (values ('errors', errors), ('latency', latency), ('cost', cost)) as m (metric, x)
            where x is not null),
        by_key as (
            select metric, key, count(*)::float8 as m, sum(x) as s, sum(x * x) as q
            from value group by metric, key)
        select metric, sum(m)::bigint, sum(s), sum(q), count(*), sum(s * s), sum(s * m), sum(m * m)
        from by_key group by metric
    """
    given = asked.parameters | {"latency_ceiling": latency_ceiling, "cost_ceiling": cost_ceiling}
    return {
        metric: Dependence((n, total, squares), (keys, ss, sm, mm))
        for metric, n, total, squares, keys, ss, sm, mm in _rows(sql, given)
    }


def count_calls(asked: ArmCalls, version: int) -> int:
    """Calls with `version` in the time that is asked about, whosoever made them."""
    sql = (
        "select count(*) from span where project_id = %(project)s and prompt_name = %(prompt)s "
        "and prompt_version = %(version)s and start_time >= %(since)s and start_time < %(until)s "
        f"and kind = {Kind.GENERATION:d} and counts "
        "and (environment is null or environment <> all(%(not_traffic)s))"
    )
    return int(_rows(sql, asked.parameters | {"version": str(version)})[0][0])


def keys_that_match(asked: ArmCalls, *, newest: int = 1000) -> tuple[int, int]:
    """Of the candidate's newest calls: how many have its arm by user or session, and of how many.

    Where few do, reads were made with other keys than those that traces name, or with none.
    """
    sql = f"""
        select count(*) filter (where {_matches()}), count(*)
        from (select user_id, session_id, prompt_version from span
              where project_id = %(project)s and prompt_name = %(prompt)s
                and prompt_version = %(candidate)s
                and start_time >= %(since)s and start_time < %(until)s
                and kind = {Kind.GENERATION:d} and counts
                and (environment is null or environment <> all(%(not_traffic)s))
              order by start_time desc limit %(newest)s) as s
    """
    matching, of_all = _rows(sql, asked.parameters | {"newest": newest})[0]
    return int(matching), int(of_all)


def _has_arm() -> str:
    """The calls, and of a split only those whose user or session has the arm that answered."""
    return _CALLS.format(has_arm=_matches())


def _matches() -> str:
    user, session = (
        _BUCKET.format(hash=_HASH.format(column=column)) for column in ("s.user_id", "s.session_id")
    )
    has = (
        f"(s.user_id is not null and ({user} < %(share)s) = (s.prompt_version = %(candidate)s))"
        f" or (s.session_id is not null and"
        f" ({session} < %(share)s) = (s.prompt_version = %(candidate)s))"
    )
    return f"({has})"


def _rows(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
