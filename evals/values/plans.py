"""What an experiment is to be, before it is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evals.models import Dataset, EvaluatorVersion, Experiment
from prompts.models import PromptVersion


@dataclass(frozen=True)
class Plan:
    """A prompt version and a model over a dataset version, `repeats` times each item.

    `dataset_version` None is the newest, `model` '' the version's own, `provider` '' the one that
    offers it. `parameters` stand over those of the version. `splits` () is main alone, `slices` ()
    all, '' among them is the items without one. `most_items` takes so many in a fixed shuffle.
    `cost_cap_nano` bounds target and judges together; with it, calls without a price are refused
    unless `allows_unpriced`. The first of `evaluators` decides. Pairwise ones compare with the
    answers of `baseline`; without one with what is expected.
    """

    dataset: Dataset
    prompt_version: PromptVersion
    dataset_version: int | None = None
    evaluators: Sequence[EvaluatorVersion] = ()
    name: str = ""
    description: str = ""
    provider: str = ""
    model: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    feature: str = ""
    splits: Sequence[str] = ()
    slices: Sequence[str] = ()
    most_items: int | None = None
    with_drafts: bool = False
    repeats: int = 1
    concurrency: int = 8
    rate_per_minute: int | None = None
    cost_cap_nano: int | None = None
    allows_unpriced: bool = False
    baseline: Experiment | None = None
    purpose: Experiment.Purpose = Experiment.Purpose.EXPERIMENT
    metadata: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Estimate:
    """What a run will take, before it. Money in nano-dollars, None where it is not known.

    `input_tokens` is an estimate over all calls of the target. `most_nano` is with as many tokens
    out as the parameters allow, `judges_nano` the ceiling of all judges' calls, None where one of
    them has no price or no limit. `unpriced` says why the target has no price.
    """

    items: int
    calls: int
    judgements: int
    input_tokens: int
    most_output_tokens: int | None = None
    input_nano: int | None = None
    most_nano: int | None = None
    judges_nano: int | None = None
    unpriced: str = ""
    unanswerable: int = 0  # items whose variables are missing
    problem: str = ""  # of the first of them, in words
