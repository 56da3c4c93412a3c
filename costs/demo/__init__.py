"""The demo's spend: read like any other's, with a campaign that was announced, three ceilings,
what counts as a good end, a plan made before a launch, what the providers billed and what could be
saved.

Leak, spike and level shift are in the traces (`traces.demo.calendar`); what is said of them here is
what the detector found. What stands already is left alone.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from costs.demo.bills import take_bills
from costs.demo.launch import plan_launch
from costs.detection.settings import DAILY, HOURLY
from costs.forecast.budgets import forecast
from costs.forecast.days import TooLittle
from costs.models import Anomaly, Budget, GoodEnd, PlannedEvent, Scope
from costs.queries.spend import spent_by_day
from costs.services.anomalies import call_normal, plan_event, read_project
from costs.services.budgets import create_budget
from costs.services.outcomes import choose_good_end
from costs.services.savings import MOST_SECONDS, look_at
from costs.services.watching import HISTORY, watch_budget
from prompts.demo import Story
from traces.demo.calendar import CAMPAIGN, MODEL_SWITCH

NANO = 10**9
_OF_EXPECTED = 0.94  # the project's limit: it breaks before the month ends, so that one can see it


def tell(story: Story, now: datetime | None = None) -> bool:
    """Read the spend and set the ceilings; False where the project has any, or is gone."""
    now = now or timezone.now()
    project = story.project
    if project.deleted_at is not None or Budget.objects.filter(project=project).exists():
        return False
    campaign = plan_event(
        project, since=story.at(CAMPAIGN), until=story.at(-1), note="Black week",
        actor=story.people["priya"],
    )  # fmt: skip
    PlannedEvent.objects.filter(pk=campaign.pk).update(created_at=story.at(CAMPAIGN + 20))
    for grain in (HOURLY, DAILY):
        read_project(project, grain, now)
    _accept_the_switch(story)
    choose_good_end(
        project, feature="refund-agent", kind=GoodEnd.Kind.OUTCOME, name="resolved",
        actor=story.people["lena"],
    )  # fmt: skip
    budgets = _budgets(story, now)
    for budget in budgets:
        watch_budget(budget.pk, now)
    plan_launch(story, budgets[0])
    take_bills(story)
    look_at(project, now, time.monotonic() + MOST_SECONDS)
    return True


def _accept_the_switch(story: Story) -> None:
    """Tickets are sorted by a model that thinks first: it costs more, and was meant to."""
    low, high = story.at(MODEL_SWITCH + 1), story.at(MODEL_SWITCH - 6)
    rose = Anomaly.objects.filter(
        project=story.project, feature="ticket-triage", excess__gt=0, since__range=(low, high)
    )
    dearest = rose.order_by("-excess").first()
    if dearest is not None:
        call_normal(dearest, actor=story.people["lena"])
        at = dearest.first_at + timedelta(days=1, hours=2)
        Anomaly.objects.filter(pk=dearest.pk).update(closed_at=at)


def _budgets(story: Story, now: datetime) -> list[Budget]:
    project, people = story.project, story.people
    whole = create_budget(
        project, name="Support, all features", scope=Scope.PROJECT, limit=NANO,
        owner=people["lena"], note="Agreed for the quarter; ask Lena before you need more.",
        actor=people["lena"],
    )  # fmt: skip
    Budget.objects.filter(pk=whole.pk).update(limit=_limit_of(whole, now))
    agent = create_budget(
        project, name="Refund agent, a day", scope=Scope.FEATURE, value="refund-agent",
        period="day", limit=3 * _daily(story, now) or NANO, is_hard=True, owner=people["tomas"],
        note="Stops a loop before it empties the month.", actor=people["tomas"],
    )  # fmt: skip
    each = create_budget(
        project, name="No customer alone", scope=Scope.USER, period="rolling", rolling_hours=24,
        limit=max(_daily(story, now) // 5, NANO // 100), owner=people["priya"],
        actor=people["priya"],
    )  # fmt: skip
    made = [whole, agent, each]
    Budget.objects.filter(pk__in=[one.pk for one in made]).update(created_at=story.at(40))
    return made


def _limit_of(budget: Budget, now: datetime) -> int:
    """A round sum a little under what the month is expected to cost."""
    today = now.astimezone(UTC).date()
    history = spent_by_day(budget, today - HISTORY, today - timedelta(days=1))
    first = next((place for place, (_, amount) in enumerate(history) if amount), len(history))
    try:
        expected = forecast(
            [(day, amount / NANO) for day, amount in history[first:]],
            start=budget.since(now).date(),
            end=(budget.until(now) - timedelta(days=1)).date(),
        )
    except TooLittle:
        return NANO
    return _round(round(expected.total * _OF_EXPECTED * NANO)) or NANO


def _daily(story: Story, now: datetime) -> int:
    """Nano-dollars of a usual day of the refund agent, as the last two weeks had it."""
    probe = Budget(project=story.project, scope=Scope.FEATURE, value="refund-agent")
    last = now.astimezone(UTC).date() - timedelta(days=1)
    days = sorted(amount for _, amount in spent_by_day(probe, last - timedelta(days=13), last))
    return _round(days[len(days) // 2])


def _round(nano: int) -> int:
    """Two digits, as people agree on."""
    size = int(10 ** max(len(str(max(nano, 1))) - 2, 0))
    return nano // size * size
