"""Pages of gates: the list, one gate, one answer; asking and stopping."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Door, enter
from accounts.models import Role
from evals.deciding import words
from evals.deciding.settings import settings_from
from evals.forms.gates import AskForm
from evals.models import Gate, GateRun
from evals.pages import gate as page
from evals.queries.gate_cases import sight_of
from evals.queries.gates import (
    get_gate,
    get_run,
    list_gates,
    open_proposals,
    runs_of,
    standing_of,
    weakened_by,
)
from evals.services.gate_asking import Question, ask_gate
from evals.services.gate_runs import cancel_run, serving_version
from kit.htmx import HtmxRequest, render_page
from prompts.queries.environments import environment_of, is_protected
from prompts.views.opening import back, is_understood, person, refusals_are_told

MOST_RUNS = 50


@require_GET
@login_required
def gate_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The project's gates with their newest answers, and changes that wait."""
    door = enter(request, project_slug)
    rows = [
        {"row": row, "tone": page.TONES.get(row.run.state) if row.run else "",
         "icon": page.ICONS.get(row.run.state) if row.run else "",
         "question": page.question_of(row.run) if row.run else ""}
        for row in list_gates(door.project)
    ]  # fmt: skip
    context = {
        "title": "Gates",
        "nav_current": "gates",
        "rows": rows,
        "proposals": list(open_proposals(door.project)[:MOST_RUNS]),
        "may_write": door.may(Role.ENGINEER),
    }
    return render_page(request, "evals/gate_list.html", context, partial="rows")


@require_GET
@login_required
def gate(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """What a gate asks, what it can see, its answers, and who weakened it."""
    door, found = open_gate(request, project_slug, pk)
    standing = standing_of(found)
    runs = list(runs_of(found)[:MOST_RUNS])
    serving = serving_version(found)
    context = {
        "title": f"Gate of {found.prompt.name}",
        "nav_current": "gates",
        "crumbs": [_gates(door)],
        "gate": found,
        "standing": standing,
        "lines": page.lines_of(standing.settings),
        "sight": sight_of(door.project, standing.settings, gate=found),
        "runs": [(run, page.TONES[run.state], page.ICONS[run.state], page.question_of(run))
                 for run in runs],
        "weakened": weakened_by(found),
        "waiting": list(open_proposals(door.project).filter(gate=found)),
        "serving": serving,
        "is_free": not is_protected(environment_of(door.project, found.environment)),
        "newest": found.prompt.last_number,
        "is_running": any(run.state == GateRun.State.RUNNING for run in runs),
        "may_write": door.may(Role.ENGINEER),
    }  # fmt: skip
    return render_page(request, "evals/gate.html", context, partial="body")


@require_GET
@login_required
def gate_run(request: HtmxRequest, project_slug: str, pk: int, number: int) -> HttpResponse:
    """One answer: verdict, interval, table, what flipped."""
    door, found = open_gate(request, project_slug, pk)
    run = _run(door, found, number)
    asked = settings_from({k: v for k, v in run.settings.items() if k != "is_fresh"})
    both = [one for one in (run.baseline_experiment, run.candidate_experiment) if one]
    context = {
        "title": f"Run {run.pk}",
        "nav_current": "gates",
        "crumbs": [_gates(door),
                   {"text": str(found.prompt.name),
                    "href": reverse("evals:gate", args=[project_slug, pk])}],
        "gate": found,
        "run": run,
        "question": page.question_of(run),
        "tone": page.TONES[run.state],
        "icon": page.ICONS[run.state],
        "verdict": run.verdict,
        "plot": page.plot_of(run.verdict),
        "flips": page.flips_of(run.verdict),
        "slices": page.slices_of(run.verdict),
        "reasons": page.reasons_of(run.verdict),
        "p_words": words.p_value((run.verdict.get("primary") or {}).get("p")),
        "with": ",".join(str(one.number) for one in both),
        "lines": page.lines_of(asked),
        "experiments": both,
        "done": sum(one.done + one.failed for one in both),
        "total": sum(one.total for one in both),
        "is_running": run.state == GateRun.State.RUNNING,
        "may_write": door.may(Role.ENGINEER),
    }  # fmt: skip
    return render_page(request, "evals/gate_run.html", context, partial="body")


@require_POST
@login_required
def gate_ask(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Ask about a version, or about what serves under another model."""
    door, found = open_gate(request, project_slug, pk, least=Role.ENGINEER)
    at = reverse("evals:gate", args=[project_slug, pk])
    form = AskForm(request.POST)
    if not is_understood(request, form):
        return back(request, at)
    question = Question(
        prompt=found.prompt.name,
        version=form.cleaned_data["version"],
        environment=found.environment,
        model=form.cleaned_data["model"].strip(),
        is_fresh=form.cleaned_data["fresh"],
    )
    with refusals_are_told(request):
        run = ask_gate(door.project, question, trigger=GateRun.Trigger.PAGE, actor=person(request))
        response = redirect("evals:gate_run", project_slug, pk, run.pk)
        response.status_code = 303
        return response
    return back(request, at)


@require_POST
@login_required
def gate_run_cancel(request: HttpRequest, project_slug: str, pk: int, number: int) -> HttpResponse:
    """Stop asking."""
    door, found = open_gate(request, project_slug, pk, least=Role.ENGINEER)
    run = _run(door, found, number)
    with refusals_are_told(request):
        cancel_run(run, actor=person(request))
        messages.success(request, f"Run {run.pk} is cancelled.")
    return back(request, reverse("evals:gate_run", args=[project_slug, pk, number]))


def open_gate(
    request: HttpRequest, project_slug: str, pk: int, *, least: Role = Role.VIEWER
) -> tuple[Door, Gate]:
    """The door and the gate. Raises: Http404, PermissionDenied."""
    door = enter(request, project_slug, least=least)
    found = get_gate(door.project, pk)
    if found is None:
        raise Http404("This project has no such gate.")
    found.project = found.prompt.project = door.project
    return door, found


def _run(door: Door, gate: Gate, pk: int) -> GateRun:
    run = get_run(door.project, pk)
    if run is None or run.gate_id != gate.pk:
        raise Http404("This gate has no such run.")
    run.gate.project = door.project
    return run


def _gates(door: Door) -> dict[str, str]:
    return {"text": "Gates", "href": reverse("evals:gates", args=[door.project.slug])}
