"""Traces on which queries are tried, as they were sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from accounts.models import Project
from tests.traces.seeing import span, store
from traces.ingest.record import Kind, Level, SpanRecord
from traces.models import Outcome, Score

ATTRIBUTES = ({"tier": "gold"}, {"http.status_code": 200}, {"a key": True})


@dataclass
class Told:
    """One trace as it was sent, with what was said of it since."""

    trace_id: str
    spans: list[SpanRecord]
    scores: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    session_outcomes: list[str] = field(default_factory=list)

    @property
    def root(self) -> SpanRecord:
        return self.spans[0]


def tell(project: Project, count: int, seed: int = 7, mark: str = "") -> list[Told]:
    """Store `count` varied traces, oldest last, with scores and outcomes."""
    random = Random(seed)
    told = [_trace(random, number, mark) for number in range(count)]
    store(project, *(one for trace in told for one in trace.spans))
    now = datetime.now(UTC)
    common = {"project_id": project.pk, "at": now, "created_at": now, "updated_at": now}
    scores, outcomes = [], []
    for trace in told:
        for place, score in enumerate(trace.scores):
            scores.append(
                Score(trace_id=trace.trace_id, id=f"{trace.trace_id}-{place}", **score, **common)
            )
        for name in trace.outcomes:
            outcomes.append(
                Outcome(trace_id=trace.trace_id, id=f"{trace.trace_id}-{name}", name=name, **common)
            )
    for session in ("s1",):
        outcomes.append(
            Outcome(trace_id="", session_id=session, id=session, name="escalated", **common)
        )
    Score.objects.bulk_create(scores)
    Outcome.objects.bulk_create(outcomes)
    for trace in told:
        if trace.root.session_id == "s1":
            trace.session_outcomes.append("escalated")
    return told


def _trace(random: Random, number: int, mark: str) -> Told:
    trace_id = f"t{number}{mark}"
    ago = 60 + number * 300
    common = {
        "user_id": random.choice(["u1", "u2", None]),
        "session_id": random.choice(["s1", "s2", None]),
        "feature": random.choice(["refunds", "search", None]),
        "environment": random.choice(["production", "staging", "sdk-experiment", None]),
        "release": random.choice(["1.4", "2.0", None]),
    }
    spans = [
        span(
            trace_id, f"{trace_id}-root", ago=ago, lasts=random.choice([1, 2.5, 4, None]),
            name=random.choice(["resolve", "refund-agent", "100%"]), kind=Kind.AGENT,
            level=random.choice([Level.DEFAULT, Level.DEFAULT, Level.ERROR]),
            tags=random.choice([["beta"], ["vip", "beta"], None]),
            attributes=random.choice(ATTRIBUTES),
            user_segment=random.choice(["enterprise", "free", None]),
            route=("cheap-first", "careful", None)[number % 3],
            experiment=random.choice([{"dataset_id": "golden"}, None, None]), **common,
        )
    ]  # fmt: skip
    for place in range(random.randint(0, 2)):
        said = random.choice(["Where is my ORDER?", "a refund, please", "ご注文はどこ", None])
        spans.append(
            span(
                trace_id, f"{trace_id}-{place}", ago=ago, at=0.1, lasts=random.choice([0.8, 1, 3]),
                name=f"call {place}", kind=random.choice([Kind.GENERATION, Kind.EMBEDDING]),
                parent_span_id=f"{trace_id}-root", model=random.choice(["gpt-4o", "claude-3"]),
                model_requested=random.choice(["gpt-4o", "claude-3-latest", None]),
                provider=random.choice(["openai", "anthropic", None]),
                prompt_name=random.choice(["refund", "refund/a", None]),
                prompt_version=random.choice(["3", "7"]),
                cost_given=random.choice([{"total": 0.02}, {"total": 0.005}, {"total": 1.5}]),
                ttft_us=random.choice([800_000, 2_000_000, None]),
                in_uncached=random.choice([100, 20_000, None]), in_cached=None,
                out_text=random.choice([20, 0, None]), response_id=f"chatcmpl-{number}",
                input=said, output=random.choice(["Sorry, it's here.", "On its way", None]),
                attributes=random.choice([{"http.status_code": 500}, {"deep": {"er": "gold"}}, {}]),
                index_name=random.choice(["help-center", None]), **common,
            )
        )  # fmt: skip
    if random.random() < 0.5:
        spans.append(
            span(
                trace_id, f"{trace_id}-tool", ago=ago, at=0.2, name="lookup", kind=Kind.TOOL,
                parent_span_id=f"{trace_id}-root",
                level=random.choice([Level.DEFAULT, Level.ERROR]), **common,
            )
        )  # fmt: skip
    return Told(trace_id, spans, _scores(random, trace_id), _outcomes(random))


def _scores(random: Random, trace_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if random.random() < 0.5:
        found.append({"name": "helpful", "data_type": "number", "source": "judge",
                      "num": random.choice([0.2, 0.5, 0.9]),
                      "span_id": random.choice([None, f"{trace_id}-root"])})  # fmt: skip
    if random.random() < 0.4:
        found.append({"name": "helpful", "data_type": "boolean", "source": "user",
                      "num": random.choice([0.0, 1.0])})  # fmt: skip
    if random.random() < 0.4:
        found.append({"name": "tone", "data_type": "category", "source": "human",
                      "label": random.choice(["polite", "rude"])})  # fmt: skip
    return found


def _outcomes(random: Random) -> list[str]:
    return random.choice([["resolved"], ["escalated"], [], []])
