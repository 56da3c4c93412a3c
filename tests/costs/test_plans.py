"""Plans are kept as they were said, and what was spent is drawn against them."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from audit.models import AuditEntry
from costs.models import Plan
from costs.queries.plans import outlooks, promised, reality, versions_of
from costs.services.errors import BadTerms
from costs.services.plans import change_plan, create_plan, delete_plan
from costs.values.plans import Draft, Model, terms_of
from evals.models import Result
from pricing.models import Price
from tests.costs.making import DOLLAR, budget
from tests.costs.test_units import settle
from tests.evals.ran import make_experiment
from tests.traces.seeing import call, store
from traces.models import Span

pytestmark = pytest.mark.django_db
AT = "/p/support/costs/plans/"
TODAY = datetime.now(UTC).date()


@pytest.fixture(autouse=True)
def prices(project: Project) -> None:
    """$2 a million in, $0.20 from the cache, $8 out; the small one costs a tenth."""
    for pattern, part in (("big", 1), ("small", 10)):
        rates = {"in_uncached": "2", "in_cached": "0.2", "out_text": "8"}
        Price.objects.create(
            project=project,
            pattern=pattern,
            valid_from=datetime(2026, 1, 1, tzinfo=UTC),
            **{name: Decimal(rate) / part for name, rate in rates.items()},
        )


def draft(**said: Any) -> Draft:
    """A thousand in, 250 out ($0.004), 1,000 a day, doubling in 30 days, $200 a month."""
    given = {
        "feature": "answers", "launch": TODAY, "horizon": 365, "per_day": Decimal(1000),
        "models": [Model("big"), Model("small"), Model("nobody-knows")], "priced_on": TODAY,
        "tokens": {"in_uncached": 1000, "out_text": 250}, "growth": "doubling",
        "amount": Decimal(30), "per_user": Decimal(2), "limit": 200 * DOLLAR,
    }  # fmt: skip
    return Draft(**given | said)


def test_a_plan_says_where_its_budget_breaks(project: Project) -> None:
    made = create_plan(project, name="Answers", draft=draft(), actor=None)
    terms, (big, small, unknown) = outlooks(versions_of(made)[0])
    assert big.priced.rate is not None
    assert big.priced.rate.per_request == 4_000_000
    assert big.days[0].nano == 4 * DOLLAR
    assert big.breaks is not None
    assert small.breaks is not None
    month = [one for one in big.days if (one.day.year, one.day.month) == (
        big.breaks.day.year, big.breaks.day.month)]  # fmt: skip
    until = [one.nano for one in month if one.day <= big.breaks.day]
    assert sum(until) > 200 * DOLLAR >= sum(until[:-1])
    assert terms.traffic.users_of(big.breaks.requests) == round(big.breaks.requests / 2)
    assert small.breaks.day > big.breaks.day
    assert unknown.priced.rate is None
    assert unknown.priced.why
    never = create_plan(project, name="x", draft=draft(growth="none", horizon=90), actor=None)
    assert outlooks(versions_of(never)[0])[1][0].breaks is None
    assert [one.action for one in AuditEntry.objects.filter(action="cost_plan.created")] == (
        ["cost_plan.created"] * 2
    )


def test_tokens_are_those_of_an_experiment(project: Project) -> None:
    experiment = make_experiment(project)
    for place in range(40):
        trace = f"e{place}"
        Result.objects.create(
            experiment=experiment, item_key=f"i{place // 2}", repeat=1 + place % 2, state="done",
            trace_id=trace if place % 4 < 2 else "", place=place,
            input_tokens=None if place == 39 else 1000, output_tokens=100 + place,
        )  # fmt: skip
        store(
            project,
            call(trace, in_uncached=600, in_cached=400, out_text=100 + place, ago=120,
                 environment="platform"),
            call(trace, "judge", in_uncached=9999, ago=119, parent_span_id="root",
                 environment="platform"),
        )  # fmt: skip
    Span.objects.filter(project_id=project.pk, span_id="judge").update(evaluates=True)
    made = create_plan(
        project, name="Measured", draft=draft(experiment=1, tokens=None, cached=Decimal(50)),
        actor=None,
    )  # fmt: skip
    version = versions_of(made)[0]
    terms, models = outlooks(version)
    assert (terms.items, terms.uses, terms.left_out) == (20, 40, 0)
    assert sum(terms.tokens[:2]) == 39 * 1000, "judges are left out; one said no input"
    assert terms.tokens[0] == terms.tokens[1] == 19_500, "half from the cache, as was said"
    first = models[0].first
    assert first is not None
    assert first.low is not None
    assert first.high is not None
    assert first.low < first.nano < first.high
    with pytest.raises(BadTerms, match="no finished experiment"):
        create_plan(project, name="x", draft=draft(experiment=99, tokens=None), actor=None)


def test_what_was_promised_stays(project: Project) -> None:
    made = create_plan(project, name="Answers", draft=draft(), actor=None)
    before = versions_of(made)[0]
    Price.objects.filter(pattern="big").update(pattern="gone")
    change_plan(made, draft=draft(per_day=Decimal(5)), note="smaller", actor=None)
    newest, first = versions_of(made)
    assert (newest.number, first.terms, first.prices) == (2, before.terms, before.prices)
    assert outlooks(first)[1][0].priced.rate is not None
    assert outlooks(newest)[1][0].priced.rate is None, "prices are those of when it was made"
    first.made_at -= timedelta(days=9)
    assert promised([newest, first]).number == 2, "made by the launch"
    newest.made_at += timedelta(days=9)
    assert promised([newest, first]).number == 1, "made when more was known"
    kept = terms_of(newest.terms).draft
    assert replace(kept, week=(100,) * 7, steps=()) == draft(per_day=Decimal(5))
    delete_plan(made, actor=None)
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "cost_plan.created", "cost_plan.changed", "cost_plan.deleted",
    }  # fmt: skip


def test_reality_is_told_apart(project: Project) -> None:
    """Planned are 10 a day at $0.004; there were 20 a day, twice as long."""
    launch = TODAY - timedelta(days=2)
    made = create_plan(
        project,
        name="A",
        draft=draft(launch=launch, per_day=Decimal(10), growth="none"),
        actor=None,
    )
    hours = datetime.now(UTC).hour + 2
    store(
        project,
        *(
            call(f"t{place}", cost=0.008, feature="answers", in_uncached=2000, out_text=500,
                 ago=3600 * (hours + 24 * (place % 2)))
            for place in range(40)
        ),
        call("other", model="big", feature="else"),
        call("tried", model="big", feature="answers", environment="platform", ago=3600 * hours),
    )  # fmt: skip
    settle(project)
    terms, models = outlooks(versions_of(made)[0])
    real = reality(project.pk, terms, models[0], TODAY)
    assert real is not None
    assert (real.actual.requests, real.planned.requests) == (40, 20)
    assert real.actual.nano == 4 * real.planned.nano
    assert abs(real.factors["volume"] - real.factors["tokens"]) <= 2
    assert abs(real.factors["price"]) <= 2
    assert sum(real.factors.values()) == real.actual.nano - real.planned.nano
    later = terms_of({**versions_of(made)[0].terms, "launch": str(TODAY)})
    assert reality(project.pk, later, models[0], TODAY) is None, "no day is over yet"


def test_a_budget_counts_what_others_spend(project: Project) -> None:
    own = budget(project, limit=300 * DOLLAR, name="All")
    store(project, call("t1", cost=280, feature="else", ago=86_400 * 3))
    made = create_plan(project, name="A", draft=draft(limit=None, budget=own.pk), actor=None)
    ceiling = terms_of(versions_of(made)[0].terms).ceiling
    assert ceiling is not None
    assert (ceiling.limit, ceiling.others) == (300 * DOLLAR, 10 * DOLLAR)
    in_tokens = budget(project, unit="tokens", limit=5)
    for bad in (in_tokens.pk, 10**9):
        with pytest.raises(BadTerms):
            create_plan(project, name="x", draft=draft(budget=bad), actor=None)


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"feature": " "}, "feature"), ({"feature": "a\x00"}, "feature"),
        ({"horizon": 5}, "horizon"),
        ({"horizon": 10**9}, "horizon"), ({"models": []}, "models"),
        ({"models": [Model("a"), Model("a")]}, "models"), ({"per_day": Decimal(-1)}, "per_day"),
        ({"per_day": Decimal("NaN")}, "per_day"), ({"amount": Decimal(0)}, "amount"),
        ({"growth": "magic"}, "growth"), ({"week": [1]}, "week"), ({"week": [0] * 7}, "week"),
        ({"cached": Decimal(101)}, "cached"), ({"tokens": {"in_uncached": 10**9}}, "tokens"),
        ({"tokens": {}}, "tokens"), ({"tokens": {"x": 1}}, "tokens"), ({"limit": 0}, "limit"),
        ({"steps": [(TODAY - timedelta(days=1), Decimal(1))]}, "steps"),
        ({"per_user": Decimal(0)}, "per_user"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(project: Project, said: dict[str, Any], where: str) -> None:
    with pytest.raises(BadTerms) as refused:
        create_plan(project, name="x", draft=draft(**said), actor=None)
    assert refused.value.where == where
    assert not Plan.objects.exists()


def test_the_file_has_every_day(member_client: Client, project: Project) -> None:
    made = create_plan(project, name="A", draft=draft(), actor=None)
    answer = member_client.get(f"{AT}{made.pk}/export/")
    rows = list(csv.DictReader(answer.content.decode().splitlines()))
    assert len(rows) == 365
    assert (rows[0]["requests"], rows[0]["users"], rows[0]["big usd"]) == ("1000", "500", "4")
    assert rows[0]["small usd"] == "0.4"
    assertNotContains(answer, "nobody-knows")
    assertContains(member_client.get(AT), "$200", 0)
