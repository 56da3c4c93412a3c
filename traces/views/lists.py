"""The list of traces: rows first, facets and the count after them, news behind a line."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from accounts.access import enter
from accounts.models import Project
from kit.htmx import HtmxRequest, wants_piece
from kit.paging import BadCursor
from traces.forms.traces import CHIP_WORDS, SIGNS, TraceFilter
from traces.pages.score_parameters import PREFIX, score_parameters
from traces.queries import facets, figures
from traces.queries.criteria import ANY_ENVIRONMENT
from traces.queries.lists import TracePage, count_newer, cursor_key, cursor_of, list_traces
from traces.queries.sampling import sampled_away
from traces.queries.score_conditions import ANY
from traces.queries.scores import outcome_names, score_names
from traces.query import QueryError
from traces.query import chips as query_chips
from traces.views.addresses import list_query, range_context, with_parameters
from traces.views.feedback import scores_context

TEMPLATE = "traces/trace_list.html"
PAGES_BY_SCROLLING = 5  # after that older rows come on demand
MOST_NEW = 99
_FACETS = (
    ("status", "Status"),
    ("feature", "Feature"),
    ("name", "Name"),
    ("model", "Model"),
    ("prompt", "Prompt version"),
    ("tag", "Tag"),
    ("release", "Release"),
)
_TEXT_FIELDS = (
    "name",
    "feature",
    "model",
    "prompt",
    "tag",
    "release",
    "user",
    "session",
    "outcome",
)
_BOUND_FIELDS = (("duration", "Duration"), ("cost", "Cost"), ("tokens", "Tokens"))


@require_GET
@login_required
def trace_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The project's traces, filtered; htmx gets the piece that it names, or the results."""
    door = enter(request, project_slug)
    form = TraceFilter(request.GET)
    form.is_valid()
    piece = request.GET.get("piece", "") if wants_piece(request) else ""
    address = reverse("traces:trace_list", args=[door.project.slug])
    env = form.cleaned_data.get("env", "")
    context: dict[str, Any] = {
        "title": "Traces",
        "nav_current": "traces",
        "form": form,
        "address": address,
        "list_query": list_query(request.GET),
        "here": address + (list_query(request.GET) or "?"),
        "env": env,
        "env_label": "All environments" if env == ANY_ENVIRONMENT else env or "All but experiments",
        "text_fields": [form[name] for name in _TEXT_FIELDS],
        "bound_fields": [
            (word, [form[f"min_{name}"]], [form[f"max_{name}"]]) for name, word in _BOUND_FIELDS
        ],
        "score_inputs": sorted(score_parameters(request.GET).items()),
        "signs": SIGNS.items(),
        "chips": _chips(request, form),
        "query_text": request.GET.get("q", ""),
        **range_context(form.range()),
    }
    if form.query_error is not None:
        return _unread(request, piece, context, form.query_error)
    if piece == "facets":
        return _answer(
            request, f"{TEMPLATE}#facets", context | _facets(request, door.project, form)
        )
    if piece == "news":
        return _answer(request, f"{TEMPLATE}#news", context | _news(request, door.project, form))
    try:
        page = list_traces(door.project.pk, form.criteria(), after=request.GET.get("after", ""))
    except BadCursor:
        page = list_traces(door.project.pk, form.criteria())
    context |= _rows(request, door.project, form, page)
    return _answer(
        request, _template(request, "rows" if "after" in request.GET else "results"), context
    )


def _unread(
    request: HtmxRequest, piece: str, context: dict[str, Any], error: QueryError
) -> HttpResponse:
    """What is wrong with the query, and where. A page that shows rows keeps those it has."""
    text = str(context["query_text"])
    end = error.position + error.length
    parts = {"before": text[: error.position], "found": error.found, "after": text[end:]}
    context |= {"query_error": error, "query_parts": parts}
    if piece == "facets":
        return _answer(request, f"{TEMPLATE}#facets", context)
    if piece == "news":
        return _answer(request, f"{TEMPLATE}#news", context)
    if not wants_piece(request):
        return _answer(request, TEMPLATE, context)
    response = render(request, "traces/_query_error.html", context)
    response["HX-Retarget"] = "#q-error"
    response["HX-Reswap"] = "outerHTML"
    return response


def _rows(
    request: HtmxRequest, project: Project, form: TraceFilter, page: TracePage
) -> dict[str, Any]:
    depth = _number(request.GET.get("page", "1"))
    is_narrowed = bool(form.criteria().narrowing)
    context: dict[str, Any] = {
        "page": page,
        "too_wide": page.is_too_wide and not page.rows,
        "narrower": [
            (word, with_parameters(request.GET, t=text))
            for text, word in (("24h", "Last 24 hours"), ("1h", "Last hour"))
            if text != form.range().text
        ],
        **scores_context(project.pk, page.rows),
        "full_bar_us": _full_bar([trace.duration_us for trace in page.rows]),
        "is_narrowed": is_narrowed,
        "loads_by_scrolling": depth < PAGES_BY_SCROLLING,
        "is_continued": bool(request.GET.get("after")),
    }
    if page.next_cursor:
        context["older"] = with_parameters(request.GET, after=page.next_cursor, page=str(depth + 1))
    if page.rows and "after" not in request.GET:
        context["newest"] = cursor_of(page.rows[0])
    if not page.rows and "after" not in request.GET:
        context["has_traces"] = figures.has_traces(project.pk)
        context["wider"] = with_parameters(
            request.GET, t="7d" if form.range().text != "7d" else "400d"
        )
        context["wider_words"] = "7 days" if form.range().text != "7d" else "everything kept"
    return context


