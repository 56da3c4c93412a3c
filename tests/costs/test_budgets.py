"""Budgets are made, raised with consent, and watched; what was reached is told once."""

from __future__ import annotations

from calendar import monthrange
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Project, User
from audit.models import AuditEntry
from costs.models import BudgetMark
from costs.queries.budgets import standings
from costs.services.budgets import ask_raise, change_budget, decide_raise, delete_budget, drill
from costs.services.errors import BadBudget, BudgetIsGone, CannotDecide
from costs.services.watching import watch_budgets
from tests.costs.making import DOLLAR, budget
from tests.traces.seeing import call, store

pytestmark = pytest.mark.django_db


def kinds(mine: Any) -> list[tuple[str, str]]:
    return list(mine.marks.order_by("pk").values_list("kind", "subject"))


def test_what_traces_say_is_spent_and_each_share_is_told_once(project: Project) -> None:
    mine = budget(project, period="rolling", rolling_hours=24)
    of_feature = budget(project, scope="feature", value="chat", name="Chat")
    store(project, call("t1", cost=0.6, feature="chat"), call("t2", cost=0.3, feature="search"))
    now = timezone.now()
    assert watch_budgets(now) == 3
    assert kinds(mine) == [("50", ""), ("80", "")]
    assert kinds(of_feature) == [("50", "")]
    assert watch_budgets(now) == 0, "told once"
    store(project, call("t3", cost=0.2, feature="chat"))
    assert watch_budgets(now) == 2
    mine.refresh_from_db()
    (standing,) = standings([mine], now)
    assert (standing.spent, standing.left) == (1_100_000_000, 0)
    tomorrow = now + timedelta(days=2)
    watch_budgets(tomorrow)
    mine.refresh_from_db()
    assert standings([mine], tomorrow)[0].spent == 0


def test_settled_calls_and_their_traces_are_not_added(project: Project) -> None:
    from costs.queries.budgets import Call
    from costs.services.reserving import reserve
    from costs.services.settling import settle

    mine, now = budget(project, period="day"), timezone.now()
    settle(project, reserve(project, nano=DOLLAR // 2, call=Call()).uid, nano=DOLLAR // 2)
    store(project, call("t1", cost=0.5, ago=1))
    watch_budgets(now)
    mine.refresh_from_db()
    assert standings([mine], now)[0].spent == DOLLAR // 2


def test_a_budget_that_will_break_is_told_before_it_does(project: Project) -> None:
    today = timezone.now()
    month = today if today.day > 10 else today.replace(day=1) - timedelta(days=1)
    now = month.replace(day=10, hour=12, minute=0)
    expected = 2 * monthrange(now.year, now.month)[1] * DOLLAR
    mine = budget(project, limit=30 * DOLLAR)
    for days in range(1, 30):
        ago = (timezone.now() - (now - timedelta(days=days))).total_seconds()
        store(project, call(f"t{days}", cost=2, ago=ago))
    watch_budgets(now)
    mine.refresh_from_db()
    assert mine.forecast is not None
    assert abs(mine.forecast - expected) < 4 * DOLLAR
    assert mine.chance == 1
    assert mine.breaks_on is not None
    assert (mine.breaks_on - now.date()).days in range(4, 8)
    assert ("will_break", "") in kinds(mine)
    assert ("100", "") not in kinds(mine)


def test_users_above_a_limit_in_a_day_are_told(project: Project) -> None:
    mine = budget(
        project, scope="user", period="rolling", rolling_hours=24, is_hard=False, name="Anybody"
    )
    store(
        project,
        *(call(f"a{place}", cost=0.6, user_id="ann") for place in range(2)),
        call("b", cost=0.9, user_id="ben"),
        call("c", cost=5, user_id="cid", ago=26 * 3600),
    )
    watch_budgets()
    watch_budgets()
    assert kinds(mine) == [("user", "ann")]


def test_a_hard_budget_is_raised_with_the_consent_of_another(
    project: Project, alice: User, bob: User
) -> None:
    mine = budget(project, alice, owner=alice)
    with pytest.raises(BadBudget, match="consent"):
        change_budget(mine, project=project, limit=2 * DOLLAR, actor=alice)
    asked = ask_raise(mine, project=project, limit=2 * DOLLAR, reason="Launch", actor=bob)
    with pytest.raises(BadBudget, match="already"):
        ask_raise(mine, project=project, limit=3 * DOLLAR, reason="Launch", actor=alice)
    with pytest.raises(CannotDecide, match="does not decide"):
        decide_raise(asked, project=project, approves=True, actor=bob)
    decide_raise(asked, project=project, approves=True, actor=alice)
    mine.refresh_from_db()
    assert mine.limit == 2 * DOLLAR
    with pytest.raises(CannotDecide, match="already"):
        decide_raise(asked, project=project, approves=False, actor=alice)
    assert change_budget(mine, project=project, limit=DOLLAR, actor=alice).limit == DOLLAR
    done = set(AuditEntry.objects.values_list("action", flat=True))
    assert {
        "budget.created",
        "budget.raise_asked",
        "budget.raise_approved",
        "budget.changed",
    } <= done


def test_a_drill_marks_without_touching_the_books(project: Project, alice: User) -> None:
    mine = budget(project, alice)
    drill(mine, project=project, actor=alice)
    assert list(BudgetMark.objects.values_list("kind", flat=True)) == ["drill"]
    assert standings([mine])[0].used == 0
    delete_budget(mine, project=project, actor=alice)
    with pytest.raises(BudgetIsGone):
        drill(mine, project=project, actor=alice)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"name": " "}, "name"), ({"scope": "planet"}, "scope"), ({"limit": 0}, "above 0"),
        ({"scope": "feature"}, "which feature"), ({"period": "year"}, "period"),
        ({"period": "rolling"}, "Rolling hours"), ({"scope": "user"}, "24 rolling hours"),
    ],
)  # fmt: skip
def test_odd_budgets_are_refused_in_words(project: Project, said: dict[str, Any], why: str) -> None:
    with pytest.raises(BadBudget, match=why):
        budget(project, **said)
    stranger = User.objects.create(email="s@example.com")
    with pytest.raises(BadBudget, match="member"):
        budget(project, owner=stranger)
