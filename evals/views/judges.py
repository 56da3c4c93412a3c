"""The judges of a project: how far each agrees with people, and why one may trust it."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Door, enter
from accounts.models import Role
from evals.models import Calibration, Evaluator, EvaluatorVersion, QueueItem
from evals.pages import judge as pages
from evals.pages.thresholds import plot
from evals.queries.calibration import verdict_on
from evals.queries.corrected import of_live_traffic
from evals.queries.differing import SHOWN, disagreements, of_cell
from evals.queries.judges import judge_named, list_judges, places_of, versions_of
from evals.queries.judging import judgements_page, runs_of
from evals.queries.labels import label_of, labels_of
from evals.queries.queue_candidates import pick
from evals.services.labels import drop_label, keep_label
from evals.services.queues import BadQueue, add_items, queue_for
from evals.services.rejudging import BUDGET_NANO, spent_on
from evals.views.labelling import person
from kit.htmx import HtmxRequest, render_page
from kit.requests import whole_number

TABS = (
    ("calibration", "Calibration"),
    ("prompt", "Prompt"),
    ("labels", "Labels"),
    ("runs", "Runs"),
    ("versions", "Versions"),
)
SIDES = ("lenient", "harsh")
MORE = 50  # labels asked for at a time
ROWS = 50


@require_GET
@login_required
def judge_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Every judge: whether it may decide, in words, and by what."""
    door = enter(request, project_slug)
    context = {
        "title": "Judges",
        "nav_current": "judges",
        "rows": list_judges(door.project),
        "may_write": door.may(Role.ENGINEER),
    }
    return render_page(request, "evals/judge_list.html", context, partial="rows")


@require_GET
@login_required
def judge(request: HtmxRequest, project_slug: str, name: str) -> HttpResponse:
    """One judge. The tab and the version are in the address."""
    door, found = open_judge(request, project_slug, name)
    versions = versions_of(found)
    version = _chosen(request, found, versions)
    tab = request.GET.get("tab", "calibration")
    tab = tab if tab in dict(TABS) else "calibration"
    context = _frame(door, found, versions, version, tab)
    if version is not None:
        context |= _tab(request, door, found, version, context)
    return render_page(request, "evals/judge.html", context, partial="tab")


