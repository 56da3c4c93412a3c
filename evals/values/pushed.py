"""What somebody else's runner says of an experiment that it ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from evals.models import Dataset, EvaluatorVersion, Experiment
from prompts.models import PromptVersion


@dataclass(frozen=True)
class NewPushed:
    """An experiment whose outputs come from elsewhere. `external_id` '' is made up.

    `evaluators` score what is pushed, beside the scores that come with it; pairwise ones compare
    with the answers of `baseline`.
    """

    name: str
    external_id: str = ""
    origin: Experiment.Origin = Experiment.Origin.PUSHED
    description: str = ""
    dataset: Dataset | None = None
    dataset_version: int | None = None
    prompt_version: PromptVersion | None = None
    model: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    feature: str = ""
    evaluators: Sequence[EvaluatorVersion] = ()
    baseline: Experiment | None = None
    metadata: Any = None


@dataclass(frozen=True)
class PushedScore:
    """One score of a result. `passed` None: the bar of the score's definition says."""

    name: str
    value: bool | float | str
    reason: str = ""
    passed: bool | None = None
    source: str = "code"


@dataclass(frozen=True)
class PushedResult:
    """One output, of an item in one repeat. None is unknown; money in nano-dollars.

    Without a `trace_id` a trace is made of it. An `error` says why there is no output.
    """

    item: str
    repeat: int = 1
    input: Any = None
    expected: Any = None
    output: Any = None
    error: str = ""
    trace_id: str = ""
    span_id: str = ""
    started_at: datetime | None = None
    duration_us: int | None = None
    first_token_us: int | None = None
    cost_nano: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    is_refusal: bool | None = None
    slice: str = ""
    cluster: str = ""
    metadata: Any = None
    scores: Sequence[PushedScore] = ()
