"""The test panel of a prompt: set up, run with or without script, and the draft saved."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any
from urllib.parse import urlencode

import orjson
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import Door, enter
from accounts.models import Role
from accounts.views.entry import person, see_other
from gateway import client
from gateway.client.answer import ReasoningDelta, TextDelta
from gateway.panel import setup as panel
from gateway.panel.columns import Column, Ready, ready
from gateway.panel.running import Outcome, gathered, run
from gateway.panel.setup import Setup
from gateway.panel.showing import column_html, outputs_html, outputs_of, setup_context
from kit.crypto import Unreadable
from kit.errors import DomainError
from kit.htmx import wants_piece
from prompts.content import BadContent
from prompts.models import PromptVersion
from prompts.queries.resolving import get_prompt
from prompts.services.versions import NewVersion, create_version

_TEMPLATE = "gateway/test_panel.html"
STREAM = "application/x-ndjson"


@require_http_methods(["GET", "POST"])
@login_required
def test_panel(request: HttpRequest, project_slug: str, name: str) -> HttpResponseBase:
    """The panel. POST does what `act` says: `inputs`, `trace`, `item`, `run` or `save`.

    A run answers with the whole page once all is over, or, to who accepts it, with lines of JSON as
    the answers come.
    """
    if request.method == "GET" and "link" in request.GET:
        return _link(request, enter(request, project_slug), name)
    door = enter(request, project_slug, least=Role.ENGINEER)
    prompt = get_prompt(door.project.pk, name)
    if prompt is None:
        raise Http404("This project has no such prompt.")
    if request.method == "GET":
        setup = panel.opened(door, prompt, request.GET.dict(), person(request))
        return _page(request, door, setup)
    setup = panel.said(door.project, prompt, request.POST)
    match request.POST.get("act"):
        case "inputs" if wants_piece(request):
            return render(request, f"{_TEMPLATE}#setup", setup_context(setup))
        case "inputs":
            return _page(request, door, setup)
        case "trace":
            setup.take(request.POST.get("trace", ""), request.POST.get("span", ""))
            return _page(request, door, setup)
        case str(act) if act.partition(":")[0] == "item":  # or a chosen one: `item:<key>`
            setup.take_item(act[5:] or request.POST.get("item", ""), door, person(request))
            return _page(request, door, setup)
        case "save":
            return _save(request, door, setup)
    return _run(request, door, setup)


def _link(request: HttpRequest, door: Door, name: str) -> HttpResponse:
    """For pages that know a prompt by its name alone: the way here, where it leads somewhere."""
    leads = door.may(Role.ENGINEER) and get_prompt(door.project.pk, name) is not None
    given = {word: request.GET[word] for word in ("trace", "span") if word in request.GET}
    context = {"project": door.project, "name": name, "query": urlencode(given), "leads": leads}
    return render(request, "gateway/_panel_link.html", context)


def _run(request: HttpRequest, door: Door, setup: Setup) -> HttpResponseBase:
    streams = STREAM in request.headers.get("Accept", "")
    if not setup.faults and not setup.panel.columns:
        setup.faults.append("Choose a version for at least one column.")
    if setup.faults:
        if streams:
            return render(request, f"{_TEMPLATE}#faults", {"faults": setup.faults}, status=422)
        return _page(request, door, setup, status=422)
    outcomes: dict[int, Outcome] = {}
    calls: list[tuple[Column, Ready]] = []
    for column in setup.panel.columns:
        if column.problem:
            continue
        try:
            calls.append((column, ready(column, setup.prompt, asks=person(request))))
        except Unreadable as sealed:
            outcomes[column.place] = Outcome(problem=str(sealed))
    if streams:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        lines = _lines(setup, calls, outcomes)
        return StreamingHttpResponse(lines, content_type=STREAM, headers=headers)
    outcomes |= client.wait(gathered(calls))
    return _page(request, door, setup, outcomes=outcomes)


async def _lines(
    setup: Setup, calls: Sequence[tuple[Column, Ready]], outcomes: dict[int, Outcome]
) -> AsyncGenerator[bytes, None]:
    """Lines of JSON: `html` is all outputs, or a column at its end; `text`, `thought` add to one.

    A reader that goes away closes this, and whoever is being asked is hung up on.
    """
    asked = {column.place: column for column, _ in calls}
    yield _line(html=outputs_html(setup, outcomes, frozenset(asked)))
    async with aclosing(run(calls)) as news:
        async for place, told in news:
            if isinstance(told, TextDelta):
                yield _line(column=place, text=told.text)
            elif isinstance(told, ReasoningDelta):
                yield _line(column=place, thought=told.text)
            elif isinstance(told, Outcome):
                yield _line(column=place, html=column_html(setup, asked[place], told))


def _line(**told: Any) -> bytes:
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def _save(request: HttpRequest, door: Door, setup: Setup) -> HttpResponse:
    """Make the draft the next version of the prompt."""
    project, prompt, draft = door.project, setup.prompt, setup.draft
    new = NewVersion(
        draft.content,
        setup.form.message if setup.form else "",
        draft.begins,
        origin=PromptVersion.Origin.TEST_PANEL,
    )
    if not setup.faults:
        try:
            made = create_version(project, prompt.name, new, actor=person(request))
        except (BadContent, DomainError) as refused:
            setup.faults.append(str(refused))
        else:
            messages.success(request, f"{prompt.name} has {made} now.")
            return see_other("prompts:version", project.slug, prompt.name, made.number)
    return _page(request, door, setup, status=422)


def _page(
    request: HttpRequest,
    door: Door,
    setup: Setup,
    *,
    outcomes: dict[int, Outcome] | None = None,
    status: int = 200,
) -> HttpResponse:
    slug, name = door.project.slug, setup.prompt.name
    context = setup_context(setup) | {
        "title": "Test panel",
        "crumbs": [
            {"text": "Prompts", "href": reverse("prompts:prompts", args=[slug])},
            {"text": name, "href": reverse("prompts:prompt", args=[slug, name])},
        ],
        "nav_current": "prompts",
        "outputs": outputs_of(setup, outcomes or {}),
        "may_connect": door.may(Role.ADMIN),
    }
    return render(request, _TEMPLATE, context, status=status)
