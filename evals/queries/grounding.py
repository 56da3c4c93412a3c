"""Retrieval and generation apart: of traces with a score of each, which of them passes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from accounts.models import Project
from evals.evaluating.spec import RAG, RETRIEVAL
from evals.models import Evaluator
from kit.intervals import Interval, wilson
from traces.models import Score, ScoreDefinition, ScoreSource, Trace
from traces.query.compiling import HIDDEN_ENVIRONMENT, PLATFORM_ENVIRONMENT
from traces.values.score_bars import Bar, bars_of

DAYS = 7
_OF_ANSWERS = re.compile("faithful|grounded|hallucinat", re.IGNORECASE)
MOST_SCORES = 20_000  # of each name, the newest
# Cells by (retrieval passes, generation passes).
GOOD, FLUENT, LOST, BOTH_BAD = "good", "fluent", "lost", "both"
CELLS = {(True, True): GOOD, (False, True): FLUENT, (True, False): LOST, (False, False): BOTH_BAD}
WORDS = {
    GOOD: ("Right documents, grounded answer", "as it should be"),
    FLUENT: ("Fluent answer on wrong documents", "looks right, and nobody notices: fix retrieval"),
    LOST: ("Right documents, answer beside them", "the model does not use what it has: fix the "
           "prompt or the model"),
    BOTH_BAD: ("Wrong documents, ungrounded answer", "begin with retrieval"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """A trace with both of its scores."""

    trace_id: str
    retrieval: float | str | None
    generation: float | str | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One of the four: how many, of all with both, and which."""

    key: str
    title: str
    says: str
    share: float | None
    pairs: list[Pair] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many traces."""
        return len(self.pairs)


@dataclass(frozen=True, slots=True)
class Grounding:
    """The four cells, and how often an answer is not grounded."""

    retrieval: str
    generation: str
    cells: dict[str, Cell]
    judged: int  # with both
    only_generation: int
    hallucinated: int
    grounded_known: int  # traces with a generation score that its bar decides
    days: int = DAYS

    @property
    def rate(self) -> float | None:
        """Answers that are not grounded, of those judged."""
        return self.hallucinated / self.grounded_known if self.grounded_known else None

    @property
    def interval(self) -> Interval | None:
        """Its 95 % interval (Wilson)."""
        return wilson(self.hallucinated, self.grounded_known)


def scores_to_choose(project: Project) -> tuple[list[str], list[str]]:
    """Names of scores with a bar that may stand for retrieval, and for generation.

    Those of evaluators come first: of ranks and contexts for retrieval, of faithfulness and
    hallucination (by their kind, or by their name) for generation; then every other score with a
    bar.
    """
    barred = sorted(bars_of(ScoreDefinition.objects.filter(project=project)))
    known = Evaluator.objects.filter(project=project, archived_at=None).select_related("current")
    retrieval, generation = [], []
    for one in known:
        check = (one.current.config.get("check") or "") if one.current else ""
        if one.kind == RETRIEVAL or (one.kind == RAG and str(check).startswith("context_")):
            retrieval.append(one.name)
        elif one.kind == RAG or one.template == "hallucination" or _OF_ANSWERS.search(one.name):
            generation.append(one.name)
    last = sorted(barred, key=lambda name: name in generation)  # what is of answers comes last
    return _first(retrieval, last), _first(generation, barred)


def _first(wanted: Iterable[str], barred: list[str]) -> list[str]:
    first = [name for name in sorted(wanted) if name in barred]
    return [*first, *(name for name in barred if name not in first)]


def grounding_of(
    project: Project, retrieval: str, generation: str, *, feature: str = "", days: int = DAYS
) -> Grounding:
    """The cells of live traces that were scored in so many days. Four statements.

    Scores of people and users are left out: they speak of the answer as a whole. Of several of a
    name on a trace the newest counts.
    """
    since = timezone.now() - timedelta(days=days)
    definitions = ScoreDefinition.objects.filter(project=project, name__in=(retrieval, generation))
    bars = bars_of(definitions)
    found = {
        name: _scores(project, name, since, feature)
        for name in dict.fromkeys((retrieval, generation))
    }
    pairs: dict[str, list[Pair]] = {key: [] for key in WORDS}
    hallucinated = known = only = 0
    for trace_id, answer in found[generation].items():
        grounded = _passes(answer, bars.get(generation))
        if grounded is None:
            continue
        known += 1
        hallucinated += not grounded
        documents = found[retrieval].get(trace_id)
        right = None if documents is None else _passes(documents, bars.get(retrieval))
        if documents is None or right is None:
            only += 1
            continue
        pairs[CELLS[right, grounded]].append(Pair(trace_id, _value(documents), _value(answer)))
    judged = sum(map(len, pairs.values()))
    cells = {
        key: Cell(key, *WORDS[key], len(rows) / judged if judged else None, rows)
        for key, rows in pairs.items()
    }
    return Grounding(retrieval, generation, cells, judged, only, hallucinated, known, days)


def _scores(project: Project, name: str, since: object, feature: str) -> dict[str, Score]:
    """The newest score of that name on each live trace."""
    rows = (
        Score.objects.filter(
            project_id=project.pk,
            name=name,
            at__gte=since,
            source__in=(ScoreSource.JUDGE, ScoreSource.CODE),
        )
        .exclude(trace_id="")
        .order_by("-at")
    )
    newest: dict[str, Score] = {}
    for score in rows[:MOST_SCORES]:
        newest.setdefault(score.trace_id, score)
    live = Trace.objects.filter(project_id=project.pk, trace_id__in=list(newest)).exclude(
        environment__in=(HIDDEN_ENVIRONMENT, PLATFORM_ENVIRONMENT)
    )
    if feature:
        live = live.filter(feature=feature)
    kept = set(live.values_list("trace_id", flat=True))
    return {trace_id: score for trace_id, score in newest.items() if trace_id in kept}


def _passes(score: Score, bar: Bar | None) -> bool | None:
    verdict = bar.judge(score) if bar is not None else None
    return None if verdict is None else not verdict.fails


def _value(score: Score) -> float | str | None:
    return score.label if score.label is not None else score.num
