"""A piece of an experiment's page: what its agent cost for each resolved task."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from evals.queries.agents import agent_figures
from evals.views.experiment_opening import open_experiment


@require_GET
@login_required
def experiment_agent(request: HttpRequest, project_slug: str, number: int) -> HttpResponse:
    """Cost per resolution with its interval; nothing where no evaluator tells what is resolved."""
    _, found = open_experiment(request, project_slug, number)
    figures = agent_figures(found)
    interval = figures.per_resolution if figures is not None else None
    context = {
        "figures": figures,
        "low": None if interval is None else _nano(interval.low),
        "high": None if interval is None else _nano(interval.high),
    }
    return render(request, "evals/_experiment_agent.html", context)


def _nano(value: float) -> int | None:
    """Whole nano-dollars; None of a bound that is infinitely large."""
    return round(value) if value < 1e18 else None
