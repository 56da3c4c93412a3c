"""The list of reviews, one review with its tabs, and the page that proposes one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import enter
from accounts.models import Role
from kit.errors import DomainError
from kit.htmx import HtmxRequest, render_page
from kit.requests import whole_number
from prompts.diff import diff, line_of
from prompts.diff.showing import opened_of, shown_cards
from prompts.forms.reviews import ProposalForm
from prompts.forms.rollouts import TESTABLE
from prompts.models import PRODUCTION, ChangeRequest, Prompt
from prompts.pages.discussed import Writing, discussed
from prompts.pages.reviewers import reviewer_rows
from prompts.pages.timeline import happenings
from prompts.queries import reviews as queries
from prompts.queries.environments import environment_of, environments_of
from prompts.queries.judged import judge
from prompts.queries.resolving import get_prompt
from prompts.queries.rollouts import reads_a_day
from prompts.queries.serving import recent_rollback, standing
from prompts.rules.blockers import blockers
from prompts.services.discussing import current_place
from prompts.services.proposing import Proposal, propose
from prompts.services.rolling_back import goes_back_to
from prompts.views.comparing import diff_links, layout_of
from prompts.views.opening import open_request, person

TABS = (
    ("changes", "Changes"),
    ("evaluation", "Evaluation"),
    ("canary", "Canary"),
    ("conversation", "Conversation"),
    ("history", "History"),
)
LISTS = (("asked", "Waiting for me"), ("mine", "Mine"), ("open", "Open"), ("all", "All"))


@require_GET
@login_required
def review_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Reviews: those that wait for me, mine, the open ones, or all; htmx gets only the rows."""
    door = enter(request, project_slug)
    me = person(request)
    which = request.GET.get("which", "open")
    which = which if which in dict(LISTS) else "open"
    text = request.GET.get("q", "").strip()[:200].replace("\0", "")
    after = request.GET.get("after", "")
    page = queries.list_requests(
        door.project,
        user=me,
        which=which,
        text=text,
        prompt=request.GET.get("prompt", "").replace("\0", ""),
        before=whole_number(after),
    )
    context = {
        "title": "Reviews",
        "nav_current": "reviews",
        "page": page,
        "which": which,
        "text": text,
        "lists": [
            {
                "text": words,
                "href": f"?which={name}",
                "current": name == which,
                "count": queries.count_waiting(door.project, me) if name == "asked" else None,
            }
            for name, words in LISTS
        ],
        "is_continued": bool(after),
        "may_propose": door.may(Role.ENGINEER),
        "has_prompts": Prompt.objects.filter(project=door.project, archived_at=None).exists(),
    }
    return render_page(request, "prompts/review_list.html", context, partial="rows")


