"""What a plan comes to: the items, the model and the connection, or why it cannot be run."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Project
from evals.calling import limit_of
from evals.models import (
    Dataset,
    EvaluatorKind,
    EvaluatorVersion,
    Experiment,
    ItemRevision,
    Split,
)
from evals.queries.datasets import items_of
from evals.values.plans import Plan
from gateway.models import Provider
from gateway.queries import provider_for, traced_as
from kit.errors import DomainError
from pricing.card import Unpriced
from pricing.pricer import PRICER
from prompts.content import BadContent, Content
from prompts.models import PromptVersion
from prompts.queries.resolving import resolver
from prompts.rendering import Node, compose

MOST_RESULTS = 50_000
MOST_REPEATS = 100
MOST_CONCURRENCY = 64
MOST_EVALUATORS = 20
# Of answers under a cost cap, where neither version nor plan limits them: else no cap could hold.
CAPPED_OUTPUT_TOKENS = 4_096
NO_PAIRS_IN_GATES = (
    "compares two answers. People label one answer at a time, so no such judge can be calibrated, "
    "and a gate takes none: choose it for an experiment against a baseline run."
)


class BadPlan(DomainError):
    """The experiment cannot be run as it was asked for; `where` is the field that says so."""

    def __init__(self, text: str, where: str = "") -> None:
        super().__init__(text)
        self.where = where


@dataclass(frozen=True)
class Settled:
    """A plan worked out. `parameters` are those that stand over the version's own."""

    plan: Plan
    version: int  # of the dataset
    items: list[ItemRevision]
    content: Content
    model: str
    provider: Provider
    parameters: dict[str, object]


def settled(project: Project, plan: Plan) -> Settled:
    """The plan with everything looked up. Raises: BadPlan, NoProvider."""
    _refuse_sizes(plan)
    _refuse_strangers(project, plan)
    version = plan.dataset.last_number if plan.dataset_version is None else plan.dataset_version
    if not 0 < version <= plan.dataset.last_number:
        raise BadPlan(f"{plan.dataset.name} has no version {version}.", "dataset_version")
    content = content_of(project, plan.prompt_version)
    model = plan.model or content.model
    if not model:
        raise BadPlan("This version names no model: choose one.", "model")
    provider = provider_for(project, model=model, name=plan.provider)
    items = chosen_items(plan, version)
    if not items:
        raise BadPlan(f"No item of {plan.dataset.name} v{version} is chosen.", "dataset")
    if len(items) * plan.repeats > MOST_RESULTS:
        raise BadPlan(
            f"{len(items):,} items × {plan.repeats} are over {MOST_RESULTS:,} calls: choose fewer.",
            "repeats",
        )
    if plan.cost_cap_nano is not None and not plan.allows_unpriced:
        _refuse_unpriced(project, provider, model)
    parameters = dict(plan.parameters)
    is_limited = limit_of({**content.parameters, **parameters}) is not None
    if plan.cost_cap_nano is not None and not is_limited:
        parameters["max_tokens"] = CAPPED_OUTPUT_TOKENS
    return Settled(plan, version, items, content, model, provider, parameters)


def _refuse_unpriced(project: Project, provider: Provider, model: str) -> None:
    """A cap cannot hold what nobody can count."""
    now = time.time_ns() // 1000
    card = PRICER.table(project.pk).card(traced_as(provider), model, None, now)
    if isinstance(card, Unpriced):
        raise BadPlan(
            f"{model} has no price ({card.reason}), so a cost cap cannot hold: state a price in "
            "Settings, Prices, or allow calls without one.",
            "cost_cap_nano",
        )


def content_of(project: Project, version: PromptVersion) -> Content:
    """The version with the texts that it refers to. Raises: BadPlan."""
    prompt = version.prompt
    try:
        said = version.content(prompt.kind)
        return compose(said, resolver(project.pk), root=Node(prompt.name, version.number)).content
    except BadContent as bad:
        raise BadPlan(str(bad), "version") from None


