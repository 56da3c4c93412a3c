"""What one of something costs: a request, a trace, a session, a good end; by one dimension.

Sums are those of the roll-ups, so they are the figures of every other page. How they vary, and what
roll-ups do not count, is read from cases: all of a small range, an even part of a great one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from accounts.models import Project
from costs.economy.ratio import Difference, Spread, difference, range_of, spread_of, stand_out
from costs.models import GoodEnd
from costs.queries.months import DIMENSIONS
from traces.queries.arms import NOT_TRAFFIC
from traces.queries.criteria import ANY_ENVIRONMENT
from traces.queries.good_ends import Counted, Wanted, count_ends, ends_of
from traces.queries.unit_cases import Case, Cases, read_cases
from traces.queries.usage import Scope, SpanFigures, span_figures, trace_figures

DAYS = (7, 28, 90)
MOST_CHOICES = 5  # different good ends counted on one page
Key = tuple[str, ...]


@dataclass(frozen=True)
class Range:
    """Whole UTC days; `until` is the midnight after the last."""

    days: int
    since: datetime
    until: datetime


def range_of_days(text: str, today: date) -> Range:
    """The last 7, 28 or 90 days with today; 28 where `text` says none of them."""
    days = int(text) if text in {str(one) for one in DAYS} else 28
    until = datetime.combine(today + timedelta(days=1), datetime.min.time(), UTC)
    return Range(days, until - timedelta(days=days), until)


@dataclass(frozen=True)
class Unit:
    """Nano-dollars of one, with a 95 % range; None where it is not known, and `why` not."""

    amount: int | None = None
    low: int | None = None
    high: int | None = None
    number: float = 0  # of how many
    is_estimated: bool = False  # the number is worked out from a part
    why: str = ""
    spread: Spread | None = None
    cases: float = 0


@dataclass
class UnitRow:
    """One feature, model or version of a prompt."""

    key: Key
    cost: int = 0
    evaluators: int = 0
    calls: int = 0
    unpriced: int = 0
    request: Unit = field(default_factory=Unit)
    trace: Unit = field(default_factory=Unit)
    session: Unit = field(default_factory=Unit)
    end: Unit = field(default_factory=Unit)
    choice: GoodEnd | None = None
    known: float = 0  # ends that are known
    coverage: float | None = None  # share of cases whose end is known
    against: Key | None = None
    difference: Difference | None = None
    stands_out: bool = False
    compared: str = ""  # "good end" or "trace"


@dataclass(frozen=True)
class Units:
    """All rows, the dearest first, and the whole; `try_outs` is what experiments and tests cost."""

    rows: Sequence[UnitRow]
    whole: UnitRow
    try_outs: int
    looked_at: int
    traces: int
    is_all: bool


def choices_of(project: Project) -> dict[str, GoodEnd]:
    """What counts as a good end, by feature; '' is of all without a choice of their own."""
    return {one.feature: one for one in GoodEnd.objects.filter(project=project)}


def units_by(project: Project, within: Range, by: str, feature: str = "") -> Units:
    """Unit costs by `feature`, `model` or `prompt`, of one feature where it is given."""
    rows, whole, try_outs = _sums(project.pk, within, by, feature)
    scope = Scope(
        project.pk, within.since, within.until, ANY_ENVIRONMENT,
        equal={"feature": feature} if feature else {},
    )  # fmt: skip
    traces: dict[Key, int] = {}
    for one in trace_figures(scope, ("environment", "feature"), with_latencies=False):
        if one.key[0] not in NOT_TRAFFIC:
            key = (str(one.key[1]),)
            traces[key] = traces.get(key, 0) + one.traces
    number = sum(traces.values())
    # The sample is of the whole project: a feature's traces are a part of them.
    everywhere = number if not feature else _all_traces(project.pk, within)
    cases = read_cases(
        project.pk, within.since, within.until, by=by, traces=everywhere, feature=feature
    )
    ends = _Ends(project, within, by, feature, cases)
    for row in rows:
        choice = ends.choice_of(row.key[0] if by == "feature" else feature)
        counted = traces.get(row.key) if by == "feature" else None
        _fill(row, cases, ends, choice, counted)
    _fill(whole, cases, ends, ends.choice_of(feature), number, is_whole=True)
    _compare(rows, by)
    return Units(rows, whole, try_outs, cases.looked_at, cases.traces, cases.is_all)


def _sums(
    project_id: int, within: Range, by: str, feature: str
) -> tuple[list[UnitRow], UnitRow, int]:
    equal = {"feature": feature} if feature else {}
    scope = Scope(project_id, within.since, within.until, ANY_ENVIRONMENT, equal=equal)
    names = ("environment", *DIMENSIONS[by])
    rows: dict[Key, UnitRow] = {}
    whole, try_outs = UnitRow(()), 0
    for one in span_figures(scope, names, with_latencies=False):
        if one.key[0] in NOT_TRAFFIC:
            try_outs += one.cost_nano + one.evaluator_nano
            continue
        key = tuple(str(part) for part in one.key[1:])
        for row in (whole, rows.setdefault(key, UnitRow(key))):
            _add(row, one)
    found = [row for row in rows.values() if row.cost or row.calls or row.evaluators]
    return sorted(found, key=lambda row: (not row.key[0], -row.cost, row.key)), whole, try_outs


def _add(row: UnitRow, one: SpanFigures) -> None:
    row.cost += one.cost_nano
    row.evaluators += one.evaluator_nano
    row.calls += one.calls
    row.unpriced += one.unpriced


def _all_traces(project_id: int, within: Range) -> int:
    scope = Scope(project_id, within.since, within.until, ANY_ENVIRONMENT)
    found = trace_figures(scope, ("environment",), with_latencies=False)
    return sum(one.traces for one in found if one.key[0] not in NOT_TRAFFIC)


class _Ends:
    """How cases ended, by what counts as a good end; each choice is read once."""

    def __init__(
        self, project: Project, within: Range, by: str, feature: str, cases: Cases
    ) -> None:
        self._choices = choices_of(project)
        self._asked = (project.pk, within, by, feature)
        self._cases = cases
        self._counted: dict[int, Counted | None] = {}
        self._of_cases: dict[int, dict[tuple[str, str], bool]] = {}

    def choice_of(self, feature: str) -> GoodEnd | None:
        """Its own, else the project's; beyond five different ones None."""
        choice = self._choices.get(feature) or self._choices.get("")
        if choice is None or choice.pk in self._counted:
            return choice
        if len(self._counted) >= MOST_CHOICES:
            return None
        project_id, within, by, only = self._asked
        wanted = wanted_of(choice)
        self._counted[choice.pk] = count_ends(
            project_id, wanted, within.since, within.until, by=by, feature=only
        )
        traces = [trace for case in self._cases.cases for trace in case.traces]
        sessions = [case.session_id for case in self._cases.cases if case.session_id]
        self._of_cases[choice.pk] = ends_of(project_id, wanted, traces, sessions)
        return choice

    def counted(self, choice: GoodEnd) -> Counted | None:
        """Of the whole range; None where only cases tell."""
        return self._counted[choice.pk]

    def of(self, choice: GoodEnd, case: Case) -> tuple[int, int]:
        """Known and good ends of a case."""
        ends = self._of_cases[choice.pk]
        found = [ends[trace, ""] for trace in case.traces if (trace, "") in ends]
        if case.session_id and ("", case.session_id) in ends:
            found.append(ends["", case.session_id])
        return len(found), sum(found)


