"""The list of experiments, and one of them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Door, enter
from accounts.models import Role
from evals.models import Experiment
from evals.pages.experiment import figures_of, slices_of, worst_of
from evals.pages.experiment_strip import sentence_of, totals_strip
from evals.pages.matrix import title_in
from evals.pages.pairing import mean_of
from evals.pages.runs import run_of
from evals.pages.wins import opponent_of, rate_words
from evals.pages.wording import score, text_of_json, title_of
from evals.queries.answers_shown import cases_of, errors_of, reasons_of
from evals.queries.datasets import may_open_held_out as opens_held_out
from evals.queries.experiments import figures_of as totals_of
from evals.queries.measures import measures_of
from evals.queries.outcomes import outcomes_of
from evals.queries.pairs import Pairs, pairs_of
from evals.queries.run_means import means_of, places_of, repeats_of
from evals.queries.runs import Wanted, choices_of, list_runs, numbered, serving_of
from evals.services.experiments import cancel_experiment, retry_failed
from evals.views.experiment_opening import open_experiment
from kit import figures
from kit.htmx import HtmxRequest, render_page
from kit.requests import whole_number
from prompts.views.opening import back, person, refusals_are_told

ORIGINS = (
    ("platform", "Run here"), ("pushed", "Pushed"), ("langfuse", "Langfuse SDK"), ("gate", "Gate"),
)  # fmt: skip
STATES = (("open", "Running"), *(one for one in Experiment.State.choices if one[0] not in
                                 Experiment.OPEN))  # fmt: skip
MOST_ERRORS = 20
SCORES_IN_LIST = 2


@require_GET
@login_required
def experiment_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The project's experiments, newest first; htmx gets only the rows."""
    door = enter(request, project_slug)
    wanted = _wanted(request)
    listing = list_runs(door.project, wanted)
    serving = serving_of(listing.rows)
    datasets, prompts = choices_of(door.project) if not request.htmx else ([], [])
    is_filtered = (
        any((wanted.text, wanted.dataset, wanted.prompt, wanted.state, wanted.origin))
        or wanted.version is not None
    )
    context = {
        "title": "Experiments",
        "nav_current": "experiments",
        "rows": [run_of(one, serving.get(one.prompt_version_id or 0)) for one in listing.rows],
        "after": listing.after,
        "wanted": wanted,
        "is_filtered": is_filtered,
        "is_continued": wanted.after is not None,
        "datasets": datasets,
        "prompts": prompts,
        "states": STATES,
        "origins": ORIGINS,
        "is_open": any(one.is_open for one in listing.rows),
        "may_write": door.may(Role.ENGINEER),
    }
    return render_page(request, "evals/experiment_list.html", context, partial="rows")


@require_GET
@login_required
def experiment_figures(request: HttpRequest, project_slug: str) -> HttpResponse:
    """Scores with their ranges, cost and latency of the rows that the list shows, after them."""
    door = enter(request, project_slug)
    numbers = [whole_number(one) for one in request.GET.getlist("n")[:60]]
    experiments = numbered(door.project, [one for one in numbers if one is not None])
    means, places = means_of(experiments), places_of(experiments)
    pairs = pairs_of(experiments)
    totals = totals_of(experiments)
    rows = []
    for one in experiments:
        names = [*places[one.pk], *sorted(set(means[one.pk]) - set(places[one.pk]))]
        shown = [
            (title_of(name), *_value(means[one.pk][name], pairs[one.pk].get(name)))
            for name in names
            if name in means[one.pk]
        ]
        rows.append(
            {
                "experiment": one,
                "scores": [
                    {"title": title, "value": value, "range": between}
                    for title, value, between in shown[:SCORES_IN_LIST]
                ],
                "more": max(len(shown) - SCORES_IN_LIST, 0),
                "p95": figures.duration(
                    None if totals[one.pk].p95_us is None else round(totals[one.pk].p95_us or 0)
                ),
            }
        )
    return render(request, "evals/_experiment_figures.html", {"rows": rows})


def _value(scored: tuple[list[float], list[str]], pairs: Pairs | None) -> tuple[str, str]:
    """A score's mean and its range, or a win rate's."""
    if pairs is not None:
        return rate_words(pairs.rate)[:2]
    own = mean_of(*scored)
    if own.low is None or own.high is None:
        return score(own.mean), ""
    return score(own.mean), f"{score(own.low)} to {score(own.high)}"


@require_GET
@login_required
def experiment(request: HtmxRequest, project_slug: str, number: int) -> HttpResponse:
    """One experiment: its scores, slices, worst items and errors; htmx gets all but the frame."""
    door, found = open_experiment(request, project_slug, number)
    context = _one(request, door, found)
    return render_page(request, "evals/experiment.html", context, partial="body")


