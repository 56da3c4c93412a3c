"""A new experiment: what is run, over what, scored how; what that can see and cost, before it."""

from __future__ import annotations

from collections.abc import Sequence
from json import dumps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from accounts.access import Door, enter
from accounts.models import Project, Role
from evals.forms.experiments import NO_SLICE, ExperimentForm
from evals.models import Dataset, Experiment, Split
from evals.pages.wording import many, score
from evals.queries.choices import (
    Sight,
    baselines_of,
    datasets_of,
    evaluators_in_use,
    prompt_versions,
    prompts_of,
    sight_of,
    slices_of,
)
from evals.queries.estimates import estimate
from evals.queries.experiments import get_experiment
from evals.queries.planning import BadPlan, chosen_items, is_pairwise
from evals.services.experiments import TooMany, start_experiment
from evals.values.plans import Estimate
from gateway.queries import NoProvider, Offer, list_offers
from kit.figures import NANO, money
from kit.htmx import HtmxRequest, wants_piece
from kit.requests import whole_number
from prompts.models import Prompt, PromptVersion
from prompts.views.opening import person

# Fields of a plan as it is refused, where the form calls them otherwise.
FIELD_OF = {"model": "target", "cost_cap_nano": "cost_cap", "version": "version"}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def experiment_new(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The form; htmx gets it again with what depends on the choices. POST starts the run."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    if request.method == "POST":
        form = _form(door.project, request.POST, is_bound=True)
        started = _start(request, door, form)
        if started is not None:
            at = reverse("evals:experiment", args=[project_slug, started.number])
            response = redirect(at)
            response.status_code = 303
            return response
        return _shown(request, door, form, status=422)
    said = request.GET.copy()
    if "concurrency" not in said:  # a link, which says a few things; the form says all of them
        said = _begun(door.project, said)
    return _shown(request, door, _form(door.project, said, is_bound=False))


def _start(request: HttpRequest, door: Door, form: ExperimentForm) -> Experiment | None:
    if not form.is_valid():
        return None
    try:
        return start_experiment(door.project, form.plan(), actor=person(request))
    except BadPlan as refused:
        name = FIELD_OF.get(refused.where, refused.where)
        form.add_error(name if name in form.fields else None, str(refused))
    except (NoProvider, TooMany) as refused:
        form.add_error(None, str(refused))
    return None


def _shown(
    request: HtmxRequest, door: Door, form: ExperimentForm, *, status: int = 200
) -> HttpResponse:
    project = door.project
    context = {
        "title": "New experiment",
        "crumbs": [{"text": "Experiments", "href": reverse("evals:experiments",
                                                           args=[project.slug])}],
        "nav_current": "experiments",
        "form": form,
        "has_datasets": bool(form.datasets), "has_prompts": bool(form.versions),
        "has_models": bool(form.offers), "scorers": list(form.known.values()),
        "may_connect": door.may(Role.ADMIN),
    } | _told(project, form)  # fmt: skip
    piece = "#setup" if wants_piece(request) else ""
    response = render(request, f"evals/experiment_new.html{piece}", context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Boosted", "HX-History-Restore-Request"])
    return response


def _form(project: Project, said: QueryDict, *, is_bound: bool) -> ExperimentForm:
    """The form with what depends on its choices. What is shown is bound, so that it is checked."""
    datasets, prompts = datasets_of(project), prompts_of(project)
    dataset = next((one for one in datasets if one.name == said.get("dataset")), None)
    dataset = dataset or (datasets[0] if datasets else None)
    prompt = next((one for one in prompts if one.name == said.get("prompt")), None)
    prompt = prompt or (prompts[0] if prompts else None)
    versions = prompt_versions(prompt) if prompt else []
    given = said.copy()
    if not is_bound:
        _mend(given, dataset, prompt, versions)
    offers = list_offers(project)
    if not is_bound:
        _offer_for(given, versions, offers)
    number = whole_number(given.get("dataset_version", "")) or (dataset.last_number if dataset
                                                                else 0)  # fmt: skip
    rows = slices_of(dataset, number) if dataset else []
    splits = given.getlist("splits") or [Split.MAIN]
    counts: dict[str, int] = {}
    for name, split, items in rows:
        if split in splits:
            counts[name] = counts.get(name, 0) + items
    if not is_bound:
        kept = [one for one in given.getlist("slices")
                if (("" if one == NO_SLICE else one) in counts)]  # fmt: skip
        given.setlist("slices", kept)
    evaluators = evaluators_in_use(project)
    has_pairs = dataset is not None and any(map(is_pairwise, evaluators))
    baselines = baselines_of(dataset) if has_pairs and dataset is not None else []
    if not is_bound and whole_number(given.get("baseline", "")) not in [
        one.number for one in baselines
    ]:
        given["baseline"] = ""
    return ExperimentForm(
        given, auto_id="x-%s", datasets=datasets, prompts=prompts, versions=versions,
        chosen=dataset, offers=offers, evaluators=evaluators,
        slices=counts, baselines=baselines,
    )  # fmt: skip


def _mend(
    given: QueryDict, dataset: Dataset | None, prompt: Prompt | None, versions: list[PromptVersion]
) -> None:
    """Choices that another choice has made impossible fall back to the newest."""
    if dataset is not None:
        number = whole_number(given.get("dataset_version", ""))
        changed = given.get("dataset") != dataset.name
        given["dataset"] = dataset.name
        if changed or not number or number > dataset.last_number:
            given["dataset_version"] = str(dataset.last_number)
    if prompt is not None:
        given["prompt"] = prompt.name
        numbers = [one.number for one in versions]
        if whole_number(given.get("version", "")) not in numbers and numbers:
            given["version"] = str(numbers[0])


def _offer_for(given: QueryDict, versions: list[PromptVersion], offers: Sequence[Offer]) -> None:
    """A version without a model of its own begins with the first that is offered."""
    version = next((one for one in versions if str(one.number) == given.get("version")), None)
    if version is not None and not version.model and not given.get("target") and offers:
        given["target"] = f"{offers[0].provider.name}:{offers[0].model}"


def _begun(project: Project, said: QueryDict) -> QueryDict:
    """What a form begins with: an earlier run's settings, or all that has a default."""
    given = QueryDict(mutable=True)
    given.update({"repeats": "1", "concurrency": "8", "splits": Split.MAIN.value})
    number = whole_number(said.get("from", ""))
    one = get_experiment(project, number) if number is not None else None
    if one is not None:
        _as_before(given, one)
    else:
        evaluators = [str(version.pk) for version in evaluators_in_use(project)]
        given.setlist("evaluators", evaluators[:5])
    for name in said:
        if name != "from":
            given.setlist(name, said.getlist(name))
    return given


def _as_before(given: QueryDict, one: Experiment) -> None:
    given["name"] = f"{one.name} again"[:255] if not one.name.endswith(" again") else one.name
    if one.dataset is not None:
        given["dataset"] = one.dataset.name
        given["dataset_version"] = str(one.dataset.last_number)
    if one.prompt is not None and one.prompt_version is not None:
        given["prompt"], given["version"] = one.prompt.name, str(one.prompt_version.number)
    given["target"] = f"{one.provider}:{one.model}" if one.provider else ""
    given["parameters"] = dumps(one.parameters, ensure_ascii=False) if one.parameters else ""
    given["repeats"], given["concurrency"] = str(one.repeats), str(one.concurrency)
    given["rate_per_minute"] = str(one.rate_per_minute or "")
    given["most_items"] = str(one.most_items or "")
    given["baseline"] = str(one.baseline.number) if one.baseline else ""
    if one.cost_cap_nano is not None:
        given["cost_cap"] = f"{one.cost_cap_nano / NANO:f}"
    given.setlist("splits", one.splits or [Split.MAIN.value])
    given.setlist("slices", [name or NO_SLICE for name in one.slices])
    used = {row.version.evaluator_id for row in one.evaluators.select_related("version")}
    current = evaluators_in_use(one.project)
    given.setlist("evaluators", [str(version.pk) for version in current
                                 if version.evaluator_id in used])  # fmt: skip


def _told(project: Project, form: ExperimentForm) -> dict[str, Any]:
    """What the run would see and cost, or why it could not be."""
    if not form.is_valid():
        return {"estimate": None, "sight": None}
    plan = form.plan()
    number = plan.dataset.last_number if plan.dataset_version is None else plan.dataset_version
    first = plan.evaluators[0] if plan.evaluators else None
    sight = sight_of(plan.dataset, first, len(chosen_items(plan, number)))
    told: dict[str, Any] = {
        "sight": sight,
        "decides": first,
        "sees": score(sight.smallest),
        "needed": [(score(step), many(count, "item")) for step, count in sight.needed],
        "seen_in": _seen_in(sight),
    }
    try:
        found = estimate(project, plan)
    except (BadPlan, NoProvider) as refused:
        return told | {"estimate": None, "problem": str(refused)}
    return told | {"estimate": found, "cost": _cost(found)}


def _cost(found: Estimate) -> str:
    if found.unpriced:
        return "unpriced"
    low, high = money(found.input_nano), money(found.most_nano)
    return low if found.most_nano is None else f"{low} to {high}"


def _seen_in(sight: Sight) -> str:
    if sight.seen_in:
        one, other = sight.seen_in
        return f"by how items moved between runs {one} and {other}"
    return "by the usual spread of scores; two runs over this dataset will tell its own"
