"""Money is put aside before a call and settled after; a hard budget is never overrun."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Project, Scope
from costs.models import BudgetUse, Reservation
from costs.queries.budgets import Call, standings
from costs.services.errors import BadReservation, OverBudget
from costs.services.reserving import reserve
from costs.services.settling import expire_due, settle
from tests.costs.making import DOLLAR, budget
from tests.factories import Key, make_key

NOW = datetime(2026, 11, 18, 12, 30, tzinfo=UTC)
AT = "/api/v1/budgets"


def ask(project: Project, dollars: float = 0.4, now: datetime = NOW, **said: Any) -> Reservation:
    call = Call(
        **{key: said.pop(key) for key in ("feature", "model", "segment", "key") if key in said}
    )
    return reserve(project, nano=int(dollars * DOLLAR), call=call, now=now, **said)


@pytest.mark.django_db
def test_what_would_go_over_is_refused_with_the_reason(project: Project) -> None:
    mine = budget(project)
    ask(project)
    ask(project)
    with pytest.raises(
        OverBudget, match=r"“Ceiling” of the project allows \$1.00 this month"
    ) as no:
        ask(project)
    assert no.value.left == DOLLAR // 5
    assert no.value.resets_at == datetime(2026, 12, 1, tzinfo=UTC)
    ask(project, 0.2)
    (standing,) = standings([mine], NOW)
    assert (standing.reserved, standing.left) == (DOLLAR, 0)


@pytest.mark.django_db
def test_each_budget_that_applies_counts_and_others_do_not(project: Project) -> None:
    whole = budget(project, scope="organization", limit=10 * DOLLAR)
    feature = budget(project, scope="feature", value="chat", name="Chat")
    model = budget(project, scope="model", value="gpt-x", limit=DOLLAR // 2, is_hard=False)
    other = budget(project, scope="feature", value="search")
    off = budget(project, limit=1)
    off.is_enabled = False
    off.save()
    made = ask(project, 0.9, feature="chat", model="gpt-x")
    assert [pk for pk, _, _ in made.parts] == [whole.pk, feature.pk, model.pk]
    with pytest.raises(OverBudget, match="Chat"):
        ask(project, 0.2, feature="chat")
    used = {one.budget.pk: one.used for one in standings([whole, feature, model, other], NOW)}
    assert used == {whole.pk: 9 * DOLLAR // 10, feature.pk: 9 * DOLLAR // 10,
                    model.pk: 9 * DOLLAR // 10, other.pk: 0}  # fmt: skip


@pytest.mark.django_db
def test_settling_gives_back_what_was_not_spent_and_may_be_said_twice(project: Project) -> None:
    mine = budget(project)
    made = ask(project)
    for _ in range(2):
        done = settle(project, made.uid, nano=DOLLAR // 10, now=NOW)
        assert (done.state, done.settled_nano) == ("settled", DOLLAR // 10)
    (standing,) = standings([mine], NOW)
    assert (standing.settled, standing.reserved) == (DOLLAR // 10, 0)
    with pytest.raises(BadReservation, match=r"already with \$0.1000"):
        settle(project, made.uid, nano=5)
    with pytest.raises(BadReservation, match="no reservation"):
        settle(project, "nobody's", nano=5)


@pytest.mark.django_db
def test_the_same_id_reserves_once(project: Project) -> None:
    mine = budget(project)
    first, again = ask(project, uid="call-1"), ask(project, uid="call-1")
    assert first.pk == again.pk
    assert standings([mine], NOW)[0].reserved == 4 * DOLLAR // 10


@pytest.mark.django_db
def test_what_nobody_settles_expires_and_is_settled_late_all_the_same(project: Project) -> None:
    mine = budget(project)
    made = ask(project, 0.9, seconds=60)
    later = NOW + timedelta(seconds=61)
    ask(project, 0.8, now=later, seconds=60)
    made.refresh_from_db()
    assert made.state == "expired"
    settle(project, made.uid, nano=DOLLAR // 10, now=later)
    (standing,) = standings([mine], later)
    assert (standing.settled, standing.reserved) == (DOLLAR // 10, 8 * DOLLAR // 10)
    assert expire_due(later) == 0
    assert expire_due(later + timedelta(minutes=2)) == 1


@pytest.mark.django_db
def test_a_new_period_starts_at_nothing_and_a_rolling_one_forgets_by_the_hour(
    project: Project,
) -> None:
    month, day = (
        budget(project),
        budget(project, period="rolling", rolling_hours=24, name="Rolling"),
    )
    settle(project, ask(project, 0.9).uid, nano=9 * DOLLAR // 10, now=NOW)
    next_day = NOW + timedelta(hours=24)
    rows = {one.budget.pk: one.left for one in standings([month, day], next_day)}
    assert rows == {month.pk: DOLLAR // 10, day.pk: DOLLAR}
    still = standings([day], NOW + timedelta(hours=23))[0]
    assert still.settled == 9 * DOLLAR // 10
    with pytest.raises(OverBudget, match="Ceiling"):
        ask(project, 0.2, now=next_day)
    ask(project, 0.9, now=NOW + timedelta(days=14))


@pytest.mark.django_db
def test_tokens_are_counted_where_a_budget_is_of_tokens(project: Project) -> None:
    budget(project, unit="tokens", limit=1000)
    ask(project, 5, tokens=800)
    with pytest.raises(OverBudget, match="1,000 tokens"):
        ask(project, 0.01, tokens=201)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_as_many_get_through_as_the_limit_holds(project: Project) -> None:
    budget(project, limit=DOLLAR // 10)
    budget(project, scope="feature", value="chat", limit=DOLLAR)

    def one(number: int) -> bool:
        try:
            made = ask(project, 0.01, feature="chat" if number % 2 else "")
            if number % 3 == 0:
                settle(project, made.uid, nano=DOLLAR // 100, now=NOW)
            return True
        except OverBudget:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(60))) == 10
    rows = BudgetUse.objects.values_list("settled", "reserved")
    assert all(settled + reserved <= DOLLAR // 10 for settled, reserved in rows)


@pytest.fixture
def key(project: Project) -> Key:
    return make_key(project, scopes=[Scope.GATEWAY, Scope.READ, Scope.ADMIN])


def post(client: Client, path: str, said: Any, key: Key) -> Any:
    return client.post(f"{AT}{path}", said, content_type="application/json", headers=key.headers)


@pytest.mark.django_db
def test_programs_check_reserve_and_settle(client: Client, key: Key, project: Project) -> None:
    made = post(client, "", {"name": "Cap", "limit_usd": "1.00", "hard": True}, key)
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    assert made.json()["limit"] == "1"
    done = post(client, "/reserve", {"amount_usd": "0.75", "id": "a"}, key)
    assert done.status_code == 201
    assert (done.json()["state"], done.json()["budgets"]) == ("reserved", [pk])
    full = post(client, "/reserve", {"amount_usd": "0.30"}, key)
    assert (full.status_code, full["Content-Type"]) == (402, "application/problem+json")
    assert (full.json()["budget"], full.json()["left"]) == (pk, "0.25")
    assert "are reserved" in full.json()["detail"]
    asked = client.get(f"{AT}/check?feature=chat&amount_usd=0.3", headers=key.headers).json()
    assert (asked["allowed"], asked["reason"]) == (False, full.json()["detail"])
    assert asked["budgets"][0]["reserved"] == "0.75"
    assert client.get(f"{AT}/check?amount_usd=0.2", headers=key.headers).json()["allowed"] is True
    settled = post(client, "/settle", {"id": "a", "amount_usd": "0.5"}, key).json()
    assert (settled["state"], settled["settled_usd"]) == ("settled", "0.5")
    listed = client.get(AT, headers=key.headers).json()["data"]
    assert [(row["spent"], row["reserved"], row["left"]) for row in listed] == [("0.5", "0", "0.5")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "said",
    [
        {"amount_usd": "-1"}, {"amount_usd": "1e400"}, {"amount_usd": "NaN"}, {"tokens": -1},
        {"amount_usd": "0.0000000001"}, {"ttl_seconds": 0}, {"id": "x" * 101}, {"feature": 7 * [1]},
    ],
)  # fmt: skip
def test_odd_reservations_are_refused_in_words(
    client: Client, key: Key, project: Project, said: dict[str, Any]
) -> None:
    answer = post(client, "/reserve", said, key)
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["where"] in said
    assert post(client, "/settle", {"id": "unknown"}, key).status_code == 400


@pytest.mark.django_db
def test_a_key_reserves_in_its_own_project_alone(
    client: Client, key: Key, project: Project
) -> None:
    from tests.factories import make_project

    other = make_project("other")
    budget(other, limit=1)
    assert post(client, "/reserve", {"amount_usd": "5"}, key).status_code == 201
    alien = make_key(other, scopes=[Scope.READ])
    assert post(client, "/reserve", {"amount_usd": "0"}, alien).status_code == 403


@pytest.mark.django_db
def test_a_key_changes_no_budget_of_the_whole_organization(
    client: Client, key: Key, project: Project
) -> None:
    ours = budget(project, scope="organization")
    new = {"name": "All", "scope": "organization", "limit_usd": "1"}
    assert post(client, "", new, key).status_code == 403
    for path in (f"/{ours.pk}/drill", f"/{ours.pk}/raise"):
        assert post(client, path, {"limit": "9", "reason": "more"}, key).status_code == 403
    gone = client.delete(f"{AT}/{ours.pk}", headers=key.headers)
    assert gone.status_code == 403
    assert client.get(f"{AT}/{ours.pk}", headers=key.headers).status_code == 200
    assert post(client, "/reserve", {"amount_usd": "2"}, key).status_code == 402
