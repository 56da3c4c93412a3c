"""Makes traces and rules for tests of alert rules, at a time that the test says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import Project
from alerts.models import AlertRule
from alerts.services.rules import create_rule
from tests.traces.stored import NOON, SECOND, open_store, rows, span
from traces.ingest.record import Level
from traces.models import Score

NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)


def traffic(
    project: Project, count: int, *, ago: float, failing: int = 0, lasts: float = 1.0, **fields: Any
) -> list[str]:
    """Traces of one call that begin one second apart, `ago` minutes before NOW; their ids."""
    fields = {"feature": "refunds", "provider": "openai", **fields}
    first = (NOW - timedelta(minutes=ago)).timestamp() - NOON / SECOND
    mark = f"{ago}-{fields['feature']}-{fields['provider']}-{count}"
    told = [
        span(
            f"s{place}-{mark}", f"t{place}-{mark}", at=first + place, lasts=lasts,
            level=Level.ERROR if place < failing else Level.DEFAULT, **fields,
        )
        for place in range(count)
    ]  # fmt: skip
    with open_store() as opened:
        opened.write(rows(*told, project_id=project.pk))
    return [one.trace_id for one in told]


def scored(project: Project, trace_ids: list[str], name: str, num: float, **fields: Any) -> None:
    """Give each trace the score."""
    Score.objects.bulk_create(
        Score(
            project_id=project.pk, trace_id=one, id=f"{one}-{name}", name=name, num=num,
            **{"data_type": "number", "source": "judge", **fields},
            at=NOW, created_at=NOW, updated_at=NOW,
        )
        for one in trace_ids
    )  # fmt: skip


def errors(project: Project, **said: Any) -> AlertRule:
    """Fires where more than 5 % of refunds fail in 15 minutes."""
    given = {
        "name": "Errors of refunds", "metric": "error_rate", "scope": "feature:refunds",
        "condition": "above", "amount": Decimal("0.05"), "window_minutes": 15, "least": 5, **said,
    }  # fmt: skip
    rule = create_rule(project, actor=None, **given)
    AlertRule.objects.filter(pk=rule.pk).update(next_at=NOW - timedelta(days=30))
    rule.refresh_from_db()
    return rule
