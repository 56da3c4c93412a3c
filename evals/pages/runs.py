"""What a page says of an experiment: what was run, where that serves, how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evals.models import Experiment
from evals.pages.wording import many
from evals.queries.runs import Serving

TONES = {
    Experiment.State.DONE: "ok",
    Experiment.State.FAILED: "bad",
    Experiment.State.CAPPED: "warn",
    Experiment.State.CANCELLED: "",
    Experiment.State.RUNNING: "info",
    Experiment.State.DUE: "info",
}
ICONS = {
    Experiment.State.DONE: "check",
    Experiment.State.FAILED: "err",
    Experiment.State.CAPPED: "coin",
    Experiment.State.CANCELLED: "x",
    Experiment.State.RUNNING: "clock",
    Experiment.State.DUE: "clock",
}
SERVES_FIRST = ("production", "staging")


@dataclass(frozen=True, slots=True)
class Chip:
    """A word beside a run."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Run:
    """One experiment as a head of a column or a row. `words` names it in a sentence."""

    experiment: Experiment
    version: str
    model: str
    words: str
    chips: tuple[Chip, ...]

    @property
    def number(self) -> int:
        """In the project."""
        return self.experiment.number

    @property
    def tone(self) -> str:
        """Of its state."""
        if self.experiment.state == Experiment.State.DONE and self.experiment.failed:
            return "warn"
        return TONES[Experiment.State(self.experiment.state)]

    @property
    def icon(self) -> str:
        """Of its state."""
        return ICONS[Experiment.State(self.experiment.state)]

    @property
    def state(self) -> str:
        """In a word or two, with progress where there is some."""
        if self.experiment.state == Experiment.State.RUNNING:
            return f"{self.percent}%"
        if self.experiment.state == Experiment.State.CAPPED:
            return "At its cap"
        return Experiment.State(self.experiment.state).label

    @property
    def steps(self) -> int:
        """Answers and judgements that there will be, as far as is known."""
        return self.experiment.total + self.experiment.to_judge

    @property
    def over(self) -> int:
        """Of them those that are over."""
        one = self.experiment
        return min(one.done + one.failed + one.judged, self.steps)

    @property
    def percent(self) -> int:
        """How much of it is over; 100 only at the end."""
        return min(100 * self.over // self.steps, 99) if self.steps else 0

    @property
    def is_partial(self) -> bool:
        """True where answers are missing for good or as yet."""
        one = self.experiment
        return one.state != Experiment.State.DONE or one.failed > 0

    @property
    def partial(self) -> str:
        """What is missing, in a sentence; empty where nothing is."""
        one = self.experiment
        if one.is_open:
            return f"Still running: {one.done + one.failed:,} of {many(one.total, 'answer')}."
        missing = one.total - one.done - one.failed
        parts = []
        if one.state == Experiment.State.CAPPED:
            parts.append("Stopped at its cost cap")
        elif one.state == Experiment.State.CANCELLED:
            parts.append("Cancelled")
        elif one.state == Experiment.State.FAILED:
            parts.append("Failed")
        if missing > 0:
            parts.append(f"{missing:,} of {many(one.total, 'answer')} were never asked for")
        if one.failed:
            parts.append(f"{many(one.failed, 'answer')} failed")
        return f"{'; '.join(parts)}." if parts else ""


def run_of(
    experiment: Experiment, serving: Serving | None = None, among: Sequence[Experiment] = ()
) -> Run:
    """`experiment` as a page shows it; among others its words say what tells it apart."""
    version = experiment.prompt_version
    name = f"v{version.number}" if version else experiment.prompt_label or experiment.name
    model = short_model(experiment.model)
    return Run(experiment, name, model, _words(experiment, name, model, among), _chips(serving))


def short_model(model: str) -> str:
    """A model's name without the makers' prefix and the date: `claude-sonnet-4-5`."""
    last = model.rpartition("/")[2]
    head, _, tail = last.rpartition("-")
    return head if head and tail.isdecimal() and len(tail) >= 6 else last


def _words(one: Experiment, name: str, model: str, among: Sequence[Experiment]) -> str:
    """The version, with its prompt or model where another run has the same; else the number."""
    others = [other for other in among if other.pk != one.pk]
    alike = [other for other in others if other.prompt_version_id == one.prompt_version_id]
    if one.prompt_version_id is None or any(other.model == one.model for other in alike):
        return f"Run {one.number}"
    if one.prompt and any(other.prompt_id != one.prompt_id for other in others):
        name = f"{one.prompt.name} {name}"
    return f"{name} on {model}" if model and alike else name


def _chips(serving: Serving | None) -> tuple[Chip, ...]:
    if serving is None:
        return ()
    chips = []
    labels = sorted(serving.labels, key=lambda name: (name not in SERVES_FIRST, name))
    if "production" in labels:
        chips.append(Chip("serves now"))
        labels.remove("production")
    for rollout in serving.rollouts:
        if rollout.label in labels:
            labels.remove(rollout.label)
        chips.append(Chip(f"canary {rollout.share / 100:g}%", "accent"))
    chips += [Chip(name) for name in labels[: 2 - len(chips)]]
    return tuple(chips)
