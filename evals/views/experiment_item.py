"""One item of an experiment: asked, expected, answered, judged; scored and corrected by people."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Door
from accounts.models import Role
from evals.forms.answers import ExpectedForm, ScoreForm
from evals.models import Experiment, ItemRevision, Result
from evals.pages.item import DIFFS, columns_of, written
from evals.pages.runs import run_of
from evals.pages.wording import text_of
from evals.queries.measures import Measure, measures_of
from evals.queries.one_item import Told, neighbours_of, newest_revision, told_of
from evals.queries.runs import serving_of
from evals.services.datasets import ChangeItem, change_items
from evals.services.labels import About, label
from evals.views.experiment_opening import MOST_RUNS, may_open_held_out, open_experiment, open_runs
from kit.errors import DomainError
from kit.htmx import HtmxRequest
from kit.requests import whole_number
from prompts.views.opening import back, person
from traces.models import DataType

MOST_WORDS = 80  # characters of a question that stands for a title


@require_GET
@login_required
def experiment_item(request: HtmxRequest, project_slug: str, number: int, key: str) -> HttpResponse:
    """An item with the answers of this run, and of those it is compared with."""
    door, found = open_experiment(request, project_slug, number)
    return render(request, "evals/experiment_item.html", _item(request, door, found, key))


def _item(
    request: HttpRequest, door: Door, found: Experiment, key: str,
    score_form: ScoreForm | None = None, expected_form: ExpectedForm | None = None,
) -> dict[str, Any]:  # fmt: skip
    experiments = _beside(door, found, request)
    told = told_of(door.project, experiments, key)
    first = _first(told, experiments)
    opens = may_open_held_out(request, door, experiments)
    is_hidden = any(one.result.is_held_out for rows in told.values() for one in rows) and not opens
    result, revision = first.result, first.result.revision
    serving = serving_of(experiments)
    runs = [
        run_of(one, serving.get(one.prompt_version_id or 0), experiments) for one in experiments
    ]
    measures = measures_of(door.project, experiments)
    expected = revision.expected if revision else result.expected
    expected_text = "" if expected is None or is_hidden else written(expected)
    diff = request.GET.get("diff", "")
    diff = diff if diff in DIFFS else ""
    repeat = whole_number(request.GET.get("repeat", "")) or 1
    columns = columns_of(
        runs, told, measures, repeat=repeat, diff="" if is_hidden else diff, expected=expected_text
    )
    asked = (revision.input if revision else None) if result.input is None else result.input
    title = "" if is_hidden or revision is None else revision.title
    before, after = neighbours_of(found, key)
    ids = ",".join(str(one.number) for one in experiments)
    newest = newest_revision(revision)
    is_json = (
        newest is not None and newest.expected is not None and not isinstance(newest.expected, str)
    )
    return {
        "title": title or _first_words(asked, is_hidden=is_hidden) or key,
        "crumbs": _crumbs(door, found, experiments, ids),
        "nav_current": "experiments",
        "one": found, "runs": runs, "key": key, "ids": ids, "columns": columns, "diff": diff,
        "repeat": repeat, "is_hidden": is_hidden, "revision": revision, "result": result,
        "asked": "" if is_hidden else written(asked), "expected": expected_text,
        "has_expected": expected is not None,
        "newest": newest,
        "is_changed": newest is not None and revision is not None and newest.pk != revision.pk,
        "measures": measures,
        "names": [one.name for one in measures],
        "before": before, "after": after,
        "diffs": _diffs(request, bool(expected_text), len(runs) > 1, diff),
        "may_label": door.may(Role.REVIEWER) and not is_hidden,
        "may_change": door.may(Role.ENGINEER) and newest is not None and not is_hidden,
        "score_form": score_form,
        "expected_form": expected_form
        or ExpectedForm(
            is_json=is_json,
            initial={"expected": "" if newest is None or newest.expected is None
                     else written(newest.expected)},
        ),
        "repeats": max((len(rows) for rows in told.values()), default=1),
    }  # fmt: skip


def _beside(door: Door, found: Experiment, request: HttpRequest) -> list[Experiment]:
    """The runs of `with` where this one is among them, else it first."""
    others = open_runs(door, request.GET.getlist("with"))
    if found.pk in {one.pk for one in others}:
        return others
    return [found, *others][:MOST_RUNS]


def _first(told: dict[int, list[Told]], experiments: list[Experiment]) -> Told:
    for one in experiments:
        if told[one.pk]:
            return told[one.pk][0]
    raise Http404("None of these runs has such an item.")


def _first_words(asked: Any, *, is_hidden: bool) -> str:
    """How an item without a title is called: by what it asks."""
    words = "" if is_hidden else " ".join(text_of(asked).split())
    return words if len(words) <= MOST_WORDS else f"{words[:MOST_WORDS]}…"


def _crumbs(
    door: Door, found: Experiment, experiments: list[Experiment], ids: str
) -> list[dict[str, str]]:
    slug = door.project.slug
    crumbs = [{"text": "Experiments", "href": reverse("evals:experiments", args=[slug])}]
    if len(experiments) > 1:
        href = f"{reverse('evals:experiment_compare', args=[slug])}?ids={ids}"
        return [*crumbs, {"text": f"Compare {len(experiments)} runs", "href": href}]
    href = reverse("evals:experiment", args=[slug, found.number])
    return [*crumbs, {"text": f"#{found.number} {found.name}"[:60], "href": href}]


def _diffs(
    request: HttpRequest, has_expected: bool, has_others: bool, diff: str
) -> list[dict[str, Any]]:
    """The ways to look at the words, with the one that is chosen."""
    ways = [("", "Plain")]
    ways += [("expected", "Against expected")] * has_expected
    ways += [("baseline", "Against baseline")] * has_others
    links = []
    for name, words in ways:
        query = request.GET.copy()
        query.pop("diff", None)
        if name:
            query["diff"] = name
        links.append(
            {"text": words, "href": f"?{query.urlencode()}", "current": name == diff,
             "key": "d" if name == "baseline" else ""}
        )  # fmt: skip
    return links if len(links) > 1 else []


@require_POST
@login_required
def item_label(request: HttpRequest, project_slug: str, number: int, key: str) -> HttpResponse:
    """Keep a person's score of one answer; it stands on the answer's trace too."""
    door, found = open_experiment(request, project_slug, number, least=Role.REVIEWER)
    experiments = _beside(door, found, request)
    measures = measures_of(door.project, experiments)
    form = ScoreForm([one.name for one in measures], request.POST)
    if form.is_valid():
        result = Result.objects.filter(
            pk=form.cleaned_data["result"], experiment__in=experiments, item_key=key
        ).first()
        if result is None:
            raise Http404("These runs have no such answer.")
        if result.is_held_out and not may_open_held_out(request, door, experiments):
            raise PermissionDenied("This item is held out, and its content closed to you.")
        try:
            _keep(request, door, result, form, measures)
        except DomainError as refused:
            form.add_error("value", str(refused))
        else:
            messages.success(request, f"Kept your {form.cleaned_data['name']}.")
            return _to_item(request, project_slug, number, key)
    context = _item(request, door, found, key, score_form=form)
    return render(request, "evals/experiment_item.html", context, status=422)


def _keep(
    request: HttpRequest, door: Door, result: Result, form: ScoreForm, measures: list[Measure]
) -> None:
    name = form.cleaned_data["name"]
    measure = next(one for one in measures if one.name == name)
    if not result.trace_id:
        raise NoTrace("This answer was pushed without a trace, so a score has nowhere to stand.")
    about = About(result.trace_id, result.span_id, item_key=result.item_key, slice=result.slice)
    value = form.said(DataType.BOOLEAN if measure.is_binary else measure.data_type)
    label(
        door.project, name, value, about, actor=person(request), reason=form.cleaned_data["reason"]
    )


class NoTrace(DomainError):
    """An answer without a trace."""


@require_POST
@login_required
def item_expected(request: HttpRequest, project_slug: str, number: int, key: str) -> HttpResponse:
    """Change what is expected: a new version of the dataset; this run keeps its own."""
    door, found = open_experiment(request, project_slug, number, least=Role.ENGINEER)
    newest = newest_revision(_revision(found, key))
    if newest is None:
        raise Http404("This item is no longer in its dataset.")
    if newest.split == "held_out" and not may_open_held_out(request, door, [found]):
        raise PermissionDenied("This item is held out, and its content closed to you.")
    is_json = newest.expected is not None and not isinstance(newest.expected, str)
    form = ExpectedForm(request.POST, is_json=is_json)
    if form.is_valid():
        message = form.cleaned_data["message"] or f"Expected output of {key} changed"
        change = ChangeItem(key, {"expected": form.cleaned_data["expected"]})
        try:
            version = change_items(newest.dataset, [change], actor=person(request), message=message)
        except DomainError as refused:
            form.add_error("expected", str(refused))
        else:
            words = f"{newest.dataset.name}@{version.number} expects this. Run again to see it."
            messages.success(request, words)
            return _to_item(request, project_slug, number, key)
    context = _item(request, door, found, key, expected_form=form)
    return render(request, "evals/experiment_item.html", context, status=422)


def _revision(found: Experiment, key: str) -> ItemRevision | None:
    result = found.results.filter(item_key=key).select_related("revision__dataset").first()
    return result.revision if result else None


def _to_item(request: HttpRequest, slug: str, number: int, key: str) -> HttpResponse:
    at = reverse("evals:experiment_item", args=[slug, number, key])
    kept = {name: request.GET[name] for name in ("with", "repeat", "diff") if name in request.GET}
    return back(request, f"{at}?{urlencode(kept)}" if kept else at)
