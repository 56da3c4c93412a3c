"""Live scores of a range of days, from the sums by day: what trends and comparisons are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any

from django.db import connection

from traces.queries.arms import NOT_TRAFFIC

MOST_CHOICES = 200  # of each kind; more are not offered


@dataclass(frozen=True)
class ScoreScope:
    """Whose scores, of which days (both ends are in). '' does not narrow.

    A prompt is `name/version`, or `name/` for all of its versions.
    """

    project_id: int
    first: date
    last: date
    environment: str = ""
    feature: str = ""
    prompt: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class ScoreSums:
    """Sums over traces for one name, source, word and version of the evaluator on one day.

    Σ over n traces of weight w with the mean x: `weight` Σ w, `weight_squares` Σ w², `total` Σ w x,
    `squares` Σ w x². `thumbs` of n were given by a user, `down` of these are down.
    """

    day: date
    name: str
    source: str
    data_type: str
    label: str
    evaluator: str
    n: int
    weight: float
    weight_squares: float
    total: float
    squares: float
    thumbs: int
    down: float


@dataclass(frozen=True)
class Choices:
    """What scores of a range can be narrowed by, each in order."""

    features: list[str]
    prompts: list[str]  # name/version
    models: list[str]
    used: dict[str, list[str]]  # names of the prompts by feature

    def prompts_of(self, feature: str) -> list[str]:
        """Names of the prompts that scored traces of a feature used; of any where it is ''."""
        if feature:
            return self.used.get(feature, [])
        return sorted({name for several in self.used.values() for name in several})


def score_days(scope: ScoreScope) -> list[ScoreSums]:
    """The sums by day, name, source, type, word and evaluator's version, in this order.

    One statement over at most the rows of the days. What is beyond floats is left out.
    """
    where, given = _where(scope)
    rows = _fetched(
        f"""select day, name, source, data_type, label, evaluator, sum(n)::int8,
          sum(weight)::float8, sum(weight_squares)::float8, sum(total)::text, sum(squares)::text,
          sum(thumbs)::int8, sum(down)::float8
        from score_day where {where} group by 1, 2, 3, 4, 5, 6 having sum(n) > 0
        order by 1, 2, 3, 4, 5, 6""",  # noqa: S608  (constant texts)
        given,
    )
    found = []
    for day, name, source, data_type, label, evaluator, n, weight, weights, *rest in rows:
        total, squares, thumbs, down = float(rest[0]), float(rest[1]), rest[2], rest[3]
        if isfinite(total) and isfinite(squares):
            found.append(
                ScoreSums(
                    day, name, source, data_type, label, evaluator, n, weight, weights, total,
                    squares, thumbs, down,
                )
            )  # fmt: skip
    return found


def score_choices(scope: ScoreScope) -> Choices:
    """What the scores of these days can be narrowed by, whatever `scope` narrows them by now."""
    where, given = _where(ScoreScope(scope.project_id, scope.first, scope.last, scope.environment))
    rows = _fetched(
        f"""with d as materialized (
          select distinct feature, prompts, models from score_day where {where})
        select 'f', feature, '' from d where feature <> ''
        union select 'p', p, feature from d, unnest(prompts) p
        union select 'm', m, '' from d, unnest(models) m order by 1, 2, 3""",  # noqa: S608
        given,
    )
    kinds: dict[str, dict[str, None]] = {"f": {}, "p": {}, "m": {}}
    used: dict[str, dict[str, None]] = {}
    for kind, value, feature in rows:
        kinds[kind][value] = None
        if kind == "p":
            used.setdefault(feature, {})[value.rpartition("/")[0]] = None
    features, prompts, models = (list(kinds[kind])[:MOST_CHOICES] for kind in "fpm")
    names = {feature: list(several) for feature, several in used.items()}
    return Choices(features, sorted(prompts, key=_by_version), models, names)


def _by_version(prompt: str) -> tuple[str, int, str]:
    name, _, version = prompt.rpartition("/")
    is_number = version.isascii() and version.isdecimal() and len(version) < 10
    return name, int(version) if is_number else 0, version


def _where(scope: ScoreScope) -> tuple[str, dict[str, Any]]:
    parts = ["project_id = %(project)s", "day between %(first)s and %(last)s"]
    given: dict[str, Any] = {
        "project": scope.project_id,
        "first": scope.first,
        "last": scope.last,
        "environment": scope.environment,
        "hidden": list(NOT_TRAFFIC),
        "feature": scope.feature,
        "prompt": [scope.prompt],
        "name": scope.prompt,
        "model": [scope.model],
    }
    is_one = "environment = %(environment)s"
    parts.append(is_one if scope.environment else "environment <> all(%(hidden)s)")
    if scope.feature:
        parts.append("feature = %(feature)s")
    if scope.prompt.endswith("/"):
        parts.append("exists (select from unnest(prompts) p where starts_with(p, %(name)s))")
    elif scope.prompt:
        parts.append("prompts && %(prompt)s::text[]")
    if scope.model:
        parts.append("models && %(model)s::text[]")
    return " and ".join(parts), given


def _fetched(sql: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())
