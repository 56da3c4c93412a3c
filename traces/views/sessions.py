"""Sessions: the list, newest first, and one session as a conversation over its traces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.utils import OperationalError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET
from psycopg.errors import QueryCanceled

from accounts.access import Door, enter
from kit.figures import capped, count, duration, money
from kit.htmx import HtmxRequest, render_page, wants_piece
from kit.paging import BadCursor
from traces.models import Outcome, Score
from traces.pages import conversation
from traces.pages.conversation import Turn
from traces.pages.score_rows import amount_text
from traces.pages.session_timeline import timeline
from traces.queries import turns as queries
from traces.queries.criteria import ANY_ENVIRONMENT
from traces.queries.figures import has_traces
from traces.queries.score_definitions import meanings
from traces.queries.sessions import (
    SessionCriteria,
    SessionPage,
    SessionSummary,
    get_session,
    list_sessions,
)
from traces.queries.summaries import TraceSummary
from traces.values.score_bars import Bar, verdict_on
from traces.values.score_values import value_text
from traces.views.scoped import (
    between,
    environments,
    page_scope,
    scope_context,
    text_of,
    traces_href,
    with_query,
)

LIST, ONE = "traces/session_list.html", "traces/session.html"
TURNS = 50
MOST_STEPS = 300  # whose content is opened for one page


@require_GET
@login_required
def session_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Sessions with a turn in the range, by their last turn."""
    door = enter(request, project_slug)
    scope = page_scope(request.GET)
    if wants_piece(request) and request.GET.get("piece") == "envs":
        return environments(request, door.project, scope.env)
    criteria = SessionCriteria(
        since=scope.range.since,
        until=scope.range.until,
        environment=scope.env,
        user_id=text_of(request.GET, "user"),
        q=text_of(request.GET, "q"),
    )
    address = reverse("traces:session_list", args=[door.project.slug])
    context: dict[str, Any] = {
        "title": "Sessions",
        "nav_current": "sessions",
        "address": address,
        "here": address + with_query(request.GET),
        "q": criteria.q,
        "user_id": criteria.user_id,
        "without_user": address + with_query(request.GET, user=None),
        "wider": address
        + with_query(request.GET, t="30d" if scope.range.text != "30d" else "400d"),
        "is_narrowed": criteria.is_narrowed,
        "is_continued": bool(request.GET.get("after")),
        **scope_context(request, scope),
    }
    page = _page(door, criteria, request.GET.get("after", ""))
    context |= {"page": page, "too_wide": page is None}
    if page is not None:
        context["rows"] = [_row(door, session) for session in page.rows]
        if page.next_cursor:
            older = request.GET.copy()
            older["after"] = page.next_cursor
            context["older"] = f"{address}?{older.urlencode()}"
        if not page.rows:
            context["has_traces"] = has_traces(door.project.pk)
    return render_page(request, LIST, context, partial="sessions")


@require_GET
@login_required
def session_detail(request: HtmxRequest, project_slug: str, session_id: str) -> HttpResponse:
    """A session turn by turn; htmx gets the conversation, or the steps of one turn."""
    door = enter(request, project_slug)
    session = get_session(door.project.pk, session_id)
    if session is None:
        missing = {"title": "No such session", "nav_current": "sessions", "session_id": session_id}
        return render(request, "traces/session_missing.html", missing, status=404)
    first = _first(request, session)
    traces = queries.list_turns(door.project.pk, session.session_id, skip=first - 1, limit=TURNS)
    if wants_piece(request) and (wanted := text_of(request.GET, "turn")):
        return _steps_piece(request, door, traces, wanted)
    context: dict[str, Any] = {
        "title": session.session_id,
        "nav_current": "sessions",
        "crumbs": [
            {"text": "Sessions", "href": reverse("traces:session_list", args=[door.project.slug])}
        ],
        "session": session,
        "address": reverse("traces:session", args=[door.project.slug, session.session_id]),
        "strip": _strip(door, session),
        "user_href": reverse("traces:user", args=[door.project.slug, session.user_id])
        if session.user_id
        else "",
        **_conversation(request, door, session, traces, first),
    }
    response = render_page(request, ONE, context, partial="conversation")
    if wants_piece(request):
        response["HX-Push-Url"] = "false"
    return response


def _page(door: Door, criteria: SessionCriteria, after: str) -> SessionPage | None:
    """The page, the first one for a cursor that is none; None where it took too long."""
    try:
        try:
            return list_sessions(door.project.pk, criteria, after=after)
        except BadCursor:
            return list_sessions(door.project.pk, criteria)
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        return None


def _row(door: Door, session: SessionSummary) -> dict[str, Any]:
    slug = door.project.slug
    href = reverse("traces:session", args=[slug, session.session_id])
    return {
        "session": session,
        "href": href,
        "user_href": reverse("traces:user", args=[slug, session.user_id])
        if session.user_id
        else "",
        "length": session.end - session.first_start,
        "traces": _traces(door, session),
        "errors": _traces(door, session, status="error"),
    }


def _traces(door: Door, session: SessionSummary, **narrowed: str) -> str:
    """Its traces in the list, all of them."""
    t = between(session.first_start, session.last_start)
    return traces_href(
        door.project, t=t, env=ANY_ENVIRONMENT, session=session.session_id, **narrowed
    )


def _first(request: HtmxRequest, session: SessionSummary) -> int:
    """The number of the first turn of the page that the address asks for."""
    text = request.GET.get("from", "1")
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 1
    return max(1, min(asked, session.turns))


