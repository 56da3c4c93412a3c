"""The demo's plan: what the refund agent's new version was to cost in the campaign and after it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from costs.models import Budget, Plan, PlanVersion
from costs.queries.measured import source
from costs.services.plans import create_plan
from costs.values.plans import Draft, Model
from prompts.demo import Story
from traces.demo.calendar import CAMPAIGN
from traces.demo.catalog import GPT5_MINI, HAIKU, SONNET
from traces.queries.usage import Scope, trace_figures

FEATURE = "refund-agent"
_VERSION = "v15"  # the one that is to be launched: the gate measured it
MADE = 5.6  # days before the anchor: its experiment was over, the campaign had not begun
_MEASURED = 14  # days of traffic it is drawn from
_WEEK = (110, 110, 110, 110, 110, 62, 62)  # a weekend brings little more than half of a day
_GROWTH = Decimal(9)  # percent a week
_CACHED = Decimal(35)  # percent of the input: what the agent's prefix was read from the cache
_HORIZON = 180  # days


def plan_launch(story: Story, budget: Budget) -> Plan | None:
    """The plan, of the newest experiment on its model that was over by then; None of none."""
    known = source()
    done = known.finished(story.project) if known else []
    fitting = [one for one in done if one.model == SONNET.asked and _VERSION in one.label]
    if not fitting:
        return None
    made_at = story.at(MADE)
    draft = Draft(
        feature=FEATURE,
        launch=story.at(CAMPAIGN).date(),
        horizon=_HORIZON,
        per_day=Decimal(_requests(story)),
        growth="percent",
        amount=_GROWTH,
        week=_WEEK,
        per_user=Decimal("1.2"),
        cached=_CACHED,
        models=[Model(one.asked, one.provider) for one in (SONNET, HAIKU, GPT5_MINI)],
        priced_on=made_at.date(),
        experiment=fitting[0].number,
        budget=budget.pk,
    )
    plan = create_plan(
        story.project, name="Refund agent from Black week on", draft=draft,
        note="Traffic as in the two weeks before, growing as in autumn.",
        actor=story.people["lena"], now=made_at,
    )  # fmt: skip
    Plan.objects.filter(pk=plan.pk).update(created_at=made_at)
    PlanVersion.objects.filter(plan=plan).update(made_at=made_at)
    plan.created_at = made_at
    return plan


def _requests(story: Story) -> int:
    """Requests of a usual day, before the plan was made; at least one."""
    until = story.at(int(MADE) + 1)
    scope = Scope(
        story.project.pk, until - timedelta(days=_MEASURED), until, equal={"feature": FEATURE}
    )
    seen = sum(one.traces for one in trace_figures(scope, with_latencies=False))
    return max(seen // _MEASURED, 1)