def _one(request: HttpRequest, door: Door, found: Experiment) -> dict[str, Any]:
    serving = serving_of([found])
    run = run_of(found, serving.get(found.prompt_version_id or 0))
    measures = measures_of(door.project, [found])
    outcomes = outcomes_of([found])[found.pk]
    first = measures[0] if measures else None
    repeats = repeats_of(found, first.name) if first and found.repeats > 1 else {}
    pairs = pairs_of([found])[found.pk] if any(one.is_pairwise for one in measures) else {}
    shown = figures_of(outcomes, measures, pairs, opponent_of(found))
    icon, tone, head, rest = sentence_of(run, shown)
    opens = found.dataset is None or opens_held_out(person(request), door.role, found.dataset)
    worst = worst_of(outcomes, first)
    keys = [one.key for one in worst]
    return {
        "title": f"#{found.number} {found.name}",
        "crumbs": [
            {"text": "Experiments", "href": reverse("evals:experiments", args=[door.project.slug])}
        ],
        "nav_current": "experiments",
        "run": run, "one": found, "figures": shown, "measures": measures, "outcomes": outcomes,
        "icon": icon, "tone": tone, "head": head, "rest": rest,
        "strip": totals_strip(run, outcomes, repeats, first),
        "slices": slices_of(outcomes, measures, pairs),
        "worst": _worst_rows(found, worst, keys, first.name if first else "", opens),
        "errors": _errors(found, opens),
        "most_errors": MOST_ERRORS,
        "evaluators": list(
            found.evaluators.select_related("version__evaluator").order_by("place", "pk")
        ),
        "previous": _previous(door, found),
        "is_frozen": not found.is_open,
        "may_write": door.may(Role.ENGINEER),
        "may_retry": found.origin == Experiment.Origin.PLATFORM and not found.is_open
        and run.is_partial,
    }  # fmt: skip


def _worst_rows(
    found: Experiment, worst: list[Any], keys: list[str], name: str, opens: bool
) -> list[dict[str, Any]]:
    cases = cases_of([found], keys) if keys else {}
    reasons = reasons_of(found, keys, name) if keys else {}
    rows = []
    for one in worst:
        is_hidden = one.is_held_out and not opens
        reason, answer = reasons.get(one.key, ("", ""))
        rows.append(
            {
                "item": one,
                "title": one.key if is_hidden else title_in(cases, one.key),
                "is_hidden": is_hidden,
                "reason": "" if is_hidden else reason,
                "answer": "" if is_hidden else text_of_json(answer),
            }
        )
    return rows


def _errors(found: Experiment, opens: bool) -> list[dict[str, Any]]:
    failed = errors_of(found, most=MOST_ERRORS)
    open_ones = {one.item_key for one in failed if opens or not one.is_held_out}
    cases = cases_of([found], open_ones) if open_ones else {}
    return [{"result": one, "title": title_in(cases, one.item_key)} for one in failed]


def _previous(door: Door, found: Experiment) -> Experiment | None:
    """The run that it may be compared with: its baseline, else the newest before it."""
    if found.dataset_id is None:
        return None
    if found.baseline is not None:
        return found.baseline
    before = Experiment.objects.filter(
        project=door.project, dataset=found.dataset_id, number__lt=found.number
    )
    return before.order_by("-number").first()


@require_POST
@login_required
def experiment_cancel(request: HttpRequest, project_slug: str, number: int) -> HttpResponse:
    """Stop a run; what is done stays."""
    _, found = open_experiment(request, project_slug, number, least=Role.ENGINEER)
    with refusals_are_told(request):
        cancel_experiment(found, actor=person(request))
    return back(request, reverse("evals:experiment", args=[project_slug, number]))


@require_POST
@login_required
def experiment_retry(request: HttpRequest, project_slug: str, number: int) -> HttpResponse:
    """Run what failed, and what was left undone, again."""
    _, found = open_experiment(request, project_slug, number, least=Role.ENGINEER)
    with refusals_are_told(request):
        retry_failed(found, actor=person(request))
    return back(request, reverse("evals:experiment", args=[project_slug, number]))


def _wanted(request: HttpRequest) -> Wanted:
    def text(name: str) -> str:
        return request.GET.get(name, "").replace("\0", "").strip()[:300]

    return Wanted(
        text=text("q"),
        dataset=text("dataset"),
        prompt=text("prompt"),
        version=whole_number(text("version")),
        state=text("state") if text("state") in dict(STATES) else "",
        origin=text("origin") if text("origin") in dict(ORIGINS) else "",
        after=whole_number(text("after")),
    )
