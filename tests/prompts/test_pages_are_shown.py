"""Every page of prompts and reviews is shown, with a number of queries that does not grow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Project, User
from prompts.models import Check, Thread
from prompts.services.checking import Report, report_check
from prompts.services.discussing import Place, start_thread
from prompts.services.environments import Rules, delegate, set_environment, set_folder_owners
from prompts.services.reviewing import approve, comment_on_request
from prompts.services.rolling import Plan, roll_out
from prompts.services.rolling_back import roll_back
from tests.prompts.making import chat, make_request, make_reviewer, make_version, protect, text
from tests.traces.seeing import call, store
from traces.feedback.given import GivenScore, Terms
from traces.models import Trace
from traces.services.score_definitions import define_score
from traces.services.scores import record_scores

PAGES = [
    "prompts/",
    "prompts/?q=refund",
    "prompts/?folder=support",
    "prompts/?archived=1",
    "prompts/new/",
    "prompts/refund-agent/",
    "prompts/refund-agent/?tab=metrics",
    "prompts/refund-agent/?tab=traces",
    "prompts/refund-agent/?tab=settings",
    "prompts/refund-agent/v/2/",
    "prompts/refund-agent/compare/1..2/",
    "prompts/refund-agent/compare/1..2/?layout=unified&w=0",
    "prompts/refund-agent/versions/new/",
    "prompts/support/greeting%20two/",
    "reviews/",
    "reviews/?which=all&q=day",
    "reviews/?which=asked",
    "reviews/new/?prompt=refund-agent&version=1&label=staging",
    "reviews/1/",
    "reviews/1/?part=prompt&line=3&side=new",
    "reviews/1/?tab=evaluation",
    "reviews/1/?tab=canary",
    "reviews/1/?tab=conversation",
    "reviews/1/?tab=history",
    "reviews/waiting/",
    "reviews/open/",
    "settings/environments/",
    "settings/environments/production/serving/",
]


@pytest.fixture
def story(project: Project, alice: User, bob: User) -> Callable[[], None]:
    """A review with everything that can be said in one; called again it adds another of each."""
    jun = make_reviewer(project, "jun")
    protect(project, required_checks=["gate"])
    set_folder_owners(project, "refund-agent", [jun], actor=alice)
    now = timezone.now()
    delegate(project, jun, alice, starts_at=now, ends_at=now + timedelta(days=1), actor=alice)
    make_version(project, "support/greeting two", chat(), actor=bob, tags=["hello"])
    request = make_request(project, bob, reviewers=[jun, alice], description="It is **shorter**.")
    place = Place("prompt", 3, Thread.Side.NEW)

    def more() -> None:
        for user in (jun, alice):
            start_thread(request, actor=user, body="Why?", place=place, suggestion="Say so.")
            start_thread(request, actor=user, body="Of the whole: @bob?")
            comment_on_request(request, actor=user, note="I looked.")
        rows = [{"name": "Faithfulness", "old": "0.8", "new": "0.9", "result": "pass"}]
        report = Report("gate", Check.State.PASS, rows=rows, summary="240 items")
        report_check(request, report, actor=None)
        made = make_version(project, "refund-agent", text("more"), actor=jun)
        set_environment(project, f"e{made.number}", Rules(), actor=alice)

    more()
    approve(request, actor=jun, version=2)
    roll_out(request, Plan(share=500), actor=bob)
    return more


def test_pages_are_shown_and_ask_no_more_for_more_rows(
    owner_client: Client, story: Callable[[], None]
) -> None:
    def visit(page: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            response = owner_client.get(f"/p/support/{page}")
        assert response.status_code == 200, page
        return len(asked)

    visit(PAGES[0])  # what is remembered by the process is asked for once
    before = {page: visit(page) for page in PAGES}
    story()
    story()
    after = {page: visit(page) for page in PAGES}
    grown = {page: (before[page], after[page]) for page in PAGES if after[page] > before[page]}
    assert grown == {}
    assert max(after.values()) <= 70, max(after.items(), key=lambda one: one[1])


def test_what_the_pages_say(owner_client: Client, story: Callable[[], None], alice: User) -> None:
    def page(at: str) -> str:
        return owner_client.get(f"/p/support/{at}").content.decode()

    review = page("reviews/1/")
    for words in ("Rolling out 5%", "Why?", "Suggests:", "240 items", "unresolved",
                  "Never promise a <del>", "<strong>shorter</strong>", "Roll back"):  # fmt: skip
        assert words in review, words
    assert "<script" not in review.split("</head>")[1]
    assert "1 of" in page("reviews/?which=all")
    # Alice was asked, and her approval is what the rest of the traffic still needs.
    for words in ("To 100%: 2 approvals needed above 10 %", "Approve v2"):
        assert words in review, words
    assert "waits for you" in page("reviews/?which=asked")
    from prompts.models import Prompt

    prompt = Prompt.objects.get(name="refund-agent")
    roll_back(prompt, "production", actor=alice)
    assert "Production is on v1 again." in page("reviews/1/")
    assert "Why it was rolled back" in page("prompts/refund-agent/")


def test_htmx_gets_the_rows_alone(owner_client: Client, story: Callable[[], None]) -> None:
    for page in ("prompts/", "reviews/"):
        piece = owner_client.get(f"/p/support/{page}", headers={"HX-Request": "true"})
        assert b"<h1" not in piece.content
        assert b"refund-agent" in piece.content


def test_strangers_prompts_have_no_page(
    owner_client: Client, story: Callable[[], None], charlie: User
) -> None:
    for page in ("prompts/nope/", "prompts/refund-agent/v/99/", "reviews/99/", "reviews/0/",
                 "prompts/refund-agent/compare/1..99/", "reviews/new/?prompt=nope"):  # fmt: skip
        assert owner_client.get(f"/p/support/{page}").status_code == 404, page


def test_the_list_says_how_often_a_prompt_was_called(
    owner_client: Client, project: Project
) -> None:
    prompt = make_version(project).prompt
    named = {"prompt_name": "refund-agent", "prompt_version": "1", "cost": "0.002"}
    store(project, *(call(f"t{index}", ago=3600 * index, **named) for index in range(1, 40)))
    page = owner_client.get(f"/p/support/prompts/figures/runs/?id={prompt.pk}&id=999&id=x")
    told = page.content.decode()
    assert f'id="rq-{prompt.pk}"' in told
    assert "39" in told
    assert "$0.0020" in told
    assert "999" not in told
    assert "≥" not in told
    metrics = owner_client.get("/p/support/prompts/refund-agent/?tab=metrics").content.decode()
    assert "39" in metrics
    assert "Errors" in metrics


def test_the_list_says_how_good_answers_were_beside_the_bar(
    owner_client: Client, project: Project, django_assert_max_num_queries: Any
) -> None:
    prompt = make_version(project).prompt
    named = {"prompt_name": "refund-agent", "prompt_version": "1", "feature": "refunds"}
    store(project, *(call(f"t{index}", ago=3600, **named) for index in range(1, 5)))
    for name, bar in (("faithfulness", 0.75), ("helpfulness", 0.5)):
        terms = Terms(name, minimum=0, maximum=1, bar=bar, primary_for=["refunds"] * (bar > 0.6))
        define_score(project, terms, actor=None)
    given = [("faithfulness", 0.6), ("faithfulness", 0.8), ("helpfulness", 0.9)]
    trace = Trace.objects.filter(project_id=project.pk).values_list("trace_id", flat=True)[0]
    scores = [
        GivenScore(trace_id=trace, name=name, value=value, source="judge") for name, value in given
    ]
    record_scores(project.pk, scores)
    with django_assert_max_num_queries(9):
        page = owner_client.get(f"/p/support/prompts/figures/runs/?id={prompt.pk}").content.decode()
    assert "faithfulness, mean of 1 scored trace; its bar is at least 0.75" in page
    assert "misses its bar: </span>0.70</a>" in page
    assert "q=prompt%3Arefund-agent%20score.faithfulness%3C0.75" in page
    found = owner_client.get(
        "/p/support/traces/?t=7d&q=prompt%3Arefund-agent%20score.faithfulness%3C0.75"
    ).content.decode()
    assert trace in found
