"""What a rule can watch: each metric, how it is read from sums, and in which unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from alerts.rules.deciding import Figure
from traces.rollups.histogram import percentile_us
from traces.values.measures import Bar, Measure, Sums

Unit = Literal["count", "ratio", "time", "money", "tokens", "score"]
Needs = Literal["", "score", "bar", "pair", "query", "source"]
Read = Callable[[Sums], Fraction | None]
TRACES, LIGHT = Measure("traces"), Measure("traces", is_light=True)
TIMED = Measure("traces", is_light=True, is_timed=True)
CALLS, TIMED_CALLS = Measure("calls"), Measure("calls", is_timed=True)


@dataclass(frozen=True, slots=True)
class Metric:
    """One of them. `of` says what is counted beside it; `is_high_bad` what a first rule would ask.

    Values stand in the smallest unit: microseconds, nano-dollars, ratios of 1. `needs` is what the
    rule must name: a score, one with its bar, two of them, a query, or one of a source's own
    (`alerts.queries.rule_sources`), which gives its figures then. `evidence` is added to the scope
    to find what is wrong, `sort` says which traces come first.
    """

    key: str
    label: str
    group: str
    unit: Unit
    read: Read
    measure: Measure = TRACES
    needs: Needs = ""
    of: str = "requests"
    is_high_bad: bool = True
    is_count: bool = False
    evidence: str = ""
    sort: str = ""
    help: str = ""

    def figure(self, sums: Sums) -> Figure:
        """The value of a window, and of how many it is."""
        of = sum(sums.latencies.values()) if self.unit == "time" else sums.count
        return Figure(self.read(sums), of, self.is_count)


def _ratio(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _percentile(share: float) -> Read:
    def read(sums: Sums) -> Fraction | None:
        found = percentile_us(sums.latencies, share)
        return None if found is None else Fraction(found)

    return read


def _cost(sums: Sums) -> Fraction | None:
    """None where calls were made and none could be priced."""
    return None if sums.calls and not sums.priced else Fraction(sums.cost_nano)


_ALL = (
    Metric("requests", "Requests", "Traffic", "count", lambda s: Fraction(s.count), LIGHT,
           is_high_bad=False, is_count=True, help="Traces that began in the window."),
    Metric("error_rate", "Error rate", "Errors", "ratio", lambda s: _ratio(s.failed, s.count),
           LIGHT, evidence="status:error",
           help="Traces that failed, of all. Those that recovered are not among them."),
    Metric("call_error_rate", "Failed calls of models", "Errors", "ratio",
           lambda s: _ratio(s.failed, s.count), CALLS, of="calls",
           evidence="span(kind:generation status:error)",
           help="Calls of a model that failed, of all; retried ones too."),
    Metric("matching", "Share that matches a query", "Errors", "ratio", lambda s: None,
           needs="query",
           help="Traces of the scope that a second query finds, of all: a guardrail that stopped "
                "one, a tool that failed, an outcome."),
    Metric("p50", "Latency, p50", "Latency", "time", _percentile(0.5), TIMED, sort="-latency"),
    Metric("p95", "Latency, p95", "Latency", "time", _percentile(0.95), TIMED, sort="-latency"),
    Metric("p99", "Latency, p99", "Latency", "time", _percentile(0.99), TIMED, sort="-latency"),
    Metric("ttft_p95", "Time to first token, p95", "Latency", "time", _percentile(0.95),
           TIMED_CALLS, of="calls", evidence="has:ttft", help="Of calls that said it."),
    Metric("cost", "Cost", "Cost", "money", _cost, sort="-cost", is_count=True,
           help="Of the window as a whole, evaluators apart."),
    Metric("cost_per_request", "Cost per request", "Cost", "money",
           lambda s: _ratio(s.cost_nano, s.priced), sort="-cost",
           help="Of requests whose cost is known."),
    Metric("tokens", "Tokens", "Cost", "tokens", lambda s: Fraction(s.tokens), sort="-tokens",
           is_count=True, help="Input and output of the window as a whole."),
    Metric("tokens_per_request", "Tokens per request", "Cost", "tokens",
           lambda s: _ratio(s.tokens, s.metered), sort="-tokens"),
    Metric("unpriced", "Share of calls without a price", "Cost", "ratio",
           lambda s: _ratio(s.unpriced, s.calls),
        help="What cannot be priced is in no figure of cost."),
    Metric("score_mean", "Mean of a score", "Quality", "score",
           lambda s: Fraction(s.total) / s.count if s.count else None,
           Measure("score"), needs="score", of="scored traces", is_high_bad=False,
           help="A trace counts once, by the mean of its scores of that name."),
    Metric("score_missed", "Share that misses a score’s bar", "Quality", "ratio",
           lambda s: _ratio(s.missed, s.count), Measure("score"), needs="bar", of="scored traces",
           help="For hallucinations the score of faithfulness or grounding, for refusals that of "
                "refusals."),
    Metric("fluent_wrong", "Fluent answer on wrong documents", "Quality", "ratio",
           lambda s: _ratio(s.missed, s.count), Measure("pair"), needs="pair",
           of="traces with both scores",
           help="One score passes its bar, such as relevance or faithfulness of the answer, and "
                "another misses its own, such as relevance of what was retrieved."),
    Metric("thumbs_down", "Thumbs down", "Quality", "ratio",
           lambda s: _ratio(s.missed, s.count), Measure("score", one=Bar("", 0.5, True)),
           of="rated traces", evidence="feedback:down",
           help="Of traces that users rated, those that one said no to."),
)  # fmt: skip
METRICS: dict[str, Metric] = {one.key: one for one in _ALL}
