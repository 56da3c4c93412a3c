"""What the runs of an agent cost for each task that they resolved: of a whole experiment."""

from __future__ import annotations

from dataclasses import dataclass

from evals.evaluating.spec import AGENT
from evals.models import Experiment, Judgement
from evals.statistics.resampling import bootstrap_ratio
from kit.intervals import Interval

RESOLUTION, COMPLETION = "resolution", "task_completion"
DRAWS = 2_000  # of an interval on a page


@dataclass(frozen=True, slots=True)
class AgentFigures:
    """Runs of an experiment as an agent's. Money in nano-dollars, of failed runs too.

    `says` is the evaluator that tells whether a run is resolved; `silent` runs do not say.
    `per_resolution` is None where nothing was resolved or no cost is known.
    """

    says: str
    runs: int
    resolved: int
    silent: int
    unpriced: int
    total_nano: int | None
    resolved_priced: int  # of the resolved, those whose cost is known: like is divided by like
    per_resolution: Interval | None

    @property
    def rate(self) -> float | None:
        """Resolved runs, of those that say."""
        known = self.runs - self.silent
        return self.resolved / known if known else None

    @property
    def per_resolution_nano(self) -> int | None:
        """All cost, divided by the resolved runs; of runs whose cost is known."""
        if self.total_nano is None or not self.resolved_priced:
            return None
        return round(self.total_nano / self.resolved_priced)


def agent_figures(experiment: Experiment) -> AgentFigures | None:
    """The figures; None where no evaluator says whether runs are resolved. Three statements."""
    used = experiment.evaluators.select_related("version__evaluator").order_by("place")
    named = {
        one.version.config.get("check"): one.version.evaluator.name
        for one in used
        if one.version.evaluator.kind == AGENT
    }
    name = named.get(RESOLUTION) or named.get(COMPLETION)
    if name is None:
        return None
    said = dict(
        Judgement.objects.filter(
            experiment=experiment, name=name, state=Judgement.State.DONE, num__isnull=False
        ).values_list("result_id", "num")
    )
    rows = list(
        experiment.results.filter(finished_at__isnull=False)
        .order_by("pk")
        .values_list("pk", "cost_nano")
    )
    priced = [(pk, cost) for pk, cost in rows if cost is not None]
    resolved = [float(said.get(pk) == 1.0) for pk, _ in priced]
    costs = [float(cost) for _, cost in priced]
    return AgentFigures(
        says=name,
        runs=len(rows),
        resolved=sum(said.get(pk) == 1.0 for pk, _ in rows),
        silent=sum(pk not in said for pk, _ in rows),
        unpriced=len(rows) - len(priced),
        total_nano=sum(cost for _, cost in priced) if priced else None,
        resolved_priced=int(sum(resolved)),
        per_resolution=bootstrap_ratio(costs, resolved, draws=DRAWS) if priced else None,
    )
