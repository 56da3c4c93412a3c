"""Live traces are sampled, judged once, within a budget, and scored on the trace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Project
from evals.evaluating.judging.asking import forget_habits
from evals.evaluating.settings import Terms
from evals.models import Evaluator, Judgement, OnlineRule
from evals.queries.online import list_rules
from evals.queries.online_candidates import is_drawn, look
from evals.running.online import judge_due
from evals.services.evaluators import create_evaluator
from evals.services.online import BadRule, Wanted, change_rule, create_rule, delete_rule, scan_rules
from evals.services.online_judging import claim, take_back_lost
from evals.tasks.online import judge_online, scan_online
from gateway import client
from gateway.models import Provider as Connected
from pricing.services.prices import set_price
from pricing.terms import Terms as Prices
from tests.evals.judging import answering, verdict
from tests.provider import Provider, running
from tests.traces.seeing import span, store
from traces.models import DigestQueue, Score

pytestmark = pytest.mark.django_db(transaction=True)
LATER = timedelta(hours=2)


@pytest.fixture
def upstream(project: Project) -> Iterator[Provider]:
    forget_habits()
    with running() as provider:
        Connected.objects.create(
            project=project, name="Test", kind="openai", base_url=provider.url,
            model_names=["gpt-4o-mini"], is_default=True,
        )  # fmt: skip
        yield provider
    client.close()


def make(project: Project, name: str = "polite", **terms: Any) -> Evaluator:
    told = {"config": {"check": "contains", "words": ["please"]}, **terms}
    kind = "judge" if "model" in terms else "code"
    return create_evaluator(project, name, kind, Terms(**told), actor=None)


def rule_of(
    project: Project, share: str = "1", evaluator: str = "polite", **more: Any
) -> OnlineRule:
    wanted = Wanted(name=more.pop("name", "All"), evaluator=evaluator, share=Decimal(share), **more)
    rule = create_rule(project, wanted, actor=None)
    # As if the rule had been made a while ago.
    rule.scanned_to = timezone.now() - timedelta(minutes=1)
    rule.save()
    return rule


def live(project: Project, *names: str, **fields: Any) -> None:
    """Traces of people, settled."""
    for name in names:
        store(project, span(name, input="Hi", output="Yes please", ago=30, **fields))
    DigestQueue.objects.all().delete()


def judged() -> set[str]:
    return set(Judgement.objects.filter(state="done").values_list("trace_id", flat=True))


def test_what_settles_is_judged_once_and_scored_on_its_trace(project: Project) -> None:
    make(project)
    rule_of(project)
    live(project, "t1", "t2")
    live(project, "t3", environment="platform")
    live(project, "t4", environment="sdk-experiment")
    live(project, "t5", feature="roadworthy.platform")
    for _ in range(2):
        scan_online()
        judge_online()
    assert judged() == {"t1", "t2"}
    score = Score.objects.get(project_id=project.pk, trace_id="t1")
    assert (score.name, score.num, score.source, score.comment) == (
        "polite", 1.0, "code", "Found: 'please'.",
    )  # fmt: skip
    assert Score.objects.count() == 2
    (row,) = list_rules(project)
    assert (row.judged, row.passed, row.share, row.spent_nano) == (2, 2, 1.0, 0)


def test_what_is_not_settled_waits_and_is_not_lost(project: Project) -> None:
    make(project)
    rule = rule_of(project)
    store(project, span("t1", input="Hi", output="please", ago=30))
    assert DigestQueue.objects.filter(trace_id="t1").exists()
    assert scan_rules() == 0
    live(project, "t2")
    assert scan_rules() == 2
    rule.refresh_from_db()
    assert rule.scanned_to is not None
    # A worker that dies between the look and the judging loses nothing, and doubles nothing.
    assert len(claim(1)) == 1
    assert take_back_lost() == 1
    assert judge_due() == 2
    assert judged() == {"t1", "t2"}


def test_a_share_is_drawn_by_the_trace_the_same_at_every_look(project: Project) -> None:
    make(project)
    rule = rule_of(project, share="0.3")
    names = [f"t{number}" for number in range(60)]
    live(project, *names)
    found = set(look(rule, timezone.now()).trace_ids)
    assert found == {name for name in names if is_drawn(rule.pk, name, Decimal("0.3"))}
    assert 5 <= len(found) <= 32


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        ({"feature": "refunds"}, {"a"}),
        ({"environment": "staging"}, {"b"}),
        ({"query": "env:staging"}, {"b"}),
        ({"query": "name:answer"}, {"a", "b"}),
        ({"query": "name:other"}, set()),
    ],
)
def test_a_rule_is_narrowed(project: Project, narrowed: dict[str, str], found: set[str]) -> None:
    make(project)
    rule_of(project, **narrowed)
    live(project, "a", feature="refunds", environment="production")
    live(project, "b", environment="staging")
    scan_rules()
    assert set(Judgement.objects.values_list("trace_id", flat=True)) == found


def test_what_was_before_the_rule_or_in_its_pause_is_not_judged(project: Project) -> None:
    make(project)
    live(project, "before")
    wanted = Wanted(name="All", evaluator="polite", share=Decimal(1))
    rule = create_rule(project, wanted, actor=None)
    assert scan_rules(now=timezone.now() + LATER) == 0
    stopped = Wanted(name="All", evaluator="polite", share=Decimal(1), is_enabled=False)
    change_rule(rule, stopped, actor=None)
    live(project, "paused")
    change_rule(rule, wanted, actor=None)
    assert scan_rules() == 0


def test_a_budget_is_refused_before_the_call_that_would_cross_it(
    project: Project, upstream: Provider
) -> None:
    exact = {"in_uncached": Decimal(3), "in_cached": Decimal(3), "out_text": Decimal(15)}
    set_price(project, Prices(pattern="gpt-*", prices=exact), actor=None)
    upstream.script = answering(verdict(verdict=True))
    make(project, model="gpt-4o-mini", data_type="boolean", config={"rubric": "?"},
         parameters={"max_tokens": 40})  # fmt: skip
    cost = (120 * 3 + 30 * 15) * 1000
    rule = rule_of(project, daily_budget_nano=20_000_000)
    live(project, "t1", "t2", "t3")
    scan_rules()
    while judge_due():
        pass
    states = sorted(Judgement.objects.values_list("state", flat=True))
    assert states == ["done", "skipped", "skipped"]
    (row,) = list_rules(project)
    assert (row.spent_nano, row.skipped, row.is_over_budget) == (cost, 2, True)
    assert len(upstream.requests) == 1
    assert Score.objects.get().source == "judge"
    # Without a price nobody knows what a call costs, so no budget can hold.
    Connected.objects.update(model_names=["other"])
    make(project, "other", model="other", data_type="boolean", config={"rubric": "?"})
    rule_of(project, evaluator="other", name="Other", daily_budget_nano=10**9)
    scan_rules()
    while judge_due():
        pass
    assert set(Judgement.objects.filter(name="other").values_list("state", "error")) == {
        ("skipped", "Nobody can say what it may cost, so the budget of the day cannot hold.")
    }
    delete_rule(rule, actor=None)
    assert Judgement.objects.filter(name="polite", state="done").count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "a\0"), ("evaluator", "nobody"), ("share", Decimal("0")),
        ("share", Decimal("1.5")), ("share", Decimal("NaN")), ("query", "cost:>"),
        ("query", "x" * 3000), ("daily_budget_nano", -1), ("feature", "a\nb"),
    ],
)  # fmt: skip
def test_a_bad_rule_is_refused_by_its_field(project: Project, field: str, value: Any) -> None:
    make(project)
    given = {"name": "All", "evaluator": "polite", "share": Decimal(1), field: value}
    with pytest.raises(BadRule) as bad:
        create_rule(project, Wanted(**given), actor=None)
    assert bad.value.faults[0][0] == field
