"""The plan of an A/B test: how many calls each arm needs for the difference that matters."""

from __future__ import annotations

from dataclasses import asdict
from math import isfinite
from typing import Any

from kit.intervals import plan
from prompts.guarding.metrics import ERRORS, BadGuard, metric_of
from prompts.models import WHOLE, ChangeRequest
from prompts.queries.rollouts import score_ranges
from prompts.queries.versions import figures_of_version
from prompts.services.errors import NothingToDo

LEAST_BASE = 0.01  # a rate that was never seen to hit is planned for as one in a hundred


def planned_test(
    request: ChangeRequest, *, metric: str, effect: float, share: int
) -> dict[str, Any]:
    """The `test` of a plan: its metric, and the calls that an `effect` of that size needs.

    `effect` is a difference of rates or means, or a share of a latency or cost, such as 0.02.
    Raises: NothingToDo.
    """
    if not isfinite(effect):
        raise NothingToDo("The least difference that matters is a number, such as 0.02.")
    try:
        known = metric_of(metric, score_ranges(request.project_id))
        base = LEAST_BASE if known.measure == "rate" else 1.0  # a spread as large as the mean
        if known.key == ERRORS and request.from_version is not None:
            figures = figures_of_version(request.prompt, request.from_version.number)
            if figures is not None and figures.spans:
                base = max(LEAST_BASE, figures.errors / figures.spans)
        made = plan(known.measure, base=base, effect=abs(effect), share_new=share / WHOLE)
    except (BadGuard, ValueError) as bad:
        raise NothingToDo(str(bad)) from None
    return {"metric": known.key, "plan": asdict(made)}
