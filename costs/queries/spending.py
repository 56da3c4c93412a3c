"""Spend of some days by one dimension, beside the days before; from the roll-ups alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from accounts.models import ApiKey
from costs.queries.days import Days
from costs.queries.dimensions import Dimension
from costs.queries.months import CLASSES
from traces.ingest.record import TOKEN_CLASSES
from traces.queries.spend import Payer, SpendFigures, spend_figures
from traces.queries.usage import Scope, SpanFigures, costs_by, is_read_quickly, span_figures
from traces.queries.user_spend import spend_of_users

Key = tuple[str, ...]
NOBODY: Key = ("",)
ASKED = ("calls", "cost_nano", "evaluator_nano", "unpriced", *TOKEN_CLASSES)


@dataclass
class Spend:
    """Sums of one key over some days; money in nano-dollars. `before_…` are of the days before."""

    key: Key
    cost: int = 0  # without evaluators
    evaluators: int = 0
    calls: int = 0
    unpriced: int = 0
    tokens: dict[str, int] = field(default_factory=dict)  # by CLASSES
    by_day: dict[date, int] = field(default_factory=dict)
    before: int = 0
    before_calls: int = 0
    before_tokens: dict[str, int] = field(default_factory=dict)
    public_key: str = ""  # of a key that sent it

    @property
    def per_call(self) -> int | None:
        """Nano-dollars of one call; None of none."""
        return self.cost // self.calls if self.calls else None

    @property
    def is_said(self) -> bool:
        """Whether it has a name."""
        return bool(self.key[0])

    def add(self, other: Spend, sign: int = 1) -> None:
        """Count another one in; with -1, out."""
        for name in ("cost", "evaluators", "calls", "unpriced", "before", "before_calls"):
            setattr(self, name, getattr(self, name) + sign * getattr(other, name))
        pairs: Sequence[tuple[dict[str, int], dict[str, int]]] = (
            (self.tokens, other.tokens), (self.before_tokens, other.before_tokens),
        )  # fmt: skip
        for mine, theirs in pairs:
            for word, amount in theirs.items():
                mine[word] = mine.get(word, 0) + sign * amount
        for day, amount in other.by_day.items():
            self.by_day[day] = self.by_day.get(day, 0) + sign * amount


def spend_by(
    project_id: int,
    days: Days,
    dimension: Dimension,
    equal: Mapping[str, str] | None = None,
    *,
    most_users: int = 100,
) -> list[Spend]:
    """Each value of a dimension that spent or called, the dearest first; `('', …)` says none.

    `equal` narrows, by columns of NARROWS; `environment` there is as in lists of traces. Of users
    the dearest `most_users` stand apart; what is left of the whole is `('',)`.
    """
    if not dimension.columns:
        if dimension.payer is not None:
            return _of_payers(project_id, days, equal or {}, dimension.payer)
        return _of_users(project_id, days, equal or {}, most_users)
    rows: dict[Key, Spend] = {}
    columns = dimension.columns
    if is_read_quickly({*columns, *(equal or {})}):
        _count_sums(rows, project_id, days, columns, equal)
    else:
        read = figures(project_id, days.before_start, days.until, ("day", *columns), equal)
        for one in read:
            count_in(rows, days, one)
    found = [row for row in rows.values() if row.calls or row.cost or row.evaluators or row.before]
    return sorted(found, key=lambda row: (-row.cost, row.key))


def _count_sums(
    rows: dict[Key, Spend],
    project_id: int,
    days: Days,
    columns: Sequence[str],
    equal: Mapping[str, str] | None,
) -> None:
    """The same of few rows: sums of both spans of days, and of each day the cost alone."""
    for one in figures(project_id, days.start, days.until, columns, equal):
        row = rows[one.key] = Spend(one.key)
        row.cost, row.evaluators = one.cost_nano, one.evaluator_nano
        row.calls, row.unpriced = one.calls, one.unpriced
        add_tokens(row.tokens, one)
    for one in figures(project_id, days.before_start, days.before_until, columns, equal):
        row = rows.setdefault(one.key, Spend(one.key))
        row.before, row.before_calls = one.cost_nano, one.calls
        add_tokens(row.before_tokens, one)
    scope = _scope(project_id, days.start, days.until, equal)
    for (day, *key), cost in costs_by(scope, ("day", *columns)):
        if row_of_day := rows.get(tuple(key)):  # else its first call came in just now
            row_of_day.by_day[day] = cost


def count_in(
    rows: dict[Key, Spend], days: Days, one: SpanFigures, width: int | None = None
) -> None:
    """Count a row by `(day, …)` to its key: as of these days, or of those before.

    Of the key the first `width` parts, all where it is None.
    """
    day = one.key[0]
    is_now = days.start <= day < days.until
    if not is_now and not days.before_start <= day < days.before_until:
        return
    key = one.key[1:] if width is None else one.key[1 : 1 + width]
    row = rows.get(key)
    if row is None:
        row = rows[key] = Spend(key)
    if is_now:
        row.cost += one.cost_nano
        row.evaluators += one.evaluator_nano
        row.calls += one.calls
        row.unpriced += one.unpriced
        row.by_day[day] = row.by_day.get(day, 0) + one.cost_nano
        add_tokens(row.tokens, one)
    else:
        row.before += one.cost_nano
        row.before_calls += one.calls
        add_tokens(row.before_tokens, one)


def sum_of(rows: Sequence[Spend]) -> Spend:
    """All rows together."""
    total = Spend(NOBODY)
    for row in rows:
        total.add(row)
    return total


def figures(
    project_id: int,
    since: date,
    until: date,
    by: Sequence[str],
    equal: Mapping[str, str] | None = None,
) -> list[SpanFigures]:
    """The roll-ups of whole days."""
    scope = _scope(project_id, since, until, equal)
    return span_figures(scope, by, with_latencies=False, only=ASKED)


def _scope(project_id: int, since: date, until: date, equal: Mapping[str, str] | None) -> Scope:
    low, high = (datetime.combine(day, time.min, UTC) for day in (since, until))
    narrowed = dict(equal or {})
    environment = narrowed.pop("environment", "")
    return Scope(project_id, low, high, environment=environment, equal=narrowed)


def add_tokens(tokens: dict[str, int], one: SpanFigures) -> None:
    """Count what one row used into CLASSES."""
    used = one.tokens
    for word, classes in CLASSES.items():
        amount = tokens.get(word, 0)
        for name in classes:
            amount += used[name]
        tokens[word] = amount


def _of_users(project_id: int, days: Days, equal: Mapping[str, str], most: int) -> list[Spend]:
    environment = equal.get("environment", "")
    whole = _whole(project_id, days, environment)
    rows = []
    for user in spend_of_users(
        project_id, (days.start, days.until), (days.before_start, days.before_until),
        environment=environment, limit=most,
    ):  # fmt: skip
        row = Spend(
            (user.user_id,), cost=user.cost_nano, calls=user.calls, unpriced=user.unpriced,
            tokens={"Input": user.tokens_in, "Output": user.tokens_out}, by_day=user.by_day,
            before=user.before_nano, before_calls=user.before_calls,
        )  # fmt: skip
        whole.add(row, -1)
        rows.append(row)
    rows.sort(key=lambda row: (-row.cost, row.key))
    return [*rows, whole]


def _of_payers(project_id: int, days: Days, equal: Mapping[str, str], payer: Payer) -> list[Spend]:
    environment = equal.get("environment", "")
    whole = _whole(project_id, days, environment)
    keys = _keys(project_id) if payer is Payer.KEY else {}

    def row_of(value: str) -> Spend:
        name, public_key = keys.get(value, (value, ""))
        row = _row(rows, (name,))
        row.public_key = public_key
        return row

    rows: dict[Key, Spend] = {}
    for one in _paid(project_id, (days.start, days.until), environment, payer, ("day", "value")):
        row = row_of(one.key[1])
        row.by_day[one.key[0]] = row.by_day.get(one.key[0], 0) + one.cost_nano
        part = Spend(NOBODY, one.cost_nano, one.evaluator_nano, one.calls, one.unpriced)
        part.tokens = {"Input": one.tokens_in, "Output": one.tokens_out}
        row.add(part)
    before = (days.before_start, days.before_until)
    for one in _paid(project_id, before, environment, payer, ("value",)):
        row = row_of(one.key[0])
        row.before += one.cost_nano
        row.before_calls += one.calls
    for row in rows.values():
        whole.add(row, -1)
    found = [row for row in rows.values() if row.calls or row.cost or row.evaluators or row.before]
    return [*sorted(found, key=lambda row: (-row.cost, row.key)), whole]


def _paid(
    project_id: int, days: tuple[date, date], environment: str, payer: Payer, by: Sequence[str]
) -> list[SpendFigures]:
    low, high = (datetime.combine(day, time.min, UTC) for day in days)
    return spend_figures(Scope(project_id, low, high, environment=environment), payer, by)


def _keys(project_id: int) -> dict[str, tuple[str, str]]:
    """What people call a key, and its public half, by its id as the roll-ups say it."""
    keys = ApiKey.objects.filter(project_id=project_id).values_list("pk", "name", "public_key")
    return {str(pk): (f"{name} ({public})", public) for pk, name, public in keys}


def _whole(project_id: int, days: Days, environment: str) -> Spend:
    """All of these days, to be told apart."""
    narrowed = {"environment": environment} if environment else {}
    whole = Spend(NOBODY)
    for one in figures(project_id, days.start, days.until, ("day",), narrowed):
        part = Spend(NOBODY, one.cost_nano, one.evaluator_nano, one.calls, one.unpriced)
        part.by_day = {one.key[0]: one.cost_nano}
        add_tokens(part.tokens, one)
        whole.add(part)
    for one in figures(project_id, days.before_start, days.before_until, (), narrowed):
        whole.before += one.cost_nano
        whole.before_calls += one.calls
    return whole


def _row(rows: dict[Key, Spend], parts: Sequence[object]) -> Spend:
    key = tuple(str(part) for part in parts)
    return rows.setdefault(key, Spend(key))
