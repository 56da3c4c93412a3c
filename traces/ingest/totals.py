"""What spans add to the totals of their traces. Pure.

A delta is commutative: sums add, the start takes the least, the end the greatest, facets unite,
and a value such as the user is taken from the span that ranks first, roots before all others and
then by start. So the totals do not depend on the order in which spans arrive.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from traces.ingest.record import COSTLESS_KINDS, KIND_NAMES, TRACE_FACTS, Level
from traces.ingest.rows import AT, Row, Written

# Fields of which a trace has one value, in the order of `trace.ranks`.
RANKED = (
    "name",
    "feature",
    "environment",
    "release",
    "user_id",
    "session_id",
    "input_preview",
    "output_preview",
    "root_span_id",
)
NO_RANK = 2**63 - 1
# More than any start in microseconds, so that every root ranks before the rest, the application's
# own root (below the HTTP span of a foreign one) before other roots, and a name given to the trace
# itself before the names of its spans.
ROOT_FIRST = 2**62
APP_ROOT_FIRST = ROOT_FIRST + 2**61
GIVEN_FIRST = APP_ROOT_FIRST + 2**60
# What is said of the trace itself ranks before what any span says; ends stay above -2^63.
FACTS_FIRST = 2**63 - 2**54
MOST_FACETS = 200
SEPARATOR = "\x1f"  # stands between facets on their way to the database; taken out of them
MOST_INT = 2**31 - 1
MOST_BIGINT = 2**63 - 1

TraceKey = tuple[int, str]

_START, _DURATION = AT["start_time"], AT["duration_us"]
_PROJECT, _TRACE, _SPAN, _PARENT = (
    AT["project_id"],
    AT["trace_id"],
    AT["span_id"],
    AT["parent_span_id"],
)
_COST, _KIND, _LEVEL, _COUNTS = AT["cost_nano"], AT["kind"], AT["level"], AT["counts"]
_EVALUATES = AT["evaluates"]
_IN = (AT["in_uncached"], AT["in_cached"], AT["in_cache_write"], AT["in_audio"])
_OUT = (AT["out_text"], AT["out_reasoning"], AT["out_audio"])
_MODEL, _REQUESTED = AT["model"], AT["model_requested"]
_PROMPT, _VERSION = AT["prompt_name"], AT["prompt_version"]
_NAME, _OUTPUT, _ROOT = (RANKED.index(n) for n in ("name", "output_preview", "root_span_id"))
_VALUES = tuple((place, AT[name]) for place, name in enumerate(RANKED) if place != _ROOT)


@dataclass(slots=True)
class TraceDelta:
    """What a set of spans adds to one trace. Times in microseconds since 1970."""

    project_id: int
    trace_id: str
    start_us: int
    end_us: int
    cost_nano: int = 0
    evaluator_nano: int = 0  # what evaluators cost: never part of the trace's cost
    tokens_in: int = 0
    tokens_out: int = 0
    span_count: int = 0
    error_count: int = 0
    call_count: int = 0
    metered_count: int = 0
    unpriced_count: int = 0
    open_count: int = 0
    root_ok: bool | None = None  # the root ended without an error; None: it has not come
    facets: set[str] = field(default_factory=set)
    ranks: list[int] = field(default_factory=lambda: [NO_RANK] * len(RANKED))
    values: list[str | None] = field(default_factory=lambda: [None] * len(RANKED))

    @property
    def kept_facets(self) -> list[str]:
        """The facets as they are stored: in order, and no more than MOST_FACETS."""
        return sorted(facet.replace(SEPARATOR, " ") for facet in self.facets)[:MOST_FACETS]

    def add(self, span: Written) -> None:
        """Count one span."""
        row = span.row
        start = row[_START]
        duration = row[_DURATION]
        end = start if duration is None else start + duration
        if start < self.start_us:
            self.start_us = start
        if end > self.end_us:
            self.end_us = end
        if row[_SPAN] == TRACE_FACTS:
            self._take_facts(span, start, end)
            return
        self.span_count += 1
        if duration is None:
            self.open_count += 1
        if row[_LEVEL] == Level.ERROR:
            self.error_count += 1
        if row[_COST] is not None and (row[_COUNTS] or row[_KIND] not in COSTLESS_KINDS):
            if row[_EVALUATES]:
                self.evaluator_nano = min(self.evaluator_nano + row[_COST], MOST_BIGINT)
            else:
                self.cost_nano = min(self.cost_nano + row[_COST], MOST_BIGINT)
        if row[_COUNTS]:
            self._count_call(row)
        facets = self.facets
        facets.add("k:" + KIND_NAMES[row[_KIND]])
        if model := row[_MODEL] or row[_REQUESTED]:
            facets.add("m:" + model)
        if row[_PROMPT] is not None:
            facets.add(f"p:{row[_PROMPT]}/{row[_VERSION] or ''}")
        for tag in span.tags:
            facets.add("t:" + tag)
        self._rank(row, start, end, span.is_app_root)
        if span.trace_name is not None:
            self._take(_NAME, start - GIVEN_FIRST, span.trace_name)

    def _take_facts(self, span: Written, start: int, end: int) -> None:
        """Take what is said of the whole trace; it counts as no span."""
        for place, position in _VALUES:
            if value := span.row[position]:  # the name may be empty
                self._take(place, (-end if place == _OUTPUT else start) - FACTS_FIRST, value)
        for tag in span.tags:
            self.facets.add("t:" + tag)

    def _count_call(self, row: Row) -> None:
        self.call_count += 1
        known = False
        for position in _IN:
            if (tokens := row[position]) is not None:
                self.tokens_in += tokens
                known = True
        for position in _OUT:
            if (tokens := row[position]) is not None:
                self.tokens_out += tokens
                known = True
        if known:
            self.metered_count += 1
        if row[_COST] is None:
            self.unpriced_count += 1

    def _take(self, place: int, rank: int, value: str) -> bool:
        """Take a value where it ranks before what is known; of equals the lesser one."""
        ranks, values = self.ranks, self.values
        if rank < ranks[place] or (rank == ranks[place] and value < (values[place] or "")):
            ranks[place], values[place] = rank, value
            return True
        return False

    def _rank(self, row: Row, start: int, end: int, is_app_root: bool) -> None:
        is_root = is_app_root or row[_PARENT] is None
        first = (APP_ROOT_FIRST if is_app_root else ROOT_FIRST) if is_root else 0
        early = start - first
        late = -end - first  # the answer is what came last
        for place, position in _VALUES:
            if (value := row[position]) is not None:
                self._take(place, late if place == _OUTPUT else early, value)
        if is_root and self._take(_ROOT, early, row[_SPAN]):
            self.root_ok = row[_DURATION] is not None and row[_LEVEL] != Level.ERROR


def deltas(spans: Iterable[Written]) -> dict[TraceKey, TraceDelta]:
    """The delta of each trace that `spans` touch."""
    found: dict[TraceKey, TraceDelta] = {}
    for span in spans:
        row = span.row
        key = (row[_PROJECT], row[_TRACE])
        delta = found.get(key)
        if delta is None:
            start = row[_START]
            delta = found[key] = TraceDelta(key[0], key[1], start, start)
        delta.add(span)
    return found
