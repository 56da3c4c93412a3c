"""Pages of online evals: rules, what one judged, and retrieval apart from generation."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Door, enter
from accounts.models import Role
from evals.forms.online import RuleForm, initial_of
from evals.models import OnlineRule
from evals.pages.evaluators import value_of
from evals.queries.grounding import WORDS, grounding_of, scores_to_choose
from evals.queries.online import judgements_of, list_rules, rule_of
from evals.services.online import BadRule, change_rule, create_rule, delete_rule
from evals.views.evaluators import list_tabs, person
from kit.htmx import HtmxRequest, render_page
from kit.requests import whole_number

ROWS = 50
MOST_PAIRS = 100
STATES = (
    ("", "All"),
    ("failing", "Do not pass"),
    ("passing", "Pass"),
    ("undefined", "Undefined"),
    ("failed", "Failed"),
    ("skipped", "Skipped"),
)


@require_GET
@login_required
def online_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The rules with what they did today; htmx gets the rows."""
    door = enter(request, project_slug)
    context = {
        "title": "Live traffic",
        "nav_current": "evaluators",
        "crumbs": _crumbs(door)[:1],
        "tabs": list_tabs(door, "online"),
        "rows": list_rules(door.project),
        "may_write": door.may(Role.ENGINEER),
    }
    return render_page(request, "evals/online_list.html", context, partial="rows")


@require_http_methods(["GET", "POST"])
@login_required
def online_new(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The form of a new rule; POST makes it."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    given = {"evaluator": request.GET.get("evaluator", "")[:200]}
    form = RuleForm(door.project, request.POST or None, initial=given)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_rule(door.project, form.wanted(), actor=person(request))
        except BadRule as bad:
            form.blame(bad.faults)
        else:
            messages.success(request, f"{made.name} looks at what begins from now on.")
            return redirect("evals:online_rule", door.project.slug, made.pk)
    return _form_page(request, door, form, None)


@require_http_methods(["GET", "POST"])
@login_required
def online_edit(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """What a rule says; POST changes it, or with `delete` forgets it."""
    door, rule = _open(request, project_slug, pk, least=Role.ENGINEER)
    if "delete" in request.POST:
        delete_rule(rule, actor=person(request))
        messages.success(request, f"{rule.name} is gone; its scores stay.")
        return redirect("evals:online", door.project.slug)
    form = RuleForm(door.project, request.POST or None, initial=initial_of(rule))
    if request.method == "POST" and form.is_valid():
        try:
            change_rule(rule, form.wanted(), actor=person(request))
        except BadRule as bad:
            form.blame(bad.faults)
        else:
            messages.success(request, "Saved.")
            return redirect("evals:online_rule", door.project.slug, rule.pk)
    return _form_page(request, door, form, rule)


@require_GET
@login_required
def online_rule(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """One rule: what it spent of its budget, how answers fared, the newest verdicts."""
    door, rule = _open(request, project_slug, pk)
    (row,) = list_rules(door.project, only=rule.pk)
    state = request.GET.get("state", "")
    state = state if state in dict(STATES) else ""
    found = judgements_of(rule, state=state)
    before = whole_number(request.GET.get("before", ""), digits=18)
    found = found.filter(pk__lt=before) if before else found
    page = list(found[: ROWS + 1])
    context = {
        "title": rule.name,
        "nav_current": "evaluators",
        "crumbs": _crumbs(door),
        "rule": rule,
        "row": row,
        "judged": [
            {"it": one, "value": value_of(one.num, one.label, _type(one.version))}
            for one in page[:ROWS]
        ],
        "before": page[ROWS - 1].pk if len(page) > ROWS else None,
        "states": [
            {"text": text, "href": f"?state={name}", "current": name == state}
            for name, text in STATES
        ],
        "state": state,
        "may_write": door.may(Role.ENGINEER),
    }
    return render_page(request, "evals/online_rule.html", context, partial="body")


@require_GET
@login_required
def grounding(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Retrieval × generation: four cells, the hallucination rate, and the traces of a cell."""
    door = enter(request, project_slug)
    retrievals, generations = scores_to_choose(door.project)
    retrieval = _chosen(request.GET.get("retrieval", ""), retrievals)
    generation = _chosen(
        request.GET.get("generation", ""), [name for name in generations if name != retrieval]
    )
    days = whole_number(request.GET.get("days", ""), digits=3)
    days = days if days in (1, 7, 30, 90) else 7
    feature = request.GET.get("feature", "")[:200].replace("\0", "")
    found = (
        grounding_of(door.project, retrieval, generation, feature=feature, days=days)
        if retrieval and generation
        else None
    )
    cell = request.GET.get("cell", "")
    context = {
        "title": "Retrieval × generation",
        "nav_current": "evaluators",
        "crumbs": _crumbs(door)[:1],
        "tabs": list_tabs(door, "grounding"),
        "found": found,
        "cell": found.cells[cell] if found is not None and cell in WORDS else None,
        "pairs": found.cells[cell].pairs[:MOST_PAIRS] if found and cell in WORDS else [],
        "retrievals": retrievals,
        "generations": generations,
        "days": days,
        "ranges": (1, 7, 30, 90),
        "feature": feature,
    }
    return render_page(request, "evals/grounding.html", context, partial="body")


def _chosen(wanted: str, names: list[str]) -> str:
    return wanted if wanted in names else (names[0] if names else "")


def _open(
    request: HttpRequest, project_slug: str, pk: int, *, least: Role = Role.VIEWER
) -> tuple[Door, OnlineRule]:
    door = enter(request, project_slug, least=least)
    rule = rule_of(door.project, pk)
    if rule is None:
        raise Http404("No such rule.")
    return door, rule


def _form_page(
    request: HttpRequest, door: Door, form: RuleForm, rule: OnlineRule | None
) -> HttpResponse:
    context = {
        "title": rule.name if rule else "New rule",
        "nav_current": "evaluators",
        "crumbs": _crumbs(door),
        "form": form,
        "rule": rule,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "evals/online_form.html", context, status=status)


def _crumbs(door: Door) -> list[dict[str, str]]:
    slug = door.project.slug
    return [
        {"text": "Evaluators", "href": reverse("evals:evaluators", args=[slug])},
        {"text": "Live traffic", "href": reverse("evals:online", args=[slug])},
    ]


def _type(version: object) -> str:
    return getattr(version, "data_type", "number")