def _news(request: HtmxRequest, project: Project, form: TraceFilter) -> dict[str, Any]:
    """How many traces came in above the first row shown."""
    try:
        key = cursor_key(request.GET.get("above", ""))
    except BadCursor:
        return {"new_count": 0}
    count = count_newer(project.pk, form.criteria(), key, cap=MOST_NEW)
    words = (
        f"{MOST_NEW}+ new traces" if count > MOST_NEW else f"{count} new trace{'s' * (count > 1)}"
    )
    return {"new_count": count, "new_words": words, "newest": request.GET["above"]}


def _facets(request: HtmxRequest, project: Project, form: TraceFilter) -> dict[str, Any]:
    counted = facets.count_facets(project.pk, form.criteria())
    groups = []
    for name, word in _FACETS:
        chosen = form.cleaned_data.get(name) or ""
        values = counted.values.get(name, [])
        if not values:
            continue
        most = max(value.count for value in values)
        groups.append(
            {
                "name": name,
                "word": word,
                "is_open": bool(chosen) or name in ("status", "feature", "name", "model"),
                "values": [
                    {
                        "text": value.value.rstrip("/") if name == "prompt" else value.value,
                        "count": value.count,
                        "width": f"{max(value.count / most * 100, 2):.0f}%",
                        "is_chosen": value.value == chosen,
                        "href": with_parameters(
                            request.GET, **{name: None if value.value == chosen else value.value}
                        ),
                    }
                    for value in values
                ],
            }
        )
    return {
        "score_names": score_names(project.pk),
        "outcome_names": outcome_names(project.pk),
        "groups": groups,
        "total": counted.total,
        "is_capped": counted.is_capped,
        "is_upper_bound": counted.is_upper_bound,
        "is_too_wide_to_count": counted.is_too_wide,
        "sampled": sampled_away(project.pk, form.range().since, form.range().until),
        "environments": _environments(request, project, form),
    }


def _environments(
    request: HtmxRequest, project: Project, form: TraceFilter
) -> list[dict[str, Any]]:
    chosen = form.cleaned_data.get("env", "")
    names = facets.environments(project.pk)
    choices = [("", "All but experiments"), (ANY_ENVIRONMENT, "All"), *((n, n) for n in names)]
    return [
        {
            "text": text,
            "is_chosen": value == chosen,
            "href": with_parameters(request.GET, env=value or None),
        }
        for value, text in choices
    ]


def _chips(request: HtmxRequest, form: TraceFilter) -> list[dict[str, str]]:
    """The filter in words, each with a link that removes it."""
    chips = [
        {
            "word": chip.field or "text",
            "relation": chip.op if chip.field else "",
            "value": chip.value if chip.field else chip.text,
            "text": chip.text,
            "href": with_parameters(request.GET, q=chip.without),
        }
        for chip in query_chips(form.query)
    ]
    for name, (word, relation) in CHIP_WORDS.items():
        if request.GET.get(name) and name in form.cleaned_data:
            chips.append(
                {
                    "word": word,
                    "relation": relation,
                    "value": request.GET[name],
                    "text": f"{word} {relation} {request.GET[name]}",
                    "href": with_parameters(request.GET, **{name: None}),
                }
            )
    for name, text in score_parameters(request.GET).items():
        word, value = f"score {name.removeprefix(PREFIX)}", "given" if text == ANY else text
        chips.append(
            {
                "word": word,
                "relation": "is",
                "value": value,
                "text": f"{word} is {value}",
                "href": with_parameters(request.GET, **{name: None}),
            }
        )
    return chips


def _template(request: HtmxRequest, piece: str) -> str:
    return f"{TEMPLATE}#{piece}" if wants_piece(request) else TEMPLATE


def _answer(request: HtmxRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request", "HX-Boosted", "HX-History-Restore-Request"])
    if wants_piece(request) and "piece" not in request.GET and "after" not in request.GET:
        # The form sends every field; the address keeps only those that say something.
        response["HX-Push-Url"] = context["address"] + context["list_query"]
    return response


def _full_bar(durations: list[int]) -> int:
    """What a whole bar stands for: nine of ten rows are shorter, so that one giant dwarfs none."""
    return sorted(durations)[len(durations) * 9 // 10] if durations else 0


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 1