def chosen_items(plan: Plan, version: int) -> list[ItemRevision]:
    """The items that the plan runs, in their order."""
    items = list(
        items_of(
            plan.dataset,
            version,
            splits=plan.splits,
            slices=plan.slices,
            with_drafts=plan.with_drafts,
        )
    )
    if plan.most_items is not None and plan.most_items < len(items):
        kept = sorted(items, key=lambda item: _shuffled(item.item.key))[: plan.most_items]
        chosen = {item.pk for item in kept}
        items = [item for item in items if item.pk in chosen]
    return items


def _shuffled(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _refuse_sizes(plan: Plan) -> None:
    bounds = (
        ("repeats", plan.repeats, 1, MOST_REPEATS),
        ("concurrency", plan.concurrency, 1, MOST_CONCURRENCY),
        ("rate_per_minute", plan.rate_per_minute, 1, 1_000_000),
        ("most_items", plan.most_items, 1, MOST_RESULTS),
        ("cost_cap_nano", plan.cost_cap_nano, 0, 2**62),
    )
    for name, value, least, most in bounds:
        if value is not None and not least <= value <= most:
            raise BadPlan(f"{name} lies between {least} and {most:,}, not at {value}.", name)
    if unknown := [name for name in plan.splits if name not in Split.values]:
        raise BadPlan(f"There is no split {unknown[0]}.", "splits")
    if len(plan.evaluators) > MOST_EVALUATORS:
        raise BadPlan(f"At most {MOST_EVALUATORS} evaluators score a run.", "evaluators")
    if plan.purpose == Experiment.Purpose.GATE and plan.with_drafts:
        raise BadPlan("A draft takes part in no run of a gate.", "with_drafts")


def _refuse_strangers(project: Project, plan: Plan) -> None:
    if plan.dataset.project_id != project.pk or plan.dataset.archived_at is not None:
        raise BadPlan("There is no such dataset here.", "dataset")
    if plan.prompt_version.prompt.project_id != project.pk:
        raise BadPlan("There is no such prompt version here.", "version")
    if plan.prompt_version.archived_at is not None:
        raise BadPlan("This version of the prompt is archived.", "version")
    seen: set[int] = set()
    for version in plan.evaluators:
        if version.evaluator.project_id != project.pk:
            raise BadPlan("There is no such evaluator here.", "evaluators")
        if version.state == version.State.REJECTED:
            raise BadPlan(f"{version} was rejected.", "evaluators")
        if is_pairwise(version) and plan.purpose == Experiment.Purpose.GATE:
            raise BadPlan(f"{version.evaluator} {NO_PAIRS_IN_GATES}", "evaluators")
        if version.evaluator_id in seen:
            raise BadPlan(f"{version.evaluator} is named twice.", "evaluators")
        seen.add(version.evaluator_id)
    refuse_baseline(project, plan.baseline, plan.dataset, plan.evaluators)


def is_pairwise(version: EvaluatorVersion) -> bool:
    """True where it says which of two answers is better."""
    return version.evaluator.kind == EvaluatorKind.PAIRWISE


def refuse_baseline(
    project: Project,
    baseline: Experiment | None,
    dataset: Dataset | None,
    evaluators: Sequence[EvaluatorVersion],
) -> None:
    """A run is compared with one that is over, of the same dataset. Raises: BadPlan."""
    if baseline is None:
        return
    if baseline.project_id != project.pk:
        raise BadPlan("There is no such run here to compare with.", "baseline")
    if dataset is None or baseline.dataset_id != dataset.pk:
        raise BadPlan(f"Run {baseline.number} is not over this dataset.", "baseline")
    if baseline.is_open:
        raise BadPlan(f"Run {baseline.number} is not over yet: wait for its end.", "baseline")
    if not any(map(is_pairwise, evaluators)):
        raise BadPlan(
            f"Nothing would compare with run {baseline.number}: choose a pairwise judge.",
            "baseline",
        )
