"""Links to experiments that Langfuse's SDKs print, sent on to our pages."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.access import project_for
from accounts.models import Project
from evals.queries.experiments import experiment_called


@login_required
def experiments(request: HttpRequest, project_id: str) -> HttpResponse:
    """The experiment named as the baseline; their list where it is not known yet."""
    return _experiment(_project(request, project_id), request.GET.get("baseline", ""))


@login_required
def run(request: HttpRequest, project_id: str, dataset_id: str, run_id: str) -> HttpResponse:
    """The experiment that a run of a dataset is."""
    return _experiment(_project(request, project_id), run_id)


def _experiment(project: Project, external_id: str) -> HttpResponse:
    found = experiment_called(project, external_id)
    if found is None:  # its traces are on their way
        return HttpResponseRedirect(reverse("evals:experiments", args=[project.slug]))
    return HttpResponseRedirect(reverse("evals:experiment", args=[project.slug, found.number]))


def _project(request: HttpRequest, project_id: str) -> Project:
    """The project for who may see it. Raises: Http404."""
    known = project_id if project_id.isascii() and project_id.isdecimal() else ""
    found = Project.objects.filter(pk=int(known)).first() if 0 < len(known) < 18 else None
    if found is None:
        raise Http404("No such project.")
    return project_for(request.user, found.slug)