@require_GET
@login_required
def open_reviews(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The overview's panel: reviews that wait for me, then those that roll out or were halted."""
    door = enter(request, project_slug)
    asked = queries.list_requests(door.project, user=person(request), which="asked", size=5)
    running = queries.list_running(door.project)
    if not asked.rows and not running:
        return HttpResponse()  # the panel has nothing to say, and goes
    context = {"asked": asked.rows, "running": running}
    return render(request, "prompts/_open_reviews.html", context)


@require_GET
@login_required
def waiting(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The badge in the navigation: how many reviews wait for my verdict, or nothing."""
    door = enter(request, project_slug)
    number = queries.count_waiting(door.project, person(request))
    return render(request, "prompts/_waiting.html", {"number": number})


@require_GET
@login_required
def review(request: HtmxRequest, project_slug: str, number: int) -> HttpResponse:
    """One review. The tab is in the address; every tab has the card of rules at its side."""
    door, found = open_request(request, project_slug, number)
    tab = request.GET.get("tab", "changes")
    tab = tab if tab in dict(TABS) else "changes"
    context = _page(request, found, tab) | {
        "may_write": door.may(Role.ENGINEER),
        "comment_url": f"{request.path}?" if door.may(Role.ENGINEER) else "",
        "may_review": door.may(Role.REVIEWER),
    }
    return render_page(request, "prompts/review.html", context, partial="review")


@require_GET
@login_required
def review_news(request: HtmxRequest, project_slug: str, number: int) -> HttpResponse:
    """Whether the review is another than the one that was `seen`: fetched when prompts changed."""
    _, found = open_request(request, project_slug, number)
    seen, tab = request.GET.get("seen", ""), request.GET.get("tab", "")
    context = {
        "review": found,
        "seen": seen[:40],
        "tab": tab if tab in dict(TABS) else "changes",
        "address": reverse("prompts:review", args=[project_slug, number]),
        "has_changed": seen != queries.mark_of(found),
    }
    return render(request, "prompts/_review_news.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def review_new(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The page that proposes to move a label; POST opens the review."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    me = person(request)
    given = request.POST if request.method == "POST" else request.GET
    prompt = get_prompt(door.project.pk, given.get("prompt", "").replace("\0", ""))
    if prompt is None:
        raise Http404("This project has no such prompt.")
    prompt.project = door.project
    versions = list(prompt.versions.filter(archived_at=None).order_by("-number")[:200])
    choices = [(v.number, f"v{v.number}  {v.message.splitlines()[0] if v.message else ''}"[:90])
               for v in versions]  # fmt: skip
    form = ProposalForm(
        request.POST if request.method == "POST" else None,
        versions=choices,
        project=door.project,
        me=me,
        initial=_initial(request, prompt, choices),
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        proposal = Proposal(
            said["label"], said["version"], said["title"], said["description"],
            form.people(), said["is_draft"],
        )  # fmt: skip
        try:
            made = propose(prompt, proposal, actor=me)
        except DomainError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"Review #{made.number} is open.")
            response = redirect(reverse("prompts:review", args=[project_slug, made.number]))
            response.status_code = 303
            return response
    context = {
        "title": "Propose a change",
        "crumbs": [{"text": "Reviews", "href": reverse("prompts:reviews", args=[project_slug])}],
        "nav_current": "reviews",
        "form": form,
        "prompt": prompt,
        "standing": standing(prompt),
        "labels": _labels(prompt),
    }
    status = 422 if request.method == "POST" else 200
    return render_page(request, "prompts/review_new.html", context, partial="form", status=status)


def _initial(
    request: HttpRequest, prompt: Prompt, choices: list[tuple[int, str]]
) -> dict[str, Any]:
    number = whole_number(request.GET.get("version", ""))
    label = request.GET.get("label", "") or PRODUCTION
    newest = choices[0][0] if choices else None
    return {
        "prompt": prompt.name,
        "label": label[:100],
        "version": newest if number is None else number,
    }


def _labels(prompt: Prompt) -> list[str]:
    known = {environment.name for environment in environments_of(prompt.project)}
    return sorted(known | set(prompt.labels.values_list("name", flat=True)))


def _page(request: HttpRequest, found: ChangeRequest, tab: str) -> dict[str, Any]:
    me = person(request)
    judged = judge(found)
    facts, said = judged.facts, judged.reviews
    threads = queries.threads_of(found)
    environment = environment_of(found.project, found.label)
    rollout = judged.rollout if found.is_running else None
    share = rollout.share / 100 if rollout else 0.0
    whole = blockers(facts, share=100.0) if found.is_pending or found.is_running else []
    slug = found.project.slug
    address = reverse("prompts:review", args=[slug, found.number])
    comments = sum(len(thread.comments.all()) for thread in threads) + sum(
        bool(one.note) for one in said
    )
    context: dict[str, Any] = {
        "title": f"Review {found.number}",
        "crumbs": _crumbs(found),
        "nav_current": "reviews",
        "review": found,
        "seen": queries.mark_of(found),
        "prompt": found.prompt,
        "facts": facts,
        "tab": tab,
        "address": address,
        "reviewers": reviewer_rows(found, facts, judged.asked, said, me),
        "approved": len(facts.approvals),
        "needed": judged.needed,
        "checks": judged.row.checks,
        "required_checks": [fact.name for fact in facts.checks],
        "override": judged.override,
        "is_protected": facts.settings.is_protected,
        "environment": environment,
        "blockers": whole,
        "first_blockers": blockers(facts, share=1.0) if found.is_pending else [],
        "lacks_check": any(blocker.code == "check" for blocker in whole),
        "is_author": me.pk in facts.author_pks,
        "my_verdict": _mine(facts, me.pk),
        "rollout": rollout,
        "share": share,
        "comments": comments,
        "testable": TESTABLE,
        **_reads(found),
        "goes_back_to": goes_back_to(found.prompt, found.label),
        "rolled_back": recent_rollback(found.prompt, found.label),
        "open_threads": sum(thread.resolved_at is None for thread in threads),
        "me": me,
        "tabs": [
            {
                "text": words,
                "href": f"{address}?tab={name}" if name != "changes" else address,
                "current": name == tab,
                "count": {"conversation": comments or None}.get(name),
            }
            for name, words in TABS
        ],
    }
    if tab == "changes":
        context |= _changes(request, found, threads, me.pk)
    elif tab == "conversation":
        context |= {
            "general": [thread for thread in threads if not thread.part],
            "on_lines": [thread for thread in threads if thread.part],
            "notes": [one for one in said if one.note],
        }
    elif tab == "canary":
        latest = judged.rollout
        events = list(latest.events.order_by("pk")) if latest else []
        context |= {"latest_rollout": latest, "rollout_events": events}
    elif tab == "history":
        context["happenings"] = happenings(found)
    return context


def _reads(found: ChangeRequest) -> dict[str, int | None]:
    """How often the label was read in a day, and what a tenth of that is."""
    reads = reads_a_day(found.prompt_id, found.label)
    return {"reads_a_day": reads, "tenth": reads // 10 if reads else None}


def _changes(
    request: HttpRequest, found: ChangeRequest, threads: list[Any], me: int
) -> dict[str, Any]:
    kind = found.prompt.kind
    old = found.from_version.content(kind) if found.from_version else None
    ignore = request.GET.get("w") == "0"
    changes = diff(old, found.version.content(kind), ignore_whitespace=ignore)
    places = {thread.pk: current_place(thread, found) for thread in threads if thread.part}
    said = discussed(changes, threads, places, _writing(request, found))
    viewed = frozenset(
        found.viewed.filter(user_id=me, version=found.version).values_list("part", flat=True)
    )
    cards = [card for card in changes.cards if card.is_changed or said.about(card)]
    shown = shown_cards(
        [card for card in cards if card.key not in viewed],
        layout=layout_of(request),
        threads=said.by_card,
        opened=opened_of(request.GET.getlist("open")),
    )
    by_key = {one.card.key: one for one in shown}
    return {
        "diff": changes,
        "cards": [
            (
                by_key.get(card.key) or {"card": card},
                card.key in viewed,
                said.outdated.get(card.key),
            )
            for card in cards
        ],
        "unchanged": len(changes.cards) - len(changes.changed),
        "lost": said.outdated.get("", []),
        "ignores_whitespace": ignore,
        **diff_links(request),
        **_says(found),
    }


def _writing(request: HttpRequest, found: ChangeRequest) -> Writing | None:
    """Where a comment is being written: the page was opened by the number of a line."""
    part, side = request.GET.get("part", ""), request.GET.get("side", "")
    line = whole_number(request.GET.get("line", ""))
    if not part or line is None or side not in {"old", "new"}:
        return None
    version = found.version if side == "new" else found.from_version
    text = line_of(version.content(found.prompt.kind), part, line) if version else None
    return Writing(part, line, "new" if side == "new" else "old", text or "")


def _says(found: ChangeRequest) -> dict[str, str]:
    """What the head of each column says beside the version: what it serves."""
    rollout = found.rollouts.filter(status="active").first()
    if rollout is not None:
        left, right = (10_000 - rollout.share) / 100, rollout.share / 100
        return {
            "left_note": f"{found.label}, {left:g}% of traffic",
            "right_note": f"candidate, {right:g}% of traffic",
        }
    serves = "nothing serves" if found.from_version is None else found.label
    return {"left_note": serves, "right_note": "proposed" if found.is_pending else ""}


def _mine(facts: Any, me: int) -> Any:
    return next((verdict for verdict in facts.verdicts if verdict.person.pk == me), None)


def _crumbs(found: ChangeRequest) -> list[dict[str, str]]:
    slug = found.project.slug
    return [
        {"text": "Prompts", "href": reverse("prompts:prompts", args=[slug])},
        {
            "text": found.prompt.name,
            "href": reverse("prompts:prompt", args=[slug, found.prompt.name]),
        },
    ]