def wanted_of(choice: GoodEnd) -> Wanted:
    """As the queries of traces take it."""
    return Wanted(
        choice.kind, choice.name, choice.test, choice.value, choice.bar, choice.source
    )  # fmt: skip


def _fill(
    row: UnitRow,
    cases: Cases,
    ends: _Ends,
    choice: GoodEnd | None,
    traces: int | None,
    *,
    is_whole: bool = False,
) -> None:
    """The units of a row; `traces` is their exact number where the roll-ups have it."""
    having: list[tuple[Case, tuple[int, int, int]]]
    if is_whole:
        having = [(one, (one.cost, one.calls, len(one.traces))) for one in cases.cases]
    else:
        having = [(one, one.by_key[row.key]) for one in cases.cases if row.key in one.by_key]
    spent = [part[0] for _, part in having]
    all_cases = len(having) * cases.scale
    row.request = _unit(row, row.calls, spent, [part[1] for _, part in having], all_cases)
    counts = [part[2] for _, part in having]
    number = traces if traces is not None else sum(counts) * cases.scale
    row.trace = _unit(
        row, number, spent, counts, all_cases, is_estimated=traces is None and not cases.is_all
    )
    row.session = _session(row, having, cases)
    row.choice = choice
    if choice is None:
        row.end = Unit(why="no good end is chosen")
        return
    told = [ends.of(choice, case) for case, _ in having]
    counted = ends.counted(choice)
    found = None
    if counted is not None:
        found = counted.all if is_whole else counted.by_key.get(row.key)
    good = sum(one[1] for one in told) * cases.scale
    row.known = sum(one[0] for one in told) * cases.scale
    if counted is not None:
        good = found.good if found else 0.0
        row.known = found.known if found else 0.0
    row.coverage = sum(bool(one[0]) for one in told) / len(told) if told else None
    row.end = _unit(
        row, good, spent, [one[1] for one in told], all_cases,
        is_estimated=counted is None and not cases.is_all,
    )  # fmt: skip
    if row.end.amount is None and not row.end.why.startswith("no price"):
        row.end = Unit(
            why="no end is known" if not row.known else "none of the known ends is good",
            number=good,
        )


