"""How the newest traces of a list are scored: counts by band, word, or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from traces.models import DataType, ScoreDefinition
from traces.queries.criteria import Criteria, matching
from traces.queries.lists import COUNT_CAP
from traces.queries.patience import TimeUp, limited
from traces.queries.score_definitions import definitions_of
from traces.values.score_bars import Bar, bars_of
from traces.values.score_values import number_text

SECONDS = 1.0
MOST_NAMES = 4
MOST_WORDS = 8
_CUTS = (0.5, 0.8)  # of the range

_PASSED = 10  # and 11: below and above a bar

_STATEMENT = """
with hit as materialized (%s),
given as materialized (
  select s.trace_id, s.name, s.data_type, s.num, s.label from score s
  where s.project_id = %%s and s.trace_id in (select trace_id from hit)
    and s.name = any(%%s)
)
select name, data_type,
  case when data_type = 'category' then label when data_type = 'boolean' then
    case when num > 0 then 'yes' else 'no' end end as word,
  case when data_type = 'number' then coalesce(10
    + case when is_most then num > bar else num >= bar end::int, width_bucket(num, %%s::float8[]))
  end as band,
  count(distinct trace_id)
from given left join unnest(%%s::text[], %%s::float8[], %%s::bool[]) as b (name, bar, is_most)
  using (name)
group by grouping sets ((1, 2, 3, 4), (1))
"""
_MOST_GIVEN = """
select name from (select name from score where project_id = %s order by at desc limit 5000) s
group by 1 order by count(*) desc, 1 limit %s
"""


@dataclass(frozen=True)
class Band:
    """A part of a score's values: the terms of the query that find it, and how many have it."""

    label: str
    terms: tuple[tuple[str, str], ...]  # operator and value
    count: int


@dataclass(frozen=True)
class ScoreBands:
    """The bands of one score; `missing` is how many of the traces looked at do not have it."""

    name: str
    bands: list[Band]
    missing: int


def names_given(project_id: int) -> list[str]:
    """The scores that were given most lately, the most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(_MOST_GIVEN, [project_id, MOST_NAMES])
        return [row[0] for row in cursor.fetchall()]


def count_scores(project_id: int, criteria: Criteria, total: int) -> list[ScoreBands]:
    """Bands of the scores that are given most, over the newest traces that meet `criteria`.

    `total` is how many those are. [] where there are none, or the time does not suffice.
    """
    rows = matching(project_id, criteria).order_by("-start_time").values("trace_id")
    inner, parameters = rows[: COUNT_CAP + 1].query.sql_with_params()
    try:
        with limited(SECONDS) as cursor:
            names = sorted(names_given(project_id))
            if not names:
                return []
            defined = list(definitions_of(project_id).filter(name__in=names))
            bars = _numbers(bars_of(defined))
            edges = [[*bars], [bar.number for bar in bars.values()]]
            sides = [bar.is_most for bar in bars.values()]
            asked = [*parameters, project_id, names, list(_CUTS), *edges, sides]
            cursor.execute(_STATEMENT % inner, asked)
            found = cursor.fetchall()
    except TimeUp:
        return []
    ranges = _unit_range(project_id, names, defined)
    given: dict[str, int] = {}
    bands: dict[str, list[Band]] = defaultdict(list)
    for name, data_type, word, band, count in found:
        if data_type is None:
            given[name] = count
        elif data_type == DataType.NUMBER:
            if band is not None and name in bars:
                bands[name].append(_side_of(bars[name], is_above=band > _PASSED, count=count))
            elif band is not None and name in ranges:
                bands[name].append(_number_band(band, count))
        elif word is not None:
            bands[name].append(Band(word, ((":", word),), count))
    return [
        ScoreBands(name, _ordered(bands[name]), max(total - given[name], 0))
        for name in names
        if name in given
    ]


def _unit_range(
    project_id: int, names: list[str], definitions: Iterable[ScoreDefinition]
) -> set[str]:
    """The scores whose values lie between 0 and 1: no other is cut into bands without a bar."""
    defined = {one.name: (one.minimum, one.maximum) for one in definitions}
    with connection.cursor() as cursor:
        cursor.execute(
            "select name from (select name, num from score where project_id = %s "
            "and name = any(%s) order by at desc limit 5000) s "
            "group by 1 having min(num) >= 0 and max(num) <= 1",
            [project_id, names],
        )
        seen = {row[0] for row in cursor.fetchall()}
    return {name for name in names if defined.get(name, (0, 1)) in {(0, 1), (None, None)}} & seen


def _numbers(bars: Mapping[str, Bar]) -> dict[str, Bar]:
    """The bars of numbers."""
    return {name: bar for name, bar in bars.items() if bar.number is not None}


def _side_of(bar: Bar, *, is_above: bool, count: int) -> Band:
    """One side of a bar; the bar itself passes, whichever side that is."""
    cut = f"{bar.number:.12g}"
    if bar.is_most:
        low, high = ("<=", f"{cut} and below"), (">", f"above {cut}")
    else:
        low, high = ("<", f"below {cut}"), (">=", f"{cut} and above")
    sign, label = high if is_above else low
    return Band(label, ((sign, cut),), count)


def _number_band(place: int, count: int) -> Band:
    low, high = (number_text(cut) for cut in _CUTS)
    return (
        Band(f"below {low}", (("<", low),), count),
        Band(f"{low} to {high}", ((">=", low), ("<", high)), count),
        Band(f"{high} and above", ((">=", high),), count),
    )[place]


def _ordered(bands: list[Band]) -> list[Band]:
    if any(band.terms[0][0] == ":" for band in bands):
        return sorted(bands, key=lambda band: (-band.count, band.label))[:MOST_WORDS]
    return sorted(bands, key=lambda band: (band.terms[0][0][0] != "<", len(band.terms) == 1))
