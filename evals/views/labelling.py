"""One answer at a time: read it, say what one thinks, go on to the next."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Door, enter
from accounts.models import Role, User
from evals.forms.labelling import FlagForm, LabelForm
from evals.models import QueueItem, ReviewQueue
from evals.pages.snapshots import shown
from evals.queries.queues import next_sources, progress_of, queue_of
from evals.services import labelling
from evals.services.labels import BadLabel
from evals.values.scales import scale_of_field
from kit.htmx import HtmxRequest, render_page, wants_piece
from kit.requests import whole_number

TEMPLATE = "evals/label.html"
MOST_UNDONE = 20  # acts that a session remembers, of all queues
_UNDO = "evals_undo"


@require_GET
@login_required
def label_next(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """The next answer for me, or the one that `item` names; it is mine for 15 minutes."""
    door, queue = open_queue(request, project_slug, pk)
    me = person(request)
    wanted = whole_number(request.GET.get("item", ""), digits=18)
    item, said = None, ""
    if wanted is not None:
        found = queue.items.filter(pk=wanted).first()
        try:
            item = labelling.take(found, me) if found is not None else None
        except labelling.Taken as taken:
            said = str(taken)
    item = item or _next(queue, me)
    return _page(request, door, queue, item, said=said)


@require_POST
@login_required
def label_act(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """Save, skip, flag or undo; the answer to it is the next answer to be labelled."""
    door, queue = open_queue(request, project_slug, pk)
    me, act = person(request), request.POST.get("act", "save")
    if act == "again":
        labelling.offer_again(queue, me)
        return _go_on(request, door, queue)
    if act == "undo":
        return _undo(request, door, queue)
    is_ahead = "is_ahead" in request.POST  # the page shows the next answer already
    number = whole_number(request.POST.get("item", ""), digits=18)
    item = queue.items.filter(pk=number).first() if number is not None else None
    if item is None:
        raise Http404("This queue has no such answer.")
    item.queue = queue
    if act == "ahead":
        following = labelling.take_next(queue, me, not_these=(item.pk,))
        return _page(request, door, queue, following)
    form = LabelForm(queue, request.POST if act == "save" else None)
    last = None
    try:
        if act == "skip":
            labelling.skip(item, actor=me)
        elif act == "flag":
            flagging = FlagForm(request.POST)
            why = flagging.cleaned_data["why"] if flagging.is_valid() else ""
            labelling.flag(item, why, actor=me)
        else:
            if form.is_valid():
                labelling.save_labels(
                    item, form.given(), actor=me, seconds=form.cleaned_data["seconds"]
                )
                last = _told(queue, item, form)
    except labelling.Taken as taken:
        return _go_on(request, door, queue, said=str(taken))
    except BadLabel as bad:
        form.fault(bad.name, str(bad))
    if form.errors:
        return _page(request, door, queue, item, form=form, status=422)
    _remember(request, item)
    if is_ahead:
        context = _context(request, door, queue, None) | {"last": last}
        return render(request, f"{TEMPLATE}#top", context)
    return _go_on(request, door, queue, last=last)


def open_queue(
    request: HttpRequest, project_slug: str, pk: int, *, least: Role = Role.ENGINEER
) -> tuple[Door, ReviewQueue]:
    """The door and the queue, which is open. Raises: Http404, PermissionDenied."""
    door = enter(request, project_slug, least=least)
    queue = queue_of(door.project, pk) if pk < 2**63 else None
    if queue is None or queue.archived_at is not None:
        raise Http404("This project has no such queue.")
    return door, queue


def crumbs(door: Door) -> list[dict[str, str]]:
    """The way to a page of a queue."""
    return [{"text": "Review queue", "href": reverse("evals:queues", args=[door.project.slug])}]


def person(request: HttpRequest) -> User:
    """Who looks; `login_required` saw to it that it is a person."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def _next(queue: ReviewQueue, me: User) -> QueueItem | None:
    return labelling.take_next(queue, me)