def _unit(
    row: UnitRow,
    number: float,
    spent: Sequence[int],
    counts: Sequence[float],
    all_cases: float,
    *,
    is_estimated: bool = False,
) -> Unit:
    if row.calls and row.unpriced >= row.calls and not row.cost:
        return Unit(why="no price is known", number=number)
    if number <= 0:
        return Unit(why="there was none")
    amount = round(row.cost / number) if number % 1 else row.cost // int(number)
    spread = spread_of(spent, counts)
    if is_estimated and spread is not None:
        all_cases = spread.cases  # the figure is no better than the part it is from
    bounds = range_of(spread, all_cases)
    low, high = bounds.around(amount) if bounds else (None, None)
    return Unit(amount, low, high, number, is_estimated, "", spread, all_cases)


def _session(
    row: UnitRow, having: Sequence[tuple[Case, tuple[int, int, int]]], cases: Cases
) -> Unit:
    spent = [part[0] for case, part in having if case.session_id]
    if not spent:
        return Unit(why="no session was seen")
    if row.calls and row.unpriced >= row.calls and not row.cost:
        return Unit(why="no price is known")
    spread = spread_of(spent, [1] * len(spent))
    bounds = range_of(spread)
    amount = sum(spent) // len(spent)
    low, high = bounds.around(amount) if bounds else (None, None)
    is_estimated = not cases.is_all
    number = len(spent) * cases.scale
    return Unit(amount, low, high, number, is_estimated, "", spread, len(spent))


def _compare(rows: Sequence[UnitRow], by: str) -> None:
    """Versions with the one before, models with the one that has most requests."""
    pairs = _pairs(rows, by)
    found = []
    for row, other in pairs:
        now, before = row.end, other.end
        row.compared = "good end"
        if now.spread is None or before.spread is None:
            now, before, row.compared = row.trace, other.trace, "trace"
        row.against = other.key
        row.difference = difference(
            now.amount or 0, before.amount or 0, now.spread, before.spread,
            cases=(now.cases, before.cases),
        )  # fmt: skip
        found.append(row.difference)
    for (row, _), stands_out in zip(pairs, stand_out(found), strict=True):
        row.stands_out = stands_out


def _pairs(rows: Sequence[UnitRow], by: str) -> list[tuple[UnitRow, UnitRow]]:
    named = [row for row in rows if row.key[0]]
    if by == "model" and named:
        most = max(named, key=lambda row: (row.calls, row.key))
        return [(row, most) for row in named if row is not most]
    if by != "prompt":
        return []
    versions: dict[str, list[UnitRow]] = {}
    for row in named:
        versions.setdefault(row.key[0], []).append(row)
    pairs = []
    for several in versions.values():
        several.sort(key=lambda row: _version(row.key))
        pairs += list(zip(several[1:], several, strict=False))
    return pairs


def _version(key: Key) -> tuple[int, str]:
    version = key[1]
    is_number = version.isascii() and version.isdecimal() and len(version) < 10
    return (int(version) if is_number else -1, version)


def words_of_choices(choices: Mapping[str, GoodEnd]) -> dict[str, str]:
    """By feature: what counts, in words."""
    return {feature: one.words for feature, one in choices.items()}