def _strip(door: Door, session: SessionSummary) -> list[dict[str, str]]:
    traces = _traces(door, session)
    said = session.thumbs_up + session.thumbs_down
    missing = f"{capped(session.unpriced)} of {capped(session.calls)} calls unpriced"
    return [
        {"label": "Turns", "value": count(session.turns), "href": traces,
         "note": f"over {duration(session.end - session.first_start)}"},
        {"label": "Failed", "value": count(session.errors),
         "href": _traces(door, session, status="error"),
         "tone": "bad" if session.errors else "muted",
         "note": f"of {count(session.turns)} traces"},
        {"label": "Working time", "value": duration(session.busy_us), "href": traces,
         "note": f"{duration(session.busy_us // session.turns)} a turn"},
        {"label": "Tokens", "value": count(session.tokens), "href": traces,
         "note": f"{count(session.tokens_in)} in, {count(session.tokens_out)} out"
         if session.tokens is not None else "no call said"},
        {"label": "Cost", "value": "unpriced" if session.is_unpriced else money(session.cost),
         "href": traces,
         "note": missing if session.unpriced else f"{capped(session.calls)} calls"},
        {"label": "Users said", "href": "#feedback" if said else "",
         "value": f"{session.thumbs_down} down" if said else "–",
         "tone": "bad" if session.thumbs_down else "muted",
         "note": f"{session.thumbs_up} up" if said else "no feedback"},
    ]  # fmt: skip


def _conversation(
    request: HtmxRequest,
    door: Door,
    session: SessionSummary,
    traces: list[TraceSummary],
    first: int,
) -> dict[str, Any]:
    project_id = door.project.pk
    steps = queries.steps_of(project_id, traces)
    spoken = queries.spoken_in(project_id, traces, steps)
    turns = [
        conversation.turn(number, trace, spoken[trace.trace_id], steps[trace.trace_id])
        for number, trace in enumerate(traces, first)
    ]
    conversation.pauses(turns)
    scores, outcomes = queries.feedback_of(
        project_id, session.session_id, [trace.trace_id for trace in traces]
    )
    bars = meanings(project_id).bars if scores else {}
    _hang(turns, scores, outcomes, bars)
    is_open = request.GET.get("all") == "1"
    if is_open or request.GET.get("turn"):
        _open(project_id, turns, steps, None if is_open else request.GET.get("turn"))
    drawn = timeline(
        [(turn.number, _us(turn.trace), turn.trace.duration_us, turn.trace.status == "error")
         for turn in turns]
    )  # fmt: skip
    last = first + len(turns) - 1
    return {
        "turns": turns,
        "timeline": drawn,
        "first": first,
        "last": last,
        "is_open": is_open,
        "earlier": with_query(request.GET, **{"from": str(max(1, first - TURNS))})
        if first > 1
        else "",
        "later": with_query(request.GET, **{"from": str(last + 1)}) if last < session.turns else "",
        "here": with_query(request.GET, **{"from": str(first)}),
        "unfold": with_query(
            request.GET, **{"from": str(first), "all": None if is_open else "1", "turn": None}
        ),
        "session_scores": [_said(score, bars) for score in scores if not score.trace_id],
        "session_outcomes": [_became(one) for one in outcomes if not one.trace_id],
    }


def _hang(
    turns: list[Turn], scores: list[Score], outcomes: list[Outcome], bars: Mapping[str, Bar]
) -> None:
    """Put scores and outcomes to their turns, each name once, the newest."""
    by_trace: dict[str, dict[str, Score]] = defaultdict(dict)
    for score in sorted(scores, key=lambda one: one.span_id is not None):
        by_trace[score.trace_id].setdefault(f"{score.name} {score.source}", score)
    for turn in turns:
        own = by_trace.get(turn.trace.trace_id, {})
        turn.scores = [_said(own[name], bars) for name in sorted(own)]
        turn.outcomes = [_became(one) for one in outcomes if one.trace_id == turn.trace.trace_id]


def _said(score: Score, bars: Mapping[str, Bar]) -> dict[str, Any]:
    by_user = score.source == "user" and score.num is not None
    return {
        "name": score.name,
        "value": value_text(score),
        "source": score.source,
        "comment": score.comment or "",
        "verdict": verdict_on(score, bars),
        "is_down": by_user and score.num in (0, -1),
    }


def _became(outcome: Outcome) -> dict[str, str]:
    value = " ".join(filter(None, (amount_text(outcome), outcome.unit or "")))
    return {"name": outcome.name, "value": value, "comment": outcome.comment or ""}


def _open(
    project_id: int,
    turns: list[Turn],
    steps: dict[str, list[queries.Step]],
    only: str | None,
) -> None:
    """Read what the steps of the turns did, of all or of one."""
    wanted = [turn for turn in turns if only is None or turn.trace.trace_id == only]
    listed = [step for turn in wanted for step in steps[turn.trace.trace_id]][:MOST_STEPS]
    found = queries.contents(
        project_id,
        [turn.trace for turn in wanted],
        [(step.trace_id, step.span_id) for step in listed],
    )
    for turn in wanted:
        own = [step for step in listed if step.trace_id == turn.trace.trace_id]
        turn.steps = conversation.steps_told(own, found)


def _steps_piece(
    request: HtmxRequest, door: Door, traces: list[TraceSummary], wanted: str
) -> HttpResponse:
    found = next((trace for trace in traces if trace.trace_id == wanted), None)
    if found is None:
        raise Http404("The session has no such turn here.")
    steps = queries.steps_of(door.project.pk, [found])
    turn = conversation.turn(1, found, queries.Spoken(None, None), steps[wanted])
    _open(door.project.pk, [turn], steps, None)
    response = render(request, f"{ONE}#steps", {"turn": turn})
    patch_vary_headers(response, ["HX-Request"])
    return response


def _us(trace: TraceSummary) -> int:
    return round(trace.start_time.timestamp() * 1_000_000)
