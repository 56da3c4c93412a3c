"""The page of quality over time: a lane a schedule, alarms, and what the project can expect."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Door, enter
from accounts.models import Role
from evals.forms.live import RANGES, asked_of
from evals.models import DriftAlarm
from evals.pages import drift_words as words
from evals.pages import quality_top as top
from evals.pages.drift_alarm import arms_of, items_of, replays_of
from evals.pages.judge_lane import judge_lane_of
from evals.pages.live import HEIGHT as LIVE_HEIGHT
from evals.pages.quality import HEIGHT, Days, lane_of
from evals.pages.quality_live import live_part, texts_part
from evals.pages.texts import HEIGHT as TEXT_HEIGHT
from evals.queries.quality import (
    false_alarms_of,
    get_alarm,
    lens_of,
    quality_of,
    run_before,
    today_of,
    watched_of,
)
from evals.services.drift_alarms import close_alarm
from kit.htmx import HtmxRequest, render_page
from prompts.views.opening import back, person, refusals_are_told

MOST_ALARMS = 8


@require_GET
@login_required
def quality(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Lanes of live scores, and one for each schedule; htmx gets all but the frame."""
    door = enter(request, project_slug)
    asked = asked_of(request.GET)
    many = asked.days
    now = timezone.now()
    today = today_of(now)
    everything = quality_of(door.project, today - many + 1, now)
    series = [one for one in everything if asked.feature in ("", one.schedule.feature)]
    newest = max([today, *(run.day for one in series for run in one.runs)])
    days = Days(today - many + 1, newest)
    live = live_part(door.project, days, asked, everything=request.GET.get("scores") == "all")
    texts = texts_part(door.project, days, asked.feature)
    lanes = [lane_of(one, days) for one in series]
    lanes.sort(key=lambda lane: (lane.series.open_alarm is None, lane.series.schedule.name))
    alarms = [(alarm, lane.series) for lane in lanes for alarm in lane.series.alarms]
    alarms.sort(key=lambda pair: (pair[0].state != DriftAlarm.State.OPEN, -pair[0].pk))
    coming = [one.schedule.next_at for one in series if not one.schedule.is_paused]
    drawn = [(one, top.calibration_of(one.series), top.smallest_of(one.series)) for one in lanes]
    context = {
        "title": "Quality",
        "nav_current": "quality",
        "lanes": drawn, "groups": top.grouped(live.lanes, drawn), "live": live, "asked": asked,
        "is_empty": not everything and not live.choices.features and not live.lanes
        and not asked.narrowing and not texts,
        "latency_href": f"{reverse('evals:quality_latency', args=[project_slug])}"
        f"?{urlencode(asked.parameters)}",
        "texts": texts, "text_height": TEXT_HEIGHT,
        "live_height": LIVE_HEIGHT, "today": timezone.now().date(),
        "days": days, "many": many, "ranges": RANGES, "height": HEIGHT,
        "told": top.first_sentence(lanes, live.lanes),
        "alarms": [_told(alarm, one) for alarm, one in alarms[:MOST_ALARMS]],
        "more_alarms": max(len(alarms) - MOST_ALARMS, 0),
        "open": sum(alarm.state == DriftAlarm.State.OPEN for alarm, _ in alarms),
        "done": sum(one.done for one in lanes), "planned": sum(one.planned for one in lanes),
        "yearly": top.yearly(false_alarms_of(series)),
        "next_at": min(coming, default=None),
        "may_write": door.may(Role.ENGINEER),
    }  # fmt: skip
    return render_page(request, "evals/quality.html", context, partial="body")


def _told(alarm: DriftAlarm, series: object) -> dict[str, object]:
    watched = getattr(series, "watched", None)
    return {
        "it": alarm,
        "schedule": getattr(series, "schedule", None),
        "head": words.HEADS[alarm.cause],
        "sure": words.confidence_of(alarm),
        "sentence": words.sentence_of(alarm, watched, lens_of(watched)),
        "is_open": alarm.state == DriftAlarm.State.OPEN,
    }


@require_GET
@login_required
def drift_alarm(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """One alarm: what fell, since when, which items, and whose change it was."""
    door, alarm = open_alarm(request, project_slug, pk)
    schedule = alarm.schedule
    watched = watched_of([schedule]).get(schedule.pk)
    lens = lens_of(watched)
    before = run_before(alarm)
    after = alarm.run
    compared = [
        one.experiment.number for one in (before, after) if one is not None and one.experiment
    ]
    context = {
        "title": f"Alarm of {schedule.name}",
        "nav_current": "quality",
        "crumbs": crumbs(door),
        "alarm": alarm, "schedule": schedule, "watched": watched,
        "score": words.title_of_watched(watched),
        "head": words.HEADS[alarm.cause], "sure": words.confidence_of(alarm),
        "sentence": words.sentence_of(alarm, watched, lens),
        "effect": words.effect_of(alarm, lens), "ends": words.ends_of(alarm, lens),
        "since": words.day_words(alarm.since),
        "detectable": words.size(alarm.report["detectable"], lens)
        if alarm.report.get("detectable") is not None else "",
        "sentences": alarm.attribution.get("sentences", []),
        "arms": arms_of(alarm, lens),
        "items": items_of(alarm, lens, before),
        "before": before, "after": after,
        "with": ",".join(map(str, compared)) if len(compared) == 2 else "",
        "replays": replays_of(alarm, lens),
        "judge": judge_lane_of(schedule, watched, lens, last=max(alarm.run.day, alarm.since) + 7,
                               since=alarm.since),
        "is_open": alarm.state == DriftAlarm.State.OPEN,
        "may_write": door.may(Role.ENGINEER),
    }  # fmt: skip
    return render_page(request, "evals/drift_alarm.html", context, partial="body")


@require_POST
@login_required
def drift_alarm_close(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """The new normal, or repaired."""
    _, alarm = open_alarm(request, project_slug, pk, least=Role.ENGINEER)
    is_new_normal = request.POST.get("as") == "normal"
    with refusals_are_told(request):
        note = request.POST.get("note", "").strip()
        close_alarm(alarm, actor=person(request), is_new_normal=is_new_normal, note=note)
    return back(request, reverse("evals:drift_alarm", args=[project_slug, pk]))


def open_alarm(
    request: HttpRequest, project_slug: str, pk: int, *, least: Role = Role.VIEWER
) -> tuple[Door, DriftAlarm]:
    """The door and the alarm. Raises: Http404, PermissionDenied."""
    door = enter(request, project_slug, least=least)
    found = get_alarm(door.project, pk)
    if found is None:
        raise Http404("This project has no such alarm.")
    return door, found


def crumbs(door: Door) -> list[dict[str, str]]:
    """The way to a page below quality."""
    return [{"text": "Quality", "href": reverse("evals:quality", args=[door.project.slug])}]
