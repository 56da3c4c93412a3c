"""Pieces and pages of live quality: latency, and traces before and after a change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import enter
from evals.forms.live import asked_of, day_of_text
from evals.pages.live_around import around_of, choices_of
from evals.queries.live_latency import latencies_of
from evals.queries.quality import today_of
from evals.views.quality import crumbs
from kit.htmx import HtmxRequest, render_page
from traces.queries.score_figures import ScoreScope
from traces.queries.usage import Scope


@require_GET
@login_required
def quality_latency(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Percentiles by model and by prompt version; a piece of the page, and a page of its own."""
    door = enter(request, project_slug)
    asked = asked_of(request.GET)
    until = datetime.combine(timezone.now().astimezone(UTC).date(), time(), UTC)
    until += timedelta(days=1)
    equal: dict[str, str | int] = {}
    if asked.feature:
        equal["feature"] = asked.feature
    if asked.model:
        equal["model"] = asked.model
    if asked.prompt:
        name, _, version = asked.prompt.rpartition("/")
        equal |= {"prompt_name": name} | ({"prompt_version": version} if version else {})
    scope = Scope(door.project.pk, until - timedelta(days=asked.days), until, equal=equal)
    context = {
        "title": "Latency", "nav_current": "quality", "crumbs": crumbs(door), "asked": asked,
        "found": latencies_of(scope),
    }  # fmt: skip
    return render_page(request, "evals/quality_latency.html", context, partial="latency")


@require_GET
@login_required
def quality_around(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Two columns of traces of one score: from before a day, and from that day on."""
    door = enter(request, project_slug)
    asked = asked_of(request.GET)
    day = day_of_text(request.GET.get("day", ""))
    if day is None or day.toordinal() > today_of(timezone.now()) + 1:
        raise Http404("There is no such day.")
    scope = ScoreScope(
        door.project.pk, *_weeks(day), feature=asked.feature, prompt=asked.prompt,
        model=asked.model,
    )  # fmt: skip
    choices = choices_of(door.project, scope)
    wanted = request.GET.get("score", "")
    chosen = next((one for one in choices if one.key == wanted), choices[0] if choices else None)
    context = {
        "title": f"Around {day.day} {day:%b}", "nav_current": "quality", "crumbs": crumbs(door),
        "asked": asked, "day": day, "choices": choices, "chosen": chosen,
        "around": around_of(scope, chosen, day) if chosen else None,
    }  # fmt: skip
    return render_page(request, "evals/quality_around.html", context, partial="body")


def _weeks(day: date) -> tuple[date, date]:
    """The week before a day, and the week that begins with it."""
    return day - timedelta(days=7), day + timedelta(days=6)
