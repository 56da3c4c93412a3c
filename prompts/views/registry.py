"""The list of prompts, one prompt with its tabs, one version, two versions compared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import Door, enter
from accounts.models import Role
from kit.htmx import HtmxRequest, render_page
from kit.requests import whole_number
from prompts.diff import diff
from prompts.diff.parts import parts_of
from prompts.diff.showing import opened_of, shown_cards
from prompts.forms.prompts import AboutForm
from prompts.models import PRODUCTION, ChangeRequest, Prompt, PromptVersion
from prompts.pages.metrics import figures_of_row, rated, version_figures
from prompts.queries import registry as queries
from prompts.queries.environments import environments_of, protected_of
from prompts.queries.quality import quality_of_prompts
from prompts.queries.serving import Standing, recent_rollback, standing
from prompts.queries.versions import calls_by_day, figures_by_version, scores_by_version
from prompts.services.rolling_back import goes_back_to
from prompts.services.versions import what_points_at
from prompts.tokens import estimated_tokens
from prompts.views.comparing import diff_links, layout_of
from prompts.views.opening import open_prompt
from traces.queries.criteria import ANY_ENVIRONMENT
from traces.queries.usage import hour_of
from traces.views.scoped import page_scope, scope_context

FIGURES = 200  # rows whose figures are fetched at once
TABS = (
    ("versions", "Versions"),
    ("metrics", "Metrics"),
    ("traces", "Traces"),
    ("settings", "Settings"),
)


@require_GET
@login_required
def prompt_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """A folder of prompts, or what matches a text or tag; htmx gets only the rows."""
    door = enter(request, project_slug)
    folder = _text(request, "folder").strip("/")
    text, tag = _text(request, "q"), _text(request, "tag")
    archived = request.GET.get("archived") == "1"
    listing = queries.list_prompts(
        door.project,
        folder=folder,
        text=text,
        tag=tag,
        after=_text(request, "after"),
        archived=archived,
    )
    steps = folder.split("/") if folder else []
    context = {
        "title": steps[-1] if steps else "Prompts",
        "crumbs": [{"text": "Prompts", "href": request.path}] if steps else [],
        "nav_current": "prompts",
        "listing": listing,
        "folder": folder,
        "parents": [
            {"text": step, "href": f"?folder={quote('/'.join(steps[: at + 1]))}"}
            for at, step in enumerate(steps)
        ],
        "text": text,
        "tag": tag,
        "archived": archived,
        "is_continued": "after" in request.GET,
        "tags": queries.tags_of(door.project) if not request.htmx else [],
        "may_write": door.may(Role.ENGINEER),
        "has_any": Prompt.objects.filter(project=door.project).exists(),
    }
    return render_page(request, "prompts/prompt_list.html", context, partial="rows")


@require_GET
@login_required
def prompt_figures(request: HttpRequest, project_slug: str) -> HttpResponse:
    """Calls of the last seven days, how good their answers were, and what one costs, by row.

    Fetched after them: figures by hour take longer than names.
    """
    door = enter(request, project_slug)
    pks = [whole_number(pk, digits=18) for pk in request.GET.getlist("id")[:FIGURES]]
    found = Prompt.objects.filter(project=door.project, pk__in=[pk for pk in pks if pk is not None])
    until = timezone.now()
    since = until - timedelta(days=7)
    by_name = {prompt.name: prompt.pk for prompt in found}
    days = calls_by_day(door.project.pk, list(by_name), since=since, until=until)
    quality = quality_of_prompts(door.project.pk, list(by_name), since=since, until=until)
    rows = [
        figures_of_row(pk, days.get(name, {}), since, rated(name, quality.get(name)))
        for name, pk in by_name.items()
    ]
    context = {"project": door.project, "rows": rows}
    return render(request, "prompts/_list_figures.html", context)


@require_GET
@login_required
def prompt(request: HtmxRequest, project_slug: str, name: str) -> HttpResponse:
    """One prompt; the tab is in the address."""
    door, found = open_prompt(request, project_slug, name)
    tab = request.GET.get("tab", "versions")
    tab = tab if tab in dict(TABS) else "versions"
    context = frame(request, door, found, tab)
    if tab == "versions":
        before = request.GET.get("before", "")
        rows, older = queries.list_versions(found, before=whole_number(before))
        context |= {"rows": rows, "older": older, "is_continued": bool(before)}
    elif tab == "metrics":
        context |= _metrics(request, found, context["standing"])
    elif tab == "settings":
        context["form"] = AboutForm(prompt=found)
    return render_page(request, "prompts/prompt.html", context, partial="body")


@require_GET
@login_required
def version(request: HtmxRequest, project_slug: str, name: str, number: int) -> HttpResponse:
    """All of one version, part by part."""
    door, found = open_prompt(request, project_slug, name)
    shown = _version(found, number)
    before, after = queries.neighbours(shown)
    content = shown.content(found.kind)
    context = frame(request, door, found, "versions") | {
        "version": shown,
        "parts": parts_of(content),
        "tokens": estimated_tokens(content),
        "before": before,
        "after": after,
        "in_use": what_points_at(shown),
        "title": str(shown),
    }
    context["crumbs"] = [
        *context["crumbs"],
        {"text": found.name, "href": reverse("prompts:prompt", args=[project_slug, found.name])},
    ]
    return render(request, "prompts/version.html", context)


@require_GET
@login_required
def compare(
    request: HtmxRequest, project_slug: str, name: str, pair: tuple[int, int]
) -> HttpResponse:
    """Any two versions of a prompt, part by part and word by word."""
    door, found = open_prompt(request, project_slug, name)
    old, new = _version(found, pair[0]), _version(found, pair[1])
    ignore = request.GET.get("w") == "0"
    kind = found.kind
    changes = diff(old.content(kind), new.content(kind), ignore_whitespace=ignore)
    context = frame(request, door, found, "compare") | {
        "old": old,
        "new": new,
        "diff": changes,
        "cards": shown_cards(
            changes.changed,
            layout=layout_of(request),
            opened=opened_of(request.GET.getlist("open")),
        ),
        **diff_links(request),
        "ignores_whitespace": ignore,
        "versions": list(found.versions.order_by("-number").values_list("number", "message")[:200]),
    }
    return render(request, "prompts/compare.html", context)


@require_GET
@login_required
def compare_choose(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """To the comparison of `a` and `b`; without them, of the newest two versions."""
    _, found = open_prompt(request, project_slug, name)
    newest = list(found.versions.order_by("-number").values_list("number", flat=True)[:2])
    if not newest:
        raise Http404("This prompt has no version.")
    first, second = (whole_number(request.GET.get(name, "")) for name in ("a", "b"))
    pair = (newest[-1] if first is None else first, newest[0] if second is None else second)
    return redirect(reverse("prompts:compare", args=[project_slug, found.name, pair]))


def frame(request: HttpRequest, door: Door, found: Prompt, tab: str) -> dict[str, Any]:
    """What stands around every page of a prompt: labels with their way back, and the tabs."""
    slug, name = door.project.slug, found.name
    address = reverse("prompts:prompt", args=[slug, name])
    folder = found.folder
    stands = standing(found)
    tabs = [
        {
            "text": words,
            "href": address if key == "versions" else f"{address}?tab={key}",
            "current": key == tab,
            "count": found.last_number if key == "versions" else None,
        }
        for key, words in TABS
    ]
    tabs.insert(
        1,
        {
            "text": "Compare",
            "href": reverse("prompts:compare_choose", args=[slug, name]),
            "current": tab == "compare",
            "count": None,
        },
    )
    crumbs = [{"text": "Prompts", "href": reverse("prompts:prompts", args=[slug])}]
    if folder:
        href = f"{reverse('prompts:prompts', args=[slug])}?folder={quote(folder)}"
        crumbs.append({"text": folder, "href": href})
    environments = environments_of(door.project)
    protected = protected_of(environments)
    served = [one for one in stands if one.is_protected or one.rollout]
    return {
        "title": name.rpartition("/")[2],
        "crumbs": crumbs,
        "nav_current": "prompts",
        "prompt": found,
        "address": address,
        "tab": tab,
        "tabs": tabs,
        "standing": stands,
        "protected": [one.name for one in environments if one.name in protected],
        "ways_back": [
            (one, back) for one in served if (back := goes_back_to(found, one.label)) is not None
        ],
        "rolled_back": next(
            (told for one in stands if (told := recent_rollback(found, one.label))), None
        ),
        "open_reviews": list(
            found.requests.filter(status__in=ChangeRequest.STANDING).select_related(
                "version", "from_version"
            )
        ),
        "may_write": door.may(Role.ENGINEER),
    }


def _metrics(request: HttpRequest, found: Prompt, stands: list[Standing]) -> dict[str, Any]:
    """Figures of each version, beside the one that serves production, else the first label."""
    scope = page_scope(request.GET, default="7d")
    until = scope.range.until or timezone.now()
    since = scope.range.since or until - timedelta(days=90)
    production = next((one for one in stands if one.label == PRODUCTION), None)
    serving = production or (stands[0] if stands else None)
    by_version = figures_by_version(
        found, since=since, until=until, environment=scope.env or ANY_ENVIRONMENT
    )
    names, rows = version_figures(
        by_version,
        scores_by_version(found, since=since, until=until),
        serving=serving.version.number if serving else None,
        known=set(found.versions.values_list("number", flat=True)),
    )
    moves = found.moves.filter(at__gte=since, at__lt=until).select_related("to_version")
    return {
        "score_names": names,
        "rows": rows,
        "serving": serving,
        "moves": moves.order_by("-pk")[:20],
        "first_hour": hour_of(since),
        **scope_context(request, scope),
    }


def _version(found: Prompt, number: int) -> PromptVersion:
    shown = (
        found.versions.select_related("parent").filter(number=number).first()
        if number < 2**31
        else None
    )
    if shown is None:
        raise Http404("This prompt has no such version.")
    shown.prompt = found
    return shown


def _text(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").strip()[:255].replace("\0", "")
