"""Plans as rows of their list, and one as a file."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from io import StringIO
from typing import Any

from costs.models import Plan, PlanVersion
from costs.queries.plans import Outlook
from costs.values.plans import Terms
from kit.figures import money
from pricing.price import usd


def as_csv(terms: Terms, found: Sequence[Outlook]) -> str:
    """Every day of the plan with each model, exactly."""
    out = StringIO()
    writer = csv.writer(out)
    priced = [one for one in found if one.days]
    names = [str(one.priced.model) for one in priced]
    names = [f"'{name}" if name[:1] in "=+-@\t\r" else name for name in names]
    writer.writerow(["day", "requests", "users", *(f"{name} usd" for name in names)])
    for place, (day, requests) in enumerate(terms.traffic.days(terms.draft.horizon)):
        users = terms.traffic.users_of(requests)
        writer.writerow(
            [day, requests, "" if users is None else users,
             *(usd(one.days[place].nano) for one in priced)]
        )  # fmt: skip
    return out.getvalue()


def list_rows(plans: Sequence[Plan], versions: Mapping[int, PlanVersion]) -> list[dict[str, Any]]:
    """Plans as the list shows them."""
    rows = []
    for plan in plans:
        version = versions[plan.pk]
        short = version.summary
        span = ""
        if short["low"] is not None:
            span = f"{money(short['low'])} to {money(short['high'])}"
        breaks = "no budget"
        if short["has_budget"]:
            day = short["breaks"]
            breaks = f"{date.fromisoformat(day):%-d %b %Y}" if day else "never"
        rows.append(
            {
                "plan": plan, "version": version, "model": short["model"],
                "money": money(short["nano"]), "range": span, "requests": short["requests"],
                "why": short["why"], "breaks": breaks, "does_break": bool(short["breaks"]),
                "launch": date.fromisoformat(version.terms["launch"]),
            }
        )  # fmt: skip
    return rows