@require_GET
@login_required
def judge_answers(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """The answers of one cell of the confusion matrix, with both reasons."""
    door, found = open_judge(request, project_slug, name)
    versions = versions_of(found)
    version = _chosen(request, found, versions)
    row = whole_number(request.GET.get("row", ""), digits=2)
    column = whole_number(request.GET.get("column", ""), digits=2)
    if version is None or row is None or column is None:
        raise Http404("There is no such cell.")
    context = _frame(door, found, versions, version, "calibration")
    words = context["calibration"].figures.get("classes") or []
    if row >= len(words) or column >= len(words):
        raise Http404("There is no such cell.")
    context |= {
        "rows": of_cell(version, row, column),
        "human": words[row],
        "said": words[column],
        "crumbs": [*context["crumbs"], {"text": found.name, "href": context["address"]}],
        "title": f"Human {words[row]}, judge {words[column]}",
    }
    return render(request, "evals/judge_answers.html", context)


@require_POST
@login_required
def label_more(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """Put 50 more answers into the judge's queue, spread over its scores; then go and label."""
    _, found = open_judge(request, project_slug, name, least=Role.ENGINEER)
    me, seed = person(request), secrets.randbits(32)
    try:
        queue = queue_for(found, actor=me)
        reason: str = QueueItem.Reason.STRATIFIED
        chosen = pick(queue, found, reason, most=MORE, seed=seed)
        if not chosen:  # it has judged nothing yet, or all of it is there already
            reason = QueueItem.Reason.SAMPLED
            chosen = pick(queue, None, reason, most=MORE, seed=seed)
        added = add_items(queue, chosen, actor=me, reason=reason)
    except BadQueue as bad:
        messages.error(request, str(bad))
        return _see(reverse("evals:judge", args=[project_slug, found.name]))
    messages.success(request, added.words if chosen else "No other answer is there to be labelled.")
    return _see(reverse("evals:queue_label", args=[project_slug, queue.pk]))


@require_POST
@login_required
def settle(request: HtmxRequest, project_slug: str, name: str) -> HttpResponse:
    """The judge is right, or the label is: said by a reviewer, or by whoever labelled."""
    door, found = open_judge(request, project_slug, name, least=Role.ENGINEER)
    me = person(request)
    number = whole_number(request.POST.get("label", ""), digits=18)
    given = label_of(door.project, number) if number is not None else None
    if given is None or given.name != found.name:
        raise Http404("This judge has no such label.")
    if not door.may(Role.REVIEWER) and given.author_id != me.pk:
        raise PermissionDenied("A label of another person is settled by a reviewer or above.")
    if request.POST.get("act") == "drop":
        drop_label(given, actor=me)
        messages.success(request, "The judge is right: that label no longer counts.")
    else:
        keep_label(given, actor=me)
        messages.success(request, "The label stands.")
    return _see(_address(request, found, "#disagreements"))


def open_judge(
    request: HttpRequest, project_slug: str, name: str, *, least: Role = Role.VIEWER
) -> tuple[Door, Evaluator]:
    """The door and the judge. Raises: Http404, PermissionDenied."""
    door = enter(request, project_slug, least=least)
    found = judge_named(door.project, name)
    if found is None:
        raise Http404("This project has no such judge.")
    return door, found


def _chosen(
    request: HttpRequest, found: Evaluator, versions: list[EvaluatorVersion]
) -> EvaluatorVersion | None:
    """The version that `v` names, else the one in use, else the newest."""
    number = whole_number(request.GET.get("v", "") or request.POST.get("v", ""))
    for one in versions:
        if one.number == number:
            return one
    if number is not None:
        raise Http404("This judge has no such version.")
    current = [one for one in versions if one.pk == found.current_id]
    listed = current or versions
    return listed[0] if listed else None


def _frame(
    door: Door,
    found: Evaluator,
    versions: list[EvaluatorVersion],
    version: EvaluatorVersion | None,
    tab: str,
) -> dict[str, Any]:
    """What stands around every tab."""
    slug = door.project.slug
    address = reverse("evals:judge", args=[slug, found.name])
    calibration = _calibration(version)
    labels = labels_of(door.project, name=found.name, with_dropped=False).count()
    counts = {"labels": labels, "versions": len(versions)}
    kept = f"&v={version.number}" if version and version.pk != found.current_id else ""
    return {
        "title": found.name,
        "crumbs": [{"text": "Judges", "href": reverse("evals:judges", args=[slug])}],
        "nav_current": "judges",
        "evaluator": found,
        "version": version,
        "versions": versions,
        "calibration": calibration,
        "verdict": verdict_on(calibration),
        "address": address,
        "tab": tab,
        "tabs": [
            {
                "text": words,
                "href": f"{address}?tab={name}{kept}",
                "current": name == tab,
                "count": counts.get(name),
            }
            for name, words in TABS
        ],
        "more": MORE,
        "may_label": door.may(Role.ENGINEER),
        "may_settle": door.may(Role.REVIEWER),
        "has_labels": labels > 0,
    }


def _calibration(version: EvaluatorVersion | None) -> Calibration:
    if version is None:
        return Calibration()
    found: Calibration = getattr(version, "calibration", None) or Calibration(version=version)
    return found


def _tab(
    request: HttpRequest,
    door: Door,
    found: Evaluator,
    version: EvaluatorVersion,
    frame: dict[str, Any],
) -> dict[str, Any]:
    """What the tab shows."""
    calibration, tab = frame["calibration"], frame["tab"]
    rows = pages.version_rows(frame["versions"], found.current_id, calibration.bar)
    if tab == "versions":
        return {"version_rows": rows}
    after = whole_number(request.GET.get("after", ""), digits=18)
    if tab == "labels":
        listed = labels_of(door.project, name=found.name)
        listed = listed.filter(pk__lt=after) if after is not None else listed
        shown = list(listed.order_by("-pk")[: ROWS + 1])
        return {"labels": shown[:ROWS], "next": shown[ROWS - 1].pk if len(shown) > ROWS else None}
    if tab == "runs":
        said = judgements_page(version, before=after, size=ROWS + 1)
        return {
            "runs": runs_of(version),
            "judgements": said[:ROWS],
            "next": said[ROWS - 1].pk if len(said) > ROWS else None,
            "rate": of_live_traffic(version, calibration),
            "spent": spent_on(version),
            "budget": BUDGET_NANO,
        }
    if tab == "prompt":
        return {}
    side = request.GET.get("show", "")
    side = side if side in SIDES else ""
    sides = [one.get("side") for one in calibration.figures.get("disagreements", ())]
    return {
        "say": pages.sentence(calibration, frame["verdict"]),
        "line": pages.line_of(calibration),
        "strip": pages.strip(calibration, version),
        "matrix": pages.matrix(calibration),
        "plot": plot(calibration, version, _threshold(request)),
        "differing": disagreements(version, calibration, side=side, most=SHOWN),
        "differ_total": len(sides),
        "sides": [(one, sides.count(one)) for one in SIDES],
        "side": side,
        "slices": calibration.figures.get("slices", [])[:12],
        "weak": pages.weak_slices(calibration)[:3],
        "version_rows": rows[:6],
        "places": places_of(found, frame["versions"]),
        "live": calibration.figures.get("live") or {},
    }


def _threshold(request: HttpRequest) -> float | None:
    try:
        number = float(request.GET.get("at", "")[:20].replace(",", "."))
    except ValueError:
        return None
    return number if abs(number) < 1e9 else None


def _address(request: HttpRequest, found: Evaluator, anchor: str = "") -> str:
    version = whole_number(request.POST.get("v", ""))
    query = f"?v={version}" if version is not None else ""
    return reverse("evals:judge", args=[found.project.slug, found.name]) + query + anchor


def _see(address: str) -> HttpResponse:
    response = redirect(address)
    response.status_code = 303
    return response
