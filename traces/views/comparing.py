"""Two traces side by side: totals, scores, spans aligned, the words of one pair of spans."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import Door, enter
from kit.figures import duration, money
from kit.htmx import HtmxRequest, render_page
from traces.ingest.canonical.represent import read_content
from traces.ingest.record import KIND_NAMES
from traces.models import Span
from traces.pages import two_traces
from traces.pages.reading import as_text, blocks
from traces.pages.two_traces import Pair
from traces.queries import detail
from traces.queries.around import of_same_name
from traces.queries.scores import scores_of_trace
from traces.queries.summaries import TraceSummary

MOST_SPANS = 5_000  # of each trace
MOST_PAIRS = 300  # on one page, those that differ first
_ANSWERING = frozenset({"assistant", "reasoning"})


@require_GET
@login_required
def choose(request: HtmxRequest, project_slug: str, trace_id: str) -> HttpResponse:
    """What to compare a trace to: another of its name, or one whose id is typed."""
    door = enter(request, project_slug)
    trace = _trace(door, trace_id)
    context = _frame(door, trace, f"Compare {trace.name or trace_id}")
    wanted = request.GET.get("with", "").strip()
    if wanted:
        if wanted != trace_id and detail.get_trace(door.project.pk, wanted) is not None:
            return redirect("traces:compare", door.project.slug, trace_id, wanted)
        is_same = wanted == trace_id
        context["wrong"] = (
            "That is this trace." if is_same else "The project has no trace with this id."
        )
        context["wanted"] = wanted
    context["others"] = [
        (other, reverse("traces:compare", args=[door.project.slug, trace_id, other.trace_id]))
        for other in of_same_name(door.project.pk, trace)
    ]
    status = 422 if "wrong" in context else 200
    template = "traces/compare_choose.html"
    return render_page(request, template, context, partial="panel", status=status)


@require_GET
@login_required
def compare(request: HtmxRequest, project_slug: str, trace_id: str, other_id: str) -> HttpResponse:
    """The two traces; A is the first, B the second, and changes are from A to B."""
    door = enter(request, project_slug)
    first, second = _trace(door, trace_id), _trace(door, other_id)
    pk = door.project.pk
    spans = [detail.list_spans(pk, one, most=MOST_SPANS) for one in (first, second)]
    pairs = two_traces.aligned(*spans)
    differing = sum(bool(pair.differences) for pair in pairs)
    chosen = _chosen(request, pairs)
    context = _frame(door, first, "Compare two traces") | {
        "a": first,
        "b": second,
        "a_href": reverse("traces:trace_detail", args=[door.project.slug, first.trace_id]),
        "b_href": reverse("traces:trace_detail", args=[door.project.slug, second.trace_id]),
        "swapped": reverse("traces:compare", args=[door.project.slug, other_id, trace_id]),
        "figures": _figures(first, second),
        "scores": two_traces.score_pairs(
            scores_of_trace(pk, first.trace_id, None), scores_of_trace(pk, second.trace_id, None)
        ),
        "rows": [_row(pair, pair is chosen) for pair in pairs[:MOST_PAIRS]],
        "differing": differing,
        "pair_count": len(pairs),
        "left_out": max(len(pairs) - MOST_PAIRS, 0),
        "is_cut": any(
            one.span_count > len(found) for one, found in zip((first, second), spans, strict=True)
        ),
    }
    if chosen is not None:
        context |= _words(pk, first, second, chosen)
    return render(request, "traces/compare.html", context)


def _words(
    project_id: int, first: TraceSummary, second: TraceSummary, pair: Pair
) -> dict[str, Any]:
    """The word diffs of what was asked and answered in a pair."""
    texts = [
        _texts(project_id, trace, span)
        for trace, span in ((first, pair.first), (second, pair.second))
    ]
    diffs = []
    for place, word in enumerate(("Asked", "Answered")):
        pieces, is_cut = two_traces.word_diff(texts[0][place], texts[1][place])
        is_same = all(piece.change == "same" for piece in pieces)
        diffs.append({"word": word, "pieces": pieces, "is_cut": is_cut, "is_same": is_same})
    return {"chosen": pair, "diffs": diffs}


def _texts(project_id: int, trace: TraceSummary, span: Span | None) -> tuple[str, str]:
    """What a span was asked and what it answered, as plain text."""
    if span is None:
        return "", ""
    document = detail.content_of(project_id, span)
    found = blocks(KIND_NAMES[span.kind], span.name, read_content(document or {}))
    asked, answered = [], []
    last = max((n for n, block in enumerate(found) if block.role not in _ANSWERING), default=-1)
    for number, block in enumerate(found):
        text = block.text or " ".join(
            part for part in (block.name, as_text(block.arguments or "")) if part
        )
        if block.shape == "media":
            text = "[file]"
        if number > last or block.name == "Output":
            answered.append(text)
        else:
            asked.append(f"{block.role}: {text}")
        if block.result is not None:
            answered.append(block.result)
    return "\n\n".join(asked), "\n\n".join(answered)


def _chosen(request: HtmxRequest, pairs: list[Pair]) -> Pair | None:
    for name, side in (("span", "first"), ("other", "second")):
        wanted = request.GET.get(name, "")
        for pair in pairs if wanted else ():
            span = getattr(pair, side)
            if span is not None and span.span_id == wanted:
                return pair
    return two_traces.answering(pairs)


def _row(pair: Pair, is_chosen: bool) -> dict[str, Any]:
    side = {"span": pair.first.span_id} if pair.first else {"other": pair.span.span_id}
    return {
        "pair": pair,
        "words": pair.differences,
        "href": f"?{urlencode(side)}#words",
        "is_chosen": is_chosen,
        "duration": _signed(pair.duration_delta, duration),
        "tokens": _signed(pair.tokens_delta, lambda n: f"{n:,}"),
        "cost": _signed(pair.cost_delta, money),
    }


def _figures(a: TraceSummary, b: TraceSummary) -> list[dict[str, Any]]:
    rows: list[tuple[str, int | None, int | None, Any]] = [
        ("Duration", a.duration_us, b.duration_us, duration),
        ("Cost", a.cost, b.cost, money),
        ("Tokens", a.tokens, b.tokens, lambda n: f"{n:,}"),
        ("Spans", a.span_count, b.span_count, lambda n: f"{n:,}"),
        ("Failed spans", a.error_count, b.error_count, lambda n: f"{n:,}"),
    ]
    return [
        {
            "name": name,
            "first": "–" if one is None else text(one),
            "second": "–" if two is None else text(two),
            "delta": _signed(None if one is None or two is None else two - one, text),
            "is_worse": one is not None and two is not None and two > one,
        }
        for name, one, two, text in rows
    ]


def _signed(delta: int | None, text: Any) -> str:
    """`+1.20 s`, `−3`, `0`; nothing where it is not known."""
    if delta is None:
        return ""
    if not delta:
        return "0"
    size = str(text(abs(delta)))
    return "≈ 0" if size.startswith("<") else f"{'+' if delta > 0 else '−'}{size}"


def _trace(door: Door, trace_id: str) -> TraceSummary:
    found = detail.get_trace(door.project.pk, trace_id)
    if found is None:
        raise Http404("The project has no such trace.")
    return found


def _frame(door: Door, trace: TraceSummary, title: str) -> dict[str, Any]:
    slug = door.project.slug
    address = reverse("traces:trace_detail", args=[slug, trace.trace_id])
    return {
        "title": title,
        "nav_current": "traces",
        "trace": trace,
        "back": address,
        "action": reverse("traces:compare_choose", args=[slug, trace.trace_id]),
        "crumbs": [
            {"text": "Traces", "href": reverse("traces:trace_list", args=[slug])},
            {"text": trace.name or trace.trace_id, "href": address},
        ],
    }
