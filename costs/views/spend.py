"""Spend by one dimension, narrowed and sorted, as a page and as a file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.utils import OperationalError
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_GET
from psycopg.errors import QueryCanceled

from accounts.access import enter
from costs.pages.asked import SORTS, Asked, asked_of
from costs.pages.exploring import figure_of
from costs.pages.exporting import as_csv
from costs.pages.growth import HEIGHT, WIDTH, panels_of
from costs.pages.lines import LEGEND, MOST_ROWS, lines_of, name_of, opened
from costs.pages.overview import strip_of
from costs.pages.stack import stack_of
from costs.queries.dimensions import DIMENSIONS
from costs.queries.growth import growth_of
from costs.queries.spending import Spend, figures, spend_by, sum_of
from kit.htmx import HtmxRequest, render_page

WIDE = 1040
MOST_USERS = 10_000  # in a file


@require_GET
@login_required
def spend(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """`?by=` a dimension, `?t=` the days, `?feature=` and others narrow; htmx gets the table."""
    door = enter(request, project_slug)
    today = datetime.now(UTC).date()
    asked = asked_of(project_slug, request.GET, today)
    context: dict[str, Any] = {
        "title": f"Spend by {asked.dimension.word.lower()}",
        "nav_current": "costs",
        "asked": asked,
        "choices": [
            (asked.spend(by=one.name, sort=None, q=None), one.word, one is asked.dimension)
            for one in DIMENSIONS.values()
        ],
        "sorts": {
            name: (asked.spend(sort=name), name == asked.sort) for name in SORTS
        },
        "sort_words": list(SORTS.items()),
        "ranges": asked.ranges(today),
        "export": asked.to("export", sort=None, q=None),
        "chart": asked.to("chart", sort=None, q=None),
        "legend": LEGEND,
        "is_narrowed_less": asked.scope != asked.equal,
    }  # fmt: skip
    try:
        rows = spend_by(door.project.pk, asked.days, asked.dimension, asked.scope)
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        context["too_wide"] = asked.spend(t="7d")
        return render_page(request, "costs/spend.html", context, partial="table")
    total = sum_of(rows)
    named = [(name_of(asked, row), row, opened(asked, row) if row.is_said else "") for row in rows]
    context |= {
        "lines": lines_of(asked, rows),
        "is_cut": len(rows) > MOST_ROWS,
        "total": total,
        "figures": strip_of(total, _whole(door.project.pk, asked, total), asked),
        "stack": stack_of(asked.days, named, width=WIDE),
        "narrow": stack_of(asked.days, named),
    }
    if asked.dimension.name == "user":
        grown = growth_of(
            door.project.pk, today=today, environment=asked.scope.get("environment", "")
        )
        context |= {"growth": panels_of(grown), "growth_width": WIDTH, "growth_height": HEIGHT}
    return render_page(request, "costs/spend.html", context, partial="table")


@require_GET
@login_required
def export(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The table as CSV, with exact amounts and every row; of users the dearest 10,000."""
    door = enter(request, project_slug)
    asked = asked_of(project_slug, request.GET, datetime.now(UTC).date())
    rows = spend_by(
        door.project.pk, asked.days, asked.dimension, asked.scope, most_users=MOST_USERS
    )
    response = HttpResponse(as_csv(asked, rows), content_type="text/csv; charset=utf-8")
    name = f"costs-{asked.days.text}-by-{asked.dimension.name}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET
@login_required
def chart(request: HtmxRequest, project_slug: str) -> JsonResponse:
    """The figure of the page, for whoever explores it."""
    door = enter(request, project_slug)
    asked = asked_of(project_slug, request.GET, datetime.now(UTC).date())
    rows = spend_by(door.project.pk, asked.days, asked.dimension, asked.scope)
    return JsonResponse(figure_of(asked.days, [(name_of(asked, row), row, "") for row in rows]))


def _whole(project_id: int, asked: Asked, total: Spend) -> Spend:
    """The project as a whole, where the page is of a part of it."""
    if not asked.narrowed:
        return total
    found = Spend(("",))
    for one in figures(project_id, asked.days.start, asked.days.until, ()):
        found.cost, found.evaluators = one.cost_nano, one.evaluator_nano
    return found
