"""Unit costs: what one request, session or good end costs, and what counts as a good end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Door, enter
from accounts.models import Role
from accounts.views.entry import person, see_other
from costs.forms.units import GoodEndForm, feature_names
from costs.models import GoodEnd
from costs.pages import units as page
from costs.queries.months import DIMENSIONS
from costs.queries.units import DAYS, Range, choices_of, range_of_days, units_by
from costs.services.errors import BadGoodEnd
from costs.services.outcomes import choose_good_end, drop_good_end
from kit.htmx import HtmxRequest, render_page
from traces.queries.scores import outcome_names, score_names

WORDS = {"feature": "Feature", "model": "Model", "prompt": "Prompt version"}


@require_http_methods(["GET", "POST"])
@login_required
def units(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """`?by=`, `?d=` days, `?feature=`; POST chooses what a good end is, for admins."""
    least = Role.ADMIN if request.method == "POST" else Role.VIEWER
    door = enter(request, project_slug, least=least)
    form, status = GoodEndForm(), 200
    if request.method == "POST":
        form = GoodEndForm(request.POST)
        if _choose(form, door, request):
            messages.success(request, "It counts as a good end from now on, in the past as well.")
            return see_other("costs:units", project_slug)
        status = 422
    within, by, feature = asked(request)
    found = units_by(door.project, within, by, feature)
    choices = choices_of(door.project)
    may_write = door.may(Role.ADMIN)
    links: dict[str, str | int] = {"d": within.days, **({"feature": feature} if feature else {})}
    context: dict[str, Any] = {
        "title": "Unit costs",
        "nav_current": "costs",
        "by": by,
        "word": WORDS[by],
        "within": within,
        "feature": feature,
        "choices": [
            (word, f"?{urlencode({'by': name, **links})}", name == by)
            for name, word in WORDS.items()
        ],
        "ranges": [
            (days, f"?{urlencode({'by': by, **links, 'd': days})}", days == within.days)
            for days in DAYS
        ],
        "asked": urlencode({"by": by, **links}),
        "is_compared": by != "feature",
        "figures": page.figures_of(project_slug, within, found, feature, by),
        "lines": page.lines_of(project_slug, within, found, by, feature),
        "is_cut": len(found.rows) > page.MOST_ROWS,
        "end_sentence": page.end_sentence(found, by),
        "sample_sentence": page.sample_sentence(found),
        "unpriced": found.whole.unpriced,
        "ends": page.choice_rows(choices),
        "form": form,
        "may_write": may_write,
        "features": feature_names(door.project) if may_write else [],
        "names": _names(door) if may_write else [],
    }
    return render_page(request, "costs/units.html", context, partial="table", status=status)


@require_GET
@login_required
def export(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The table as CSV, with exact amounts and every row."""
    door = enter(request, project_slug)
    within, by, feature = asked(request)
    text = page.as_csv(units_by(door.project, within, by, feature), by)
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    name = f"unit-costs-by-{by}-{within.days}-days.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@login_required
def end_drop(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """A choice is dropped."""
    door = enter(request, project_slug, least=Role.ADMIN)
    chosen = get_object_or_404(GoodEnd, project=door.project, pk=pk)
    drop_good_end(chosen, actor=person(request))
    messages.success(request, "The choice is dropped.")
    return see_other("costs:units", project_slug)


def asked(request: HtmxRequest) -> tuple[Range, str, str]:
    """Days, dimension and feature of the address; what is odd falls back."""
    within = range_of_days(request.GET.get("d", ""), datetime.now(UTC).date())
    by = request.GET.get("by", "")
    feature = request.GET.get("feature", "").strip()
    if not feature.isprintable() or len(feature) > 200:
        feature = ""
    return within, by if by in DIMENSIONS else "feature", feature


def _choose(form: GoodEndForm, door: Door, request: HtmxRequest) -> bool:
    if not form.is_valid():
        return False
    try:
        choose_good_end(door.project, **form.wanted(), actor=person(request))
    except BadGoodEnd as bad:
        form.add_error(bad.where if bad.where in form.fields else None, str(bad))
        return False
    return True


def _names(door: Door) -> list[str]:
    return sorted({*outcome_names(door.project.pk), *score_names(door.project.pk)})[:200]
