"""Making an evaluator, and writing the next version of one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Door, enter
from accounts.models import Role
from evals.evaluating.kinds import checks_of
from evals.evaluating.setting import Check
from evals.evaluating.settings import check_of
from evals.evaluating.templates import TEMPLATES, terms_of_template
from evals.forms.evaluators import NewEvaluatorForm, NextVersionForm, initial_of
from evals.models import Evaluator, EvaluatorKind
from evals.queries.evaluators import secret_of, terms_of, versions_of
from evals.services.evaluator_errors import BadEvaluator
from evals.services.evaluator_versions import draft_version, propose_version
from evals.services.evaluators import create_evaluator
from evals.views.evaluators import open_evaluator, person
from kit.errors import DomainError

ABOUT = {
    EvaluatorKind.JUDGE: "A model judges by a rubric, with reason and quotes.",
    EvaluatorKind.CODE: "A check of ours with settings: exact, quick, free.",
    EvaluatorKind.RAG: "A model holds claims against documents, one by one.",
    EvaluatorKind.RETRIEVAL: "Ranks of documents against those judged relevant.",
    EvaluatorKind.AGENT: "Tasks completed, tools well chosen, steps.",
    EvaluatorKind.PAIRWISE: "A model says which of two answers is better, in both orders.",
    EvaluatorKind.REMOTE: "Your own process scores, asked by a signed request.",
}


@require_GET
@login_required
def evaluator_choose(request: HttpRequest, project_slug: str) -> HttpResponse:
    """Which evaluator to make: templates of judges, then every kind with its checks."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    context = {
        "title": "New evaluator",
        "nav_current": "evaluators",
        "crumbs": _crumbs(door),
        "templates": list(TEMPLATES.values()),
        "kinds": [
            {"kind": kind, "says": says, "checks": list(checks_of(kind.value).values())}
            for kind, says in ABOUT.items()
        ],
    }
    return render(request, "evals/evaluator_choose.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def evaluator_new(request: HttpRequest, project_slug: str, kind: str, check: str) -> HttpResponse:
    """The form of one kind; POST makes the evaluator."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    chosen = checks_of(kind).get(check)
    if chosen is None:
        raise Http404("No such check.")
    template = TEMPLATES.get(request.GET.get("template", "")) if kind == "judge" else None
    initial: dict[str, Any] = {"bar": chosen.bar, "data_type": chosen.types[0]}
    if template is not None:
        initial = {
            "name": template.name,
            "description": template.says,
            **initial_of(terms_of_template(template, model="")),
        }
    form = NewEvaluatorForm(door.project, kind, chosen, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_evaluator(
                door.project,
                form.cleaned_data["name"],
                kind,
                form.terms(),
                actor=person(request),
                description=form.cleaned_data["description"],
                template=template.name if template else "",
            )
        except BadEvaluator as bad:
            form.blame(bad.faults)
        else:
            messages.success(request, f"{made.name} is in use: nothing depends on it yet.")
            if kind == EvaluatorKind.REMOTE:
                messages.success(request, f"Its secret, shown once: {secret_of(made)}")
            return redirect("evals:evaluator", door.project.slug, made.name)
    return _form_page(request, door, form, chosen, None, template=template)


@require_http_methods(["GET", "POST"])
@login_required
def evaluator_version_new(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """The next version, from the one in use; POST writes it, and proposes it if wanted."""
    door, found = open_evaluator(request, project_slug, name, least=Role.ENGINEER)
    base = found.current or versions_of(found).first()
    if base is None:
        raise Http404("It has no version.")
    check = check_of(found.kind, base.config)
    if check is None:
        raise Http404("Its check is gone.")
    initial = initial_of(terms_of(base)) | _wanted_bar(request)
    form = NextVersionForm(door.project, found.kind, check, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = draft_version(
                found, form.terms(), actor=person(request), message=form.cleaned_data["message"]
            )
            if form.cleaned_data["propose"]:
                propose_version(made, actor=person(request), reason=form.cleaned_data["reason"])
                messages.success(request, f"v{made.number} waits for another person's approval.")
                return redirect("evals:evaluator", door.project.slug, found.name)
            messages.success(request, f"v{made.number} is written; it is not in use.")
            return redirect("evals:evaluator_version", door.project.slug, found.name, made.number)
        except BadEvaluator as bad:
            form.blame(bad.faults)
        except DomainError as refused:
            form.add_error(None, str(refused))
    return _form_page(request, door, form, check, found)


def _form_page(
    request: HttpRequest,
    door: Door,
    form: NewEvaluatorForm | NextVersionForm,
    check: Check,
    found: Evaluator | None,
    *,
    template: Any = None,
) -> HttpResponse:
    crumbs = _crumbs(door)
    if found is not None:
        there = reverse("evals:evaluator", args=[door.project.slug, found.name])
        crumbs = [*crumbs, {"text": found.name, "href": there}]
    context = {
        "title": f"v{found.last_number + 1}" if found else f"New: {check.label}",
        "nav_current": "evaluators",
        "crumbs": crumbs,
        "form": form,
        "check": check,
        "evaluator": found,
        "template": template,
        "models": getattr(form, "models", []),
        "is_model": "model" in form.fields,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "evals/evaluator_form.html", context, status=status)


def _wanted_bar(request: HttpRequest) -> dict[str, float]:
    """The bar that a judge's threshold proposes in the address; nothing where it is no number."""
    try:
        bar = float(request.GET.get("bar", "")[:20])
    except ValueError:
        return {}
    return {"bar": bar} if abs(bar) < 1e9 else {}


def _crumbs(door: Door) -> list[dict[str, str]]:
    return [{"text": "Evaluators", "href": reverse("evals:evaluators", args=[door.project.slug])}]
