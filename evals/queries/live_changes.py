"""What changed while live scores moved: label moves, models that answer, releases, judges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from accounts.models import Project
from evals.queries.live import LiveSeries
from prompts.models import PRODUCTION, LabelMove
from traces.ingest.record import Kind
from traces.queries.score_figures import ScoreScope
from traces.queries.usage import Scope, span_figures, trace_figures

LOOKBACK = 14  # days before the first one that are read to know what is new
LEAST_SHARE = 0.05  # of a day's calls or traces, before something counts as new
MOST = 24  # changes; the newest of more


@dataclass(frozen=True, slots=True)
class Change:
    """Something became another. `kind`: prompt, model, release or judge; '' is none before."""

    day: int
    kind: str
    name: str  # of the prompt or the score; '' of the others
    before: str
    after: str
    label: str = ""  # that moved
    at: datetime | None = None


def changes_of(
    project: Project, scope: ScoreScope, series: Iterable[LiveSeries], prompts: Collection[str]
) -> list[Change]:
    """The changes within `scope`, the oldest first. Three statements.

    `prompts` are those that the scored traces used; moves of others are left out.
    """
    found = [*_moves(project, scope, prompts), *_new(scope), *_judges(series)]
    found.sort(key=lambda one: (one.day, one.kind, one.name, one.after))
    return found[-MOST:]


def launched(project: Project, prompts: Collection[str]) -> datetime | None:
    """When the first version of one of these prompts was served in production; None of none."""
    moves = LabelMove.objects.filter(
        prompt__project=project, label=PRODUCTION, prompt__name__in=list(prompts)
    ).exclude(to_version=None)
    return moves.order_by("at", "pk").values_list("at", flat=True).first()


def _moves(project: Project, scope: ScoreScope, prompts: Collection[str]) -> list[Change]:
    since, until = _bounds(scope)
    moves = (
        LabelMove.objects.filter(
            prompt__project=project, label=PRODUCTION, at__gte=since, at__lt=until,
            prompt__name__in=list(prompts),
        )
        .exclude(to_version=None)
        .select_related("prompt", "from_version", "to_version")
        .order_by("-at", "-pk")[:MOST]
    )  # fmt: skip
    return [
        Change(
            move.at.astimezone(UTC).date().toordinal(), "prompt", move.prompt.name,
            str(move.from_version.number) if move.from_version else "",
            str(move.to_version.number) if move.to_version else "", move.label, move.at,
        )
        for move in moves
    ]  # fmt: skip


def _new(scope: ScoreScope) -> list[Change]:
    since, until = _bounds(scope)
    equal: dict[str, str | int] = {"feature": scope.feature} if scope.feature else {}
    wide = Scope(
        scope.project_id, since - timedelta(days=LOOKBACK), until, scope.environment, equal
    )
    of_calls = Scope(
        wide.project_id, wide.since, wide.until, wide.environment,
        {**equal, "kind": int(Kind.GENERATION)},
    )  # fmt: skip
    models: dict[int, dict[str, int]] = defaultdict(dict)
    for one in span_figures(of_calls, ["model", "day"], with_latencies=False):
        models[one.key[1].toordinal()][one.key[0]] = one.calls
    releases: dict[int, dict[str, int]] = defaultdict(dict)
    for each in trace_figures(wide, ["release", "day"], with_latencies=False):
        releases[each.key[1].toordinal()][each.key[0]] = each.traces
    first = scope.first.toordinal()
    return [*_first_days(models, "model", first), *_first_days(releases, "release", first)]


def _first_days(by_day: dict[int, dict[str, int]], kind: str, first: int) -> list[Change]:
    """Values that first have their share on a day within the range, after others had theirs."""
    known: set[str] = set()
    leading = ""
    found = []
    for day, counts in sorted(by_day.items()):
        total = sum(max(one, 0) for one in counts.values())
        there = {name for name, n in counts.items() if name and n > 0 and n >= LEAST_SHARE * total}
        if known and day >= first:
            found += [Change(day, kind, "", leading, name) for name in sorted(there - known)]
        known |= there
        if there:
            leading = max(sorted(there), key=lambda name: counts[name])
    return found


def _judges(series: Iterable[LiveSeries]) -> list[Change]:
    found = []
    for one in series:
        before = ""
        for day in one.days:
            if day.evaluator and before and day.evaluator != before:
                found.append(Change(day.day, "judge", one.name, before, day.evaluator))
            before = day.evaluator or before
    return found


def _bounds(scope: ScoreScope) -> tuple[datetime, datetime]:
    since = datetime.combine(scope.first, time(), UTC)
    return since, datetime.combine(scope.last, time(), UTC) + timedelta(days=1)