def _undo(request: HtmxRequest, door: Door, queue: ReviewQueue) -> HttpResponse:
    acts = request.session.get(_UNDO, [])
    own = [pair for pair in acts if pair[0] == queue.pk]
    if not own:
        return _go_on(request, door, queue, said="There is nothing to take back.")
    request.session[_UNDO] = [pair for pair in acts if pair != own[-1]]
    item = queue.items.filter(pk=own[-1][1]).first()
    if item is None:
        return _go_on(request, door, queue, said="That answer is no longer in the queue.")
    try:
        before = labelling.undo(item, actor=person(request))
    except labelling.Taken as taken:
        return _go_on(request, door, queue, said=str(taken))
    item.refresh_from_db()
    if not wants_piece(request):
        return _see(f"{_address(door, queue)}?item={item.pk}")
    form = LabelForm(queue, said=before)
    return _page(request, door, queue, item, form=form, said="Taken back. Say it anew.")


def _go_on(
    request: HtmxRequest,
    door: Door,
    queue: ReviewQueue,
    *,
    said: str = "",
    last: dict[str, Any] | None = None,
) -> HttpResponse:
    """The next answer: as a piece, or by going to its page."""
    if not wants_piece(request):
        if said:
            messages.info(request, said)
        return _see(_address(door, queue))
    return _page(request, door, queue, _next(queue, person(request)), said=said, last=last)


def _page(
    request: HtmxRequest,
    door: Door,
    queue: ReviewQueue,
    item: QueueItem | None,
    *,
    form: LabelForm | None = None,
    said: str = "",
    last: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = _context(request, door, queue, item) | {
        "form": form or LabelForm(queue),
        "said": said,
        "last": last,
        "sources": next_sources(queue) if item is None else "",
    }
    return render_page(request, TEMPLATE, context, partial="item", status=status)


def _context(
    request: HttpRequest, door: Door, queue: ReviewQueue, item: QueueItem | None
) -> dict[str, Any]:
    """What stands around an answer: how far the queue is, and what can be taken back."""
    acts = request.session.get(_UNDO, [])
    return {
        "title": queue.name,
        "act_url": reverse("evals:queue_act", args=[door.project.slug, queue.pk]),
        "crumbs": crumbs(door),
        "nav_current": "queues",
        "queue": queue,
        "item": item,
        "shown": shown(item.snapshot) if item is not None else None,
        "progress": progress_of(queue, person(request)),
        "judged": None if queue.is_blind or item is None else _judged(queue, item),
        "may_undo": any(pair[0] == queue.pk for pair in acts),
        "may_manage": door.may(Role.REVIEWER),
    }


def _told(queue: ReviewQueue, item: QueueItem, form: LabelForm) -> dict[str, Any] | None:
    """What I said of the answer before this one, beside what the judge had said."""
    judged = _judged(queue, item)
    if judged is None:
        return None
    name = str(queue.fields[0]["name"])
    given = form.given()[name]
    scale = scale_of_field(queue.fields[0])
    label = given.value if isinstance(given.value, str) else None
    number = None if isinstance(given.value, str) else float(given.value)
    mine = scale.words(number, label)
    return {
        "title": shown(item.snapshot).title,
        "mine": mine,
        "judge": judged["words"],
        "reason": judged["reason"],
        "is_same": mine == judged["words"],
    }


def _judged(queue: ReviewQueue, item: QueueItem) -> dict[str, Any] | None:
    """What a judge said when the answer came in; None where none did."""
    judged = item.judged
    if not judged or not queue.fields:
        return None
    words = scale_of_field(queue.fields[0]).words(judged.get("num"), judged.get("label"))
    return {
        "words": words,
        "reason": judged.get("reason") or "",
        "passed": judged.get("passed"),
        "version": judged.get("version"),
    }


def _remember(request: HttpRequest, item: QueueItem) -> None:
    acts = [pair for pair in request.session.get(_UNDO, []) if pair[1] != item.pk]
    request.session[_UNDO] = [*acts, [item.queue_id, item.pk]][-MOST_UNDONE:]


def _address(door: Door, queue: ReviewQueue) -> str:
    return reverse("evals:queue_label", args=[door.project.slug, queue.pk])


def _see(address: str) -> HttpResponse:
    response = redirect(address)
    response.status_code = 303
    return response
