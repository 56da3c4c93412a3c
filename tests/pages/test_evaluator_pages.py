"""Evaluators in a real browser: made, tried on one answer; every look of every page is clean."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Project, User
from evals.evaluating.settings import Terms
from evals.evaluating.templates import TEMPLATES, terms_of_template
from evals.models import Judgement
from evals.queries.evaluators import terms_of
from evals.services.evaluator_versions import draft_version, propose_version
from evals.services.evaluators import create_evaluator
from evals.services.online import Wanted, create_rule
from tests.pages.browsing import PAGE_LOOKS, assert_no_violations, login, settled
from tests.traces.seeing import span, store
from traces.feedback.given import GivenScore
from traces.services.scores import record_scores

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
BASE = "/p/support/evaluators/"


@pytest.fixture
def furnished(project: Project, alice: User) -> Project:
    """A judge with a proposal, scores of retrieval and generation, and a rule with verdicts."""
    template = TEMPLATES["hallucination"]
    terms = terms_of_template(template, model="gpt-4o-mini")
    judge = create_evaluator(
        project, "hallucination", "judge", terms, actor=alice, template=template.name,
        description=template.says,
    )  # fmt: skip
    assert judge.current is not None
    softer = {**terms_of(judge.current).config, "rubric": template.rubric.replace("single", "big")}
    version = draft_version(judge, replace(terms, bar=0.5, config=softer), actor=alice)
    propose_version(version, actor=alice, reason="A detail that does not matter should pass.")
    context = Terms({"check": "recall"}, bar=0.5)
    create_evaluator(project, "context recall", "retrieval", context, actor=alice)
    wanted = Wanted("Refunds", "hallucination", Decimal("0.1"), feature="refunds",
                    daily_budget_nano=2_000_000_000)  # fmt: skip
    rule = create_rule(project, wanted, actor=alice)
    for number in range(6):
        trace = f"trace-{number}"
        store(project, span(trace, feature="refunds"))
        good = number % 3 > 0
        record_scores(project.pk, [
            GivenScore("hallucination", "grounded" if good else "hallucinated", trace_id=trace,
                       source="judge"),
            GivenScore("context recall", float(number % 2), trace_id=trace),
        ])  # fmt: skip
        Judgement.objects.create(
            project=project, purpose="online", name="hallucination", version=judge.current,
            rule=rule, trace_id=trace, state="done" if number < 5 else "skipped", passed=good,
            label="grounded" if good else "hallucinated", num=float(good), at=timezone.now(),
            reason="The answer says 30 days, the document 14." if not good else "All is stated.",
            cost_nano=380_000, error="" if number < 5 else "The budget of the day was used up.",
        )  # fmt: skip
    return project


def test_one_is_made_and_tried_on_one_answer(
    page: Page, project: Project, alice: User, address: str
) -> None:
    login(page, alice, address)
    page.goto(BASE)
    page.get_by_role("link", name="Make an evaluator").click()
    page.get_by_role("link", name="Contains").click()
    page.get_by_label("Name").fill("mentions refund")
    page.get_by_label("Texts", exact=True).fill("refund")
    page.get_by_role("button", name="Make the evaluator").click()
    expect(page.locator("#toasts")).to_contain_text("mentions refund is in use")
    page.get_by_label("Answer", exact=True).fill("Your refund is on its way.")
    page.get_by_role("button", name="Test v1").click()
    expect(page.locator("#try-result")).to_contain_text("passes")
    expect(page.locator("#try-result")).to_contain_text("refund")


@pytest.mark.parametrize(
    "path",
    [
        "", "hallucination/", "hallucination/versions/2/", "hallucination/versions/new/", "new/",
        "new/judge/rubric/?template=tone", "online/", "online/{rule}/", "online/{rule}/settings/",
        "live/grounding/?cell=fluent",
    ],
)  # fmt: skip
def test_every_look_is_clean(
    page: Page, furnished: Project, alice: User, address: str, path: str
) -> None:
    login(page, alice, address)
    rule = furnished.online_rules.get()
    page.goto(BASE + path.format(rule=rule.pk))
    settled(page)
    assert_no_violations(page, PAGE_LOOKS)
