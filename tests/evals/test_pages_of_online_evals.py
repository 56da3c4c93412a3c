"""Pages of online evals: rules, one rule with its verdicts, retrieval × generation."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Project, Role, User
from evals.evaluating.settings import Terms
from evals.models import EvaluatorVersion, Judgement, OnlineRule
from evals.queries.grounding import FLUENT, grounding_of, scores_to_choose
from evals.services.evaluators import create_evaluator
from evals.services.online import Wanted, create_rule
from tests.factories import Key, make_user
from tests.traces.seeing import span, store
from traces.feedback.given import GivenScore
from traces.services.scores import record_scores

pytestmark = pytest.mark.django_db
BASE = "/p/support/evaluators/online/"
GROUNDING = "/p/support/evaluators/live/grounding/"


@pytest.fixture
def alice(project: Project) -> User:
    return make_user("alice@x.test", organization=project.organization, role=Role.OWNER)


@pytest.fixture
def site(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content[:2000]
    return str(response.content.decode())


def make(project: Project, name: str, check: str, kind: str = "code", **config: Any) -> None:
    terms = Terms(config={"check": check, **config}, bar=0.5)
    create_evaluator(project, name, kind, terms, actor=None)


def rule_of(project: Project, name: str = "All", **more: Any) -> OnlineRule:
    wanted = Wanted(name=name, evaluator="same", share=Decimal("0.25"), **more)
    return create_rule(project, wanted, actor=None)


def say(rule: OnlineRule, number: int, **fields: Any) -> None:
    version = EvaluatorVersion.objects.get(evaluator=rule.evaluator)
    Judgement.objects.create(
        project=rule.project, purpose="online", name="same", version=version, rule=rule,
        trace_id=f"t{number}", at=timezone.now(), **fields,
    )  # fmt: skip


def test_a_rule_is_made_changed_and_forgotten(project: Project, site: Client) -> None:
    make(project, "same", "similarity")
    assert "No live traffic is judged" in text(site.get(BASE))
    body = {"name": "All", "evaluator": "same", "share": "10", "budget": "2.5", "is_enabled": "on"}
    assert "expected" in text(site.post(f"{BASE}new/", {**body, "query": "cost:>"}), 422)
    assert "Nothing is judged yet" in text(site.post(f"{BASE}new/", body, follow=True))
    rule = OnlineRule.objects.get()
    assert (rule.share, rule.daily_budget_nano) == (Decimal("0.1"), 2_500_000_000)
    assert "All" in text(site.get(f"{BASE}{rule.pk}/settings/"))
    stopped = {**body, "is_enabled": ""}
    assert "is stopped" in text(site.post(f"{BASE}{rule.pk}/settings/", stopped, follow=True))
    assert "is gone" in text(site.post(f"{BASE}{rule.pk}/settings/", {"delete": "1"}, follow=True))
    assert not OnlineRule.objects.exists()


def test_the_rule_says_what_it_judged_and_what_the_budget_refused(
    project: Project, site: Client, django_assert_max_num_queries: Any
) -> None:
    make(project, "same", "similarity")
    rule = rule_of(project, daily_budget_nano=10**9)
    say(rule, 1, state="done", num=0.9, passed=True, reason="Near")
    say(rule, 2, state="done", num=0.1, passed=False, reason="<b>far</b>")
    for number in range(3, 9):
        say(rule, number, state="skipped", error="The budget of the day was used up.")
    with django_assert_max_num_queries(14):
        said = text(site.get(f"{BASE}{rule.pk}/"))
    assert "Today’s budget is used up" in said
    assert "6 answers were" in said
    assert "&lt;b&gt;far" in said
    failing = text(site.get(f"{BASE}{rule.pk}/?state=failing", headers={"HX-Request": "true"}))
    assert "t2" in failing
    assert "Near" not in failing
    for number in range(4):
        rule_of(project, f"More {number}")
    with django_assert_max_num_queries(12):
        assert "6 not judged" in text(site.get(BASE))


def test_strangers_and_viewers(project: Project) -> None:
    make(project, "same", "similarity")
    rule = rule_of(project)
    stranger, viewer = Client(), Client()
    stranger.force_login(make_user("s@x.test"))
    viewer.force_login(make_user("v@x.test", organization=project.organization))
    for path in (BASE, f"{BASE}{rule.pk}/", GROUNDING):
        assert stranger.get(path).status_code == 404
        assert "New rule" not in text(viewer.get(path))
    assert viewer.get(f"{BASE}new/").status_code == 403


def test_retrieval_is_told_from_generation(
    project: Project, site: Client, django_assert_max_num_queries: Any
) -> None:
    assert "not told apart yet" in text(site.get(GROUNDING))
    make(project, "context", "recall", "retrieval")
    create_evaluator(
        project, "faithful", "rag", Terms({"check": "faithfulness"}, bar=0.5, model="m"), actor=None
    )
    known = {
        "t1": (1, 1),
        "t2": (0, 1),
        "t3": (0, 1),
        "t4": (1, 0),
        "t5": (None, 0),
        "t6": (1, None),
    }
    for trace_id, values in known.items():
        store(project, span(trace_id))
        record_scores(project.pk, [
            GivenScore(name, float(value), trace_id=trace_id, source=source)
            for name, value, source in zip(("context", "faithful"), values, ("code", "judge"),
                                           strict=True)
            if value is not None
        ])  # fmt: skip
    store(project, span("hidden", environment="sdk-experiment"))
    record_scores(project.pk, [GivenScore("faithful", 0.0, trace_id="hidden", source="judge")])
    found = grounding_of(project, "context", "faithful")
    assert {key: cell.count for key, cell in found.cells.items()} == {
        "good": 1, "fluent": 2, "lost": 1, "both": 0,
    }  # fmt: skip
    assert (found.judged, found.only_generation, found.rate) == (4, 1, 2 / 5)
    assert found.interval is not None
    assert found.cells[FLUENT].share == 0.5
    with django_assert_max_num_queries(18):
        said = text(site.get(f"{GROUNDING}?cell=fluent"))
    assert "Fluent answer on wrong documents" in said
    assert "Hallucination rate 40%" in said
    assert "/traces/t2/" in said
    assert "/traces/t4/" not in said
    assert "No answer was judged" in text(site.get(f"{GROUNDING}?feature=other"))


def test_rules_over_rest(project: Project, key: Key) -> None:
    api = Client(headers=key.headers)
    make(project, "same", "similarity")
    url = "/api/v1/online-rules"
    body = {"name": "All", "evaluator": "same", "share": 0.1, "daily_budget_nano": 5}
    made = api.post(url, body, content_type="application/json")
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["share"], told["daily_budget_nano"], told["judged"]) == (0.1, 5, 0)
    assert api.get(url).json()["data"][0]["name"] == "All"
    one = f"{url}/{told['id']}"
    changed = api.patch(one, {"share": 0.5, "enabled": False}, content_type="application/json")
    assert (changed.json()["share"], changed.json()["enabled"]) == (0.5, False)
    assert changed.json()["evaluator"] == "same"
    bad = api.patch(one, {"share": 7}, content_type="application/json")
    assert bad.status_code == 400
    assert "share" in bad.content.decode()
    assert api.delete(one).status_code == 204
    assert api.get(one).status_code == 404
    cells = api.get("/api/v1/grounding?retrieval=a&generation=b").json()
    assert (cells["judged"], cells["hallucination_rate"]) == (0, None)


def test_a_score_of_answers_stands_for_generation_by_its_name(project: Project) -> None:
    for name in ("faithfulness", "helpfulness"):
        make(project, name, "contains", words=["refund"])
    retrievals, generations = scores_to_choose(project)
    assert (retrievals[0], generations[0]) == ("helpfulness", "faithfulness")
