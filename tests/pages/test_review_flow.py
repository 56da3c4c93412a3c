"""A change of a prompt in a real browser, from proposal to rollback, at a desk and on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from prompts.models import ChangeRequest, Rollout
from tests.pages.browsing import PAGE_LOOKS, Look, assert_no_violations, login, settled, wear
from tests.prompts.making import chat, make_reviewer, make_version, protect, serve

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

OLD = "You are the refunds specialist.\nAnswer in at most 120 words.\nNever promise a date."
NEW = OLD.replace("120", "140").replace("a date", "a date that is not in a policy")
PROMPT = "/p/support/prompts/support/refund-agent/"


@pytest.fixture
def registry(project: Project, bob: User) -> Project:
    """v1 serves production, Bob made v2; two people besides him can review."""
    protect(project)
    first = make_version(project, "support/refund-agent", chat(("system", OLD)), actor=bob)
    serve(first.prompt, 1)
    content = chat(("system", NEW), model="gpt-4o", parameters={"temperature": 0.2})
    make_version(project, "support/refund-agent", content, actor=bob, message="Longer answers")
    return project


@pytest.mark.parametrize("look", [Look("light", 1440), Look("light", 390)], ids=str)
def test_from_the_proposal_to_the_rollback(
    page: Page, address: str, registry: Project, alice: User, bob: User, look: Look
) -> None:
    jun = make_reviewer(registry, "jun")
    wear(page, look)

    # Bob proposes his version.
    login(page, bob, address)
    page.goto(PROMPT)
    page.get_by_role("link", name="Propose a change").click()
    page.get_by_label("Title").fill("Give dates that a policy gives")
    page.get_by_label("Jun").check()
    page.get_by_role("button", name="Open the review").click()
    page.wait_for_url("**/reviews/1/")
    expect(page.get_by_role("button", name="Approve v2")).to_be_disabled()
    expect(page.locator("#sub-why")).to_contain_text("You wrote a part of this change")

    # Jun comments on a line and suggests other words.
    login(page, jun, address)
    page.goto("/p/support/reviews/1/")
    page.get_by_role("link", name="Comment on new line 3").click()
    page.locator("#write-body").fill("Which policy? **§4.2** has the range.")
    page.get_by_text("Suggest other words").click()
    page.get_by_label("Suggest this text for the line").check()
    page.get_by_label("The line, as you would have it").fill("Give the range in §4.2.")
    page.locator("#write").get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".th").first).to_contain_text("Suggests: Give the range in §4.2.")

    # Bob takes the suggestion; it is the version that is proposed now.
    login(page, bob, address)
    page.goto("/p/support/reviews/1/")
    page.get_by_role("button", name="Apply suggestion as v3").click()
    expect(page.locator(".toast", has_text="v3 has the suggestion")).to_be_visible()
    expect(page.locator(".dt").first).to_contain_text("Give the range in §4.2.")

    # Jun approves what is proposed now.
    login(page, jun, address)
    page.goto("/p/support/reviews/1/")
    page.get_by_label("Viewed: System message").check()
    expect(page.get_by_label("Viewed: System message")).to_be_checked()
    page.locator("#cm").fill("Checked on ten tickets.")
    page.get_by_role("button", name="Approve v3").click()
    expect(page.locator(".chip.big")).to_have_text("Approved")

    # Bob rolls it out to a tenth; more needs a second person, who approves while it runs.
    login(page, bob, address)
    page.goto("/p/support/reviews/1/")
    expect(page.locator("#pct")).to_have_value("10")
    page.get_by_role("button", name="Start the rollout").click()
    expect(page.locator(".chip.big")).to_have_text(re.compile("Rolling out 10"))
    expect(page.locator("#rollout")).to_contain_text("To 100%: 2 approvals needed above 10 %")
    login(page, alice, address)
    page.goto("/p/support/reviews/1/")
    page.get_by_role("button", name="Approve v3").click()
    expect(page.locator("#rollout")).not_to_contain_text("To 100%")
    page.get_by_role("link", name="Canary").click()
    expect(page.locator("#arms-h")).to_have_text("v1 beside v3")

    # Back in one click, and forth again.
    page.goto("/p/support/reviews/1/")
    page.locator("#rollout").get_by_role("button", name="Roll back to v1").click()
    note = page.locator("#rolled-back")
    expect(note).to_contain_text("Production is on v1 again.")
    assert Rollout.objects.get().status == "rolled_back"
    note.get_by_role("button", name="Undo").click()
    expect(page.locator(".chip.big")).to_have_text(re.compile("Rolling out 10"))
    page.locator("#rollout").get_by_role("button", name="Roll back to v1").click()
    note.get_by_label("Why it was rolled back").fill("It promised dates.")
    note.get_by_role("button", name="Keep the reason").click()
    expect(page.locator(".toast", has_text="The reason is kept")).to_be_visible()
    found = ChangeRequest.objects.get()
    assert (found.status, found.rollback_reason) == ("rolled_back", "It promised dates.")


def test_nothing_is_wrong_with_the_pages(
    page: Page, address: str, registry: Project, alice: User, bob: User
) -> None:
    from prompts.models import Prompt, Thread
    from prompts.services.discussing import Place, start_thread
    from prompts.services.proposing import Proposal, propose
    from prompts.services.reviewing import approve, request_changes
    from prompts.services.rolling import Plan, roll_out
    from tests.prompts.making import text

    jun = make_reviewer(registry, "jun")
    prompt = Prompt.objects.get()
    first = propose(prompt, Proposal("production", 2, "Longer answers", reviewers=[jun]), actor=bob)
    place = Place("message/0", 2, Thread.Side.NEW)
    start_thread(first, actor=jun, body="Why?", place=place, suggestion="In 100 words.")
    request_changes(first, actor=jun, version=2, note="See the line.")
    serve(make_version(registry, "greeting", text("Hello {{name}}")).prompt, 1)
    second = make_version(registry, "greeting", text("Hi {{name}}"), actor=bob)
    running = propose(second.prompt, Proposal("production", 2, "Shorter"), actor=bob)
    approve(running, actor=jun, version=2)
    roll_out(running, Plan(share=500), actor=bob)
    login(page, alice, address)
    for at in (
        "reviews/1/", "reviews/1/?part=message/0&line=1&side=new", "reviews/2/?tab=canary",
        "reviews/1/?tab=conversation", "reviews/1/?tab=history", "reviews/", "prompts/",
        "prompts/support/refund-agent/", "prompts/greeting/?tab=metrics",
        "prompts/greeting/?tab=settings", "prompts/support/refund-agent/v/2/",
        "prompts/support/refund-agent/versions/new/", "reviews/new/?prompt=greeting&version=1",
        "settings/environments/", "settings/environments/production/",
        "settings/environments/production/serving/",
    ):  # fmt: skip
        page.goto(f"/p/support/{at}")
        settled(page)
        assert_no_violations(page, PAGE_LOOKS)
