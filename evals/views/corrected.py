"""What judges say of an experiment's answers, beside what people would say."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from evals.queries.calibration import calibration_of, verdict_on
from evals.queries.corrected import of_experiment
from evals.queries.judges import judging_versions
from evals.views.experiment_opening import open_experiment


@require_GET
@login_required
def experiment_judged(request: HttpRequest, project_slug: str, number: int) -> HttpResponse:
    """A piece of the experiment's page: each judge's pass rate, and the one that labels correct."""
    door, found = open_experiment(request, project_slug, number)
    rows = []
    for version in judging_versions(found):
        rate = of_experiment(found, version)
        if rate.judged:
            verdict = verdict_on(calibration_of(version))
            rows.append({"version": version, "rate": rate, "verdict": verdict})
    context = {"project": door.project, "rows": rows}
    return render(request, "evals/_experiment_judged.html", context)
