"""An experiment opened for running, and the rows that go through it. No database behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from evals.evaluating.spec import REMOTE, Spec
from evals.evaluating.subject import Subject, ToolUse, Verdict
from evals.models import Experiment
from gateway.client import Connection
from pricing.project_table import ProjectTable
from prompts.content import Content


@dataclass(frozen=True)
class Scorer:
    """One evaluator of a run, opened."""

    version_id: int
    spec: Spec

    @property
    def is_quick(self) -> bool:
        """True where it only computes: then it scores in the moment in which the answer is here."""
        return not self.spec.is_model and self.spec.kind != REMOTE


@dataclass(frozen=True)
class Asks:
    """What an experiment asks, and whom."""

    content: Content
    connection: Connection
    prices: ProjectTable


@dataclass
class Job:
    """One experiment while a worker holds its lock; `lock` gives it back.

    `asks` is None where somebody else made the outputs, and only judges are asked.
    """

    experiment: Experiment
    asks: Asks | None
    scorers: Sequence[Scorer]
    lock: ExitStack = field(repr=False)

    @property
    def quick(self) -> list[Scorer]:
        """Those that score at once."""
        return [one for one in self.scorers if one.is_quick]

    @property
    def slow(self) -> list[Scorer]:
        """Those that ask somebody."""
        return [one for one in self.scorers if not one.is_quick]


@dataclass(frozen=True, slots=True)
class Case:
    """What the result of one item and repeat is made from."""

    result_id: int
    item_key: str
    repeat: int
    attempts: int
    input: Any
    expected: Any
    characteristics: tuple[str, ...]
    metadata: Mapping[str, Any]
    is_held_out: bool


@dataclass(slots=True)
class Ended:
    """What came of a case; an `error` says why there is no output."""

    case: Case
    output: Any = None
    error: str = ""
    trace_id: str = ""
    span_id: str = ""
    duration_us: int | None = None
    first_token_us: int | None = None
    cost_nano: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    is_refusal: bool | None = None
    is_call: bool = False  # the provider was asked and answered
    started_at: datetime | None = None
    finished_at: datetime | None = None
    verdicts: list[tuple[Scorer, Verdict]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Counterpart:
    """The baseline's answer to the same item; `lacks` says why there is none."""

    result_id: int | None = None
    output: Any = None
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A judgement that is due: of this subject, by that evaluator's version."""

    judgement_id: int
    version_id: int
    result_id: int
    item_key: str
    repeat: int
    subject: Subject
    other: Counterpart | None = None  # None: no run to compare with


@dataclass(slots=True)
class Judged:
    """What came of it."""

    pending: Pending
    scorer: Scorer
    verdict: Verdict


def subject_of(case: Case, ended: Ended) -> Subject:
    """What an evaluator sees of an answer."""
    text, tools = split_output(ended.output)
    return Subject(
        input=case.input,
        output=text,
        expected=case.expected,
        characteristics=case.characteristics,
        metadata=case.metadata,
        tools=tools,
        duration_ms=None if ended.duration_us is None else ended.duration_us / 1000,
        first_token_ms=None if ended.first_token_us is None else ended.first_token_us / 1000,
        cost_nano=ended.cost_nano,
        output_tokens=ended.output_tokens,
        trace_id=ended.trace_id,
        span_id=ended.span_id,
        is_held_out=case.is_held_out,
    )


def split_output(output: Any) -> tuple[Any, tuple[ToolUse, ...] | None]:
    """The answer as text, and the tools that it asks for, as `output_of` put them together."""
    if not isinstance(output, dict) or set(output) != {"text", "tool_calls"}:
        return output, None
    return output["text"], tuple(
        ToolUse(name=str(call.get("name")), arguments=call.get("arguments"))
        for call in output["tool_calls"]
        if isinstance(call, dict)
    )
