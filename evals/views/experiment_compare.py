"""Experiments beside a baseline: figures, verdicts, and the matrix of items and runs."""

from __future__ import annotations

import csv
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import Door, enter
from evals.models import Experiment
from evals.pages.compared import Compared, compared
from evals.pages.matrix import Line, lines_of
from evals.pages.picking import SHOWN, SHOWN_ALONE, SIZE, Asked, Picked, picked
from evals.pages.runs import Run, run_of
from evals.pages.wording import letters
from evals.queries.answers_shown import answers_of, cases_of, keys_saying
from evals.queries.measures import Measure, measures_of
from evals.queries.outcomes import Outcomes, outcomes_of
from evals.queries.pairs import pairs_of
from evals.queries.runs import gate_runs_of, serving_of
from evals.views.experiment_opening import may_open_held_out, open_experiment, open_runs
from kit.htmx import HtmxRequest, wants_piece
from kit.requests import whole_number


@require_GET
@login_required
def experiment_compare(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Up to five runs beside the first; htmx gets the items, more rows, or the figures."""
    door = enter(request, project_slug)
    runs = open_runs(door, request.GET.getlist("ids"))
    if len(runs) < 2:
        name, args = ("experiment", [runs[0].number]) if runs else ("experiments", [])
        elsewhere = redirect(reverse(f"evals:{name}", args=[project_slug, *args]))
        elsewhere.status_code = 303
        return elsewhere
    context = compared_context(request, door, runs)
    piece = "items" if wants_piece(request) else ""
    if piece and request.GET.get("piece") in ("rows", "figures"):
        piece = request.GET["piece"]
    name = "evals/experiment_compare.html"
    response = render(request, f"{name}#{piece}" if piece else name, context)
    response["Vary"] = "HX-Request, HX-Boosted, HX-History-Restore-Request, Cookie"
    return response


@require_GET
@login_required
def experiment_items(request: HtmxRequest, project_slug: str, number: int) -> HttpResponse:
    """All items of one run with their answers, the lowest first; htmx gets the items, or rows."""
    door, found = open_experiment(request, project_slug, number)
    context = compared_context(request, door, [found])
    here = {"text": f"#{found.number} {found.name}"[:60],
            "href": reverse("evals:experiment", args=[project_slug, number])}  # fmt: skip
    context |= {"title": "Items", "crumbs": [*context["crumbs"], here]}
    piece = ""
    if wants_piece(request):
        piece = "rows" if request.GET.get("piece") == "rows" else "items"
    template = f"evals/experiment_compare.html#{piece}" if piece else "evals/experiment_items.html"
    response = render(request, template, context)
    response["Vary"] = "HX-Request, HX-Boosted, HX-History-Restore-Request, Cookie"
    return response


def compared_context(
    request: HttpRequest, door: Door, experiments: list[Experiment]
) -> dict[str, Any]:
    """All that the page says of these runs."""
    serving = serving_of(experiments)
    runs = [
        run_of(one, serving.get(one.prompt_version_id or 0), experiments) for one in experiments
    ]
    measures = measures_of(door.project, experiments)
    outcomes = outcomes_of(experiments)
    gates = gate_runs_of(experiments[0], experiments[1:])
    pairs = pairs_of(experiments) if any(one.is_pairwise for one in measures) else {}
    found = compared(runs, outcomes, measures, _text(request, "by"), gates, pairs)
    asked = _asked(request, experiments)
    opens = may_open_held_out(request, door, experiments)
    saying = keys_saying(experiments, asked.text, with_held_out=opens) if asked.text else None
    chosen = picked(found, outcomes, asked, saying)
    start = min(whole_number(request.GET.get("from", "")) or 0, len(chosen.keys))
    keys = chosen.keys[start : start + SIZE]
    first = found.measure.name if found.measure else ""
    marks = letters([first] * bool(first) + [one.name for one in measures if one.name != first])
    lines = _lines(found, outcomes, keys, measures, marks, experiments, opens)
    ids = ",".join(str(one.number) for one in experiments)
    return {
        "title": f"Compare {len(runs)} runs",
        "crumbs": [
            {"text": "Experiments", "href": reverse("evals:experiments", args=[door.project.slug])}
        ],
        "nav_current": "experiments",
        "found": found, "runs": runs, "others": runs[1:], "lines": lines, "asked": asked,
        "chosen": chosen, "start": start, "shown": start + len(keys),
        "more": start + len(keys) if start + len(keys) < len(chosen.keys) else None,
        "marks": marks, "ids": ids, "is_open": any(one.is_open for one in experiments),
        "same_data": _same_data(experiments), "opens_held_out": opens,
        "review": next((one.request for one in gates.values() if one.request), None),
        "partial": [one for one in runs if one.is_partial],
        "columns": len(runs), "order": "largest drop first" if len(runs) > 1 else "lowest first",
    } | _links(door, ids, asked, found, chosen)  # fmt: skip


def _lines(
    found: Compared, outcomes: dict[int, Outcomes], keys: list[str], measures: list[Measure],
    marks: dict[str, str], experiments: list[Experiment], opens: bool,
) -> list[Line]:  # fmt: skip
    name = found.measure.name if found.measure else ""
    answers = answers_of(experiments, keys, name)
    cases = cases_of(experiments, keys)
    return lines_of(found, outcomes, keys, answers, cases, measures, marks, opens_held_out=opens)


def _asked(request: HttpRequest, experiments: list[Experiment]) -> Asked:
    show, number = _text(request, "show"), whole_number(_text(request, "run"))
    known = SHOWN if len(experiments) > 1 else SHOWN_ALONE
    return Asked(
        show=show if show in known else known[0],
        run=number if number in {one.number for one in experiments[1:]} else None,
        to=_text(request, "to") if _text(request, "to") in ("pass", "fail") else "",
        slice=_text(request, "slice") if "slice" in request.GET else None,
        text=_text(request, "q").strip(),
    )


def _text(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "")[:200]


def _same_data(experiments: list[Experiment]) -> bool:
    return len({(one.dataset_id, one.dataset_version) for one in experiments}) == 1


def _links(door: Door, ids: str, asked: Asked, found: Compared, chosen: Picked) -> dict[str, Any]:
    """Addresses of this very page with one thing changed."""
    kept = {"ids": ids, "by": found.measure.name if found.measure else ""}

    def link(**changes: Any) -> str:
        given = kept | {
            "show": asked.show, "run": asked.run, "to": asked.to, "slice": asked.slice,
            "q": asked.text,
        } | changes  # fmt: skip
        told = {
            key: value
            for key, value in given.items()
            if value not in (None, "") or (key == "slice" and value == "")
        }
        return f"?{urlencode(told)}"

    return {
        "counts": [
            {"name": name, "words": words, "count": count, "current": name == asked.show,
             "href": link(show=name, to="")}
            for name, words, count in chosen.counts
        ],
        "slices": [
            {"name": name or "no slice", "count": count, "current": asked.slice == name,
             "href": link(slice=name)}
            for name, count in chosen.slices
        ],
        "everything": link(show="all", run=None, to=""),
        "all_slices": link(slice=None),
        "any_run": link(run=None, to=""),
        "cleared": link(show="", run=None, to="", slice=None, q=""),
        "verdicts": [
            {
                "said": one,
                "improved": link(show="improved", run=one.run.number, to=""),
                "regressed": link(show="regressed", run=one.run.number, to=""),
                "to_pass": link(show="flipped", run=one.run.number, to="pass"),
                "to_fail": link(show="flipped", run=one.run.number, to="fail"),
            }
            for one in found.verdicts
        ],
        "rows": [
            {"row": row, "href": link(by=row.name) if row.name else ""} for row in found.rows
        ],
        "export_href": f"{reverse('evals:experiment_export', args=[door.project.slug])}?"
        f"{urlencode(kept)}",
        "self_href": link(),
    }  # fmt: skip


@require_GET
@login_required
def experiment_export(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The comparison as CSV: a line for each item, a group of columns for each run."""
    door = enter(request, project_slug)
    experiments = open_runs(door, request.GET.getlist("ids"))
    runs: list[Run] = [run_of(one) for one in experiments]
    measures = measures_of(door.project, experiments)
    outcomes = outcomes_of(experiments)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = "-".join(str(run.number) for run in runs) or "none"
    response["Content-Disposition"] = f'attachment; filename="experiments-{name}.csv"'
    write = csv.writer(response)
    heads = ["item", "slice", "cluster", "held_out"]
    for run in runs:
        heads += [f"run {run.number} answers", f"run {run.number} failed"]
        heads += [f"run {run.number} {one.name}" for one in measures]
        heads += [f"run {run.number} cost_usd"]
    write.writerow([_cell(head) for head in heads])
    items = {key: item for run in reversed(runs)
             for key, item in outcomes[run.experiment.pk].items.items()}  # fmt: skip
    for key, item in sorted(items.items(), key=lambda pair: (pair[1].place, pair[0])):
        line: list[Any] = [_cell(key), _cell(item.slice), _cell(item.cluster), item.is_held_out]
        for run in runs:
            own = outcomes[run.experiment.pk].items.get(key)
            line += [own.done, own.failed] if own else ["", ""]
            for one in measures:
                scored = own.scores.get(one.name) if own else None
                line.append("" if scored is None or scored.mean is None else scored.mean)
            cost = own.cost_nano if own else None
            line.append("" if cost is None else f"{cost / 10**9:.9f}")
        write.writerow(line)
    return response


def _cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
