"""A trace as lists and headers show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from traces.models import Trace

# A span that has no end this long after its trace was last written will hardly get one.
STILL_RUNNING = timedelta(hours=1)

COLUMNS = (
    "trace_id",
    "start_time",
    "end_time",
    "duration_us",
    "cost_nano",
    "evaluator_nano",
    "tokens_in",
    "tokens_out",
    "span_count",
    "error_count",
    "call_count",
    "metered_count",
    "unpriced_count",
    "open_count",
    "root_span_id",
    "root_ok",
    "name",
    "feature",
    "environment",
    "release",
    "user_id",
    "session_id",
    "facets",
    "input_preview",
    "output_preview",
)

# The badge of a trace says what is most telling about what happened in it.
_TELLING = ("agent", "generation", "retriever", "embedding", "tool", "evaluator", "chain", "event")
# Parts of the names of models that embed, sort or check, and write no answer.
_HELPERS = ("embed", "rerank", "moderation")


@dataclass(frozen=True)
class TraceSummary:
    """One row of `trace`. Sums are those of the columns; the properties know what is unknown."""

    trace_id: str
    start_time: datetime
    end_time: datetime
    duration_us: int
    cost_nano: int
    evaluator_nano: int
    tokens_in: int
    tokens_out: int
    span_count: int
    error_count: int
    call_count: int
    metered_count: int
    unpriced_count: int
    open_count: int
    root_span_id: str | None
    root_ok: bool | None
    name: str | None
    feature: str | None
    environment: str | None
    release: str | None
    user_id: str | None
    session_id: str | None
    facets: list[str]
    input_preview: str | None
    output_preview: str | None

    @property
    def cost(self) -> int | None:
        """Nano-dollars without evaluators; None where no call was made or none could be priced."""
        known = self.call_count > self.unpriced_count
        # Where evaluators alone could be priced, nobody knows what the trace itself cost.
        if self.unpriced_count and self.evaluator_nano and not self.cost_nano:
            return None
        return self.cost_nano if known else None

    @property
    def evaluator_cost(self) -> int | None:
        """What its evaluators cost, in nano-dollars; None where they cost nothing that is known."""
        return self.evaluator_nano or None

    @property
    def is_unpriced(self) -> bool:
        """Calls were made and none could be priced."""
        return self.call_count > 0 and self.cost is None

    @property
    def is_partly_priced(self) -> bool:
        """The cost leaves calls out."""
        return self.cost is not None and self.unpriced_count > 0

    @property
    def tokens(self) -> int | None:
        """Input and output together; None where no call said."""
        return self.tokens_in + self.tokens_out if self.metered_count else None

    @property
    def is_partly_metered(self) -> bool:
        """The tokens leave calls out."""
        return 0 < self.metered_count < self.call_count

    @property
    def status(self) -> str:
        """As `status:` of the query says it, one word for each trace.

        A failed span is an error until the root has ended without one: then the trace recovered.
        """
        if self.error_count:
            return "recovered" if self.root_ok else "error"
        return "running" if self.open_count else "ok"

    @property
    def is_running(self) -> bool:
        """Something has no end yet and may still get one."""
        return bool(self.open_count) and timezone.now() - self.end_time < STILL_RUNNING

    @property
    def kind(self) -> str:
        """The kind for the badge."""
        kinds = self.values("k")
        return next((kind for kind in _TELLING if kind in kinds), "span")

    @property
    def models(self) -> list[str]:
        """Models that answered or were asked, by name."""
        return self.values("m")

    @property
    def main_model(self) -> str:
        """The model to name where there is room for one: one that answers before one that helps."""
        answering = [m for m in self.models if not any(word in m.lower() for word in _HELPERS)]
        return next(iter(answering or self.models), "")

    @property
    def prompts(self) -> list[tuple[str, str]]:
        """Name and version (may be empty) of the prompts used."""
        pairs = (facet.rpartition("/") for facet in self.values("p"))
        return [(name, version) for name, _, version in pairs]

    @property
    def tags(self) -> list[str]:
        """Tags of any span."""
        return self.values("t")

    @property
    def kinds(self) -> list[str]:
        """Kinds of the spans."""
        return self.values("k")

    def values(self, letter: str) -> list[str]:
        """The facets of one letter: m models, p prompts, k kinds, t tags."""
        prefix = f"{letter}:"
        return [facet[2:] for facet in self.facets if facet.startswith(prefix)]


def summary_of(trace: Trace) -> TraceSummary:
    """The summary of a model instance."""
    return TraceSummary(*(getattr(trace, column) for column in COLUMNS))


def summary(row: tuple[Any, ...]) -> TraceSummary:
    """The summary of a row in the order of `COLUMNS`."""
    return TraceSummary(*row)
