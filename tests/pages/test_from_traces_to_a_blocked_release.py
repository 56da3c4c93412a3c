"""One sitting, by pages alone: from traces in the list to a release that the numbers stop."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Project, User
from evals.models import GateRun
from evals.queries.gates import open_runs
from evals.services.calibrating import calibrate, calibrate_due
from evals.services.gate_answers import advance
from evals.services.gate_runs import start_due_runs
from tests.evals.labelled import TABLE, calibrated, make_judge
from tests.evals.planned import MODEL, connected, contains
from tests.evals.running import in_a_thread, run, upstream
from tests.pages.browsing import PAGE_LOOKS, assert_no_violations, login, ready, settled
from tests.pages.browsing import connected as hears
from tests.prompts.making import chat, make_reviewer, make_version, protect, serve
from tests.provider import Provider
from tests.traces.bulk.working import furnish

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["upstream"]
pytestmark = pytest.mark.django_db(transaction=True)
AT = "/p/support"
TRACES = 12
LABELS = 4
LOST = range(9)  # orders of which version 2 knows nothing


def answer(body: dict[str, Any]) -> dict[str, Any]:
    """Version 2 is asked to be brief, and loses most orders; the judge sees it."""
    said = json.dumps(body["messages"])
    if "You judge an answer" in said:
        words = "unfaithful" if "cannot say" in said else "faithful"
        verdict = {"reason": "It names no place.", "evidence": [], "verdict": words}
        return {"role": "assistant", "content": json.dumps(verdict)}
    lost = "Be brief" in said and any(f"order {place}?" in said for place in LOST)
    return {"role": "assistant", "content": "I cannot say." if lost else "It is on its way."}


@pytest.fixture
def stage(project: Project, bob: User, upstream: Provider) -> tuple[User, User]:
    """Traces, two versions of a prompt, a check, and a judge with 120 labels; two reviewers."""
    ada, ben = make_reviewer(project, "ada"), make_reviewer(project, "ben")
    upstream.script = answer
    connected(project, upstream.url)
    furnish(project, TRACES)
    protect(project)
    for text in ("{{input}}", "Be brief. {{input}}"):
        made = make_version(project, content=chat(("user", text), model=MODEL), actor=ada)
    serve(made.prompt, 1)
    contains(project)
    judge = make_judge(
        project, config={"rubric": "It says where the order is."}, model=MODEL, minimum=None
    )
    calibrated(judge, bob, TABLE)
    calibrate(judge.pk)
    return ada, ben


def work() -> None:
    """What the worker does until nothing is due: gates ask, experiments run, gates answer."""
    for _ in range(3):
        in_a_thread(start_due_runs)
        GateRun.objects.filter(state=GateRun.State.RUNNING).update(due_at=timezone.now())
        for pk in open_runs():
            in_a_thread(lambda pk=pk: advance(pk))
        run()


def test_from_traces_to_a_blocked_release(
    page: Page, address: str, project: Project, stage: tuple[User, User]
) -> None:
    ada, ben = stage
    login(page, ada, address)
    make_a_dataset(page)
    run_both_versions(page)
    compare_and_open_what_flipped(page)
    label_by_keys(page)
    set_up_a_gate(page)
    login(page, ben, address)
    approve_the_gate(page)
    login(page, ada, address)
    propose_the_version(page)
    login(page, ben, address)
    see_it_blocked(page)


def make_a_dataset(page: Page) -> None:
    page.goto(f"{AT}/datasets/new/")
    page.get_by_label("Name").fill("orders")
    page.get_by_role("button", name="Make the dataset").click()
    page.wait_for_url("**/datasets/orders/**")
    page.goto(f"{AT}/traces/?t=7d")
    ready(page)
    boxes = page.locator('input[name="id"]')
    boxes.first.click()
    boxes.last.click(modifiers=["Shift"])
    page.get_by_role("button", name="Add to dataset").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Dataset").select_option(label="orders")
    assert_no_violations(page)
    dialog.get_by_role("button", name="Add to dataset").click()
    expect(page.locator(".toast").first).to_contain_text(f"{TRACES} traces added.")


def run_both_versions(page: Page) -> None:
    for version in (1, 2):
        page.goto(f"{AT}/experiments/new/?dataset=orders&prompt=refund-agent&version={version}")
        settled(page)
        page.get_by_role("button", name=f"Start {TRACES} calls").click()
        page.wait_for_url(f"**/experiments/{version}/")
        run()
    page.reload()
    expect(page.locator(".q-say").first).to_contain_text("Contains 0.25.")
    expect(page.get_by_text("Below its bar: faithfulness.")).to_be_visible()


def compare_and_open_what_flipped(page: Page) -> None:
    page.goto(f"{AT}/experiments/")
    page.get_by_label("Select run 1").check()
    page.get_by_label("Select run 2").check()
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/experiments/compare/?ids=*")
    settled(page)
    expect(page.locator(".q-say")).to_contain_text("v1 stays ahead.")
    page.get_by_role("link", name=f"{len(LOST)} to fail").click()
    expect(page.locator("#lines tr")).to_have_count(len(LOST))
    settled(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/items/*/?with=*")
    expect(page.get_by_text("I cannot say.").first).to_be_visible()
    expect(page.get_by_text("It names no place.").first).to_be_visible()
    expect(page.locator("h1")).to_have_text("Where is order 0?")


def label_by_keys(page: Page) -> None:
    page.goto(f"{AT}/judges/faithfulness/")
    settled(page)
    expect(page.get_by_text("111 of 130 labels")).to_be_visible()
    page.get_by_role("button", name="Label 50 more").click()
    page.wait_for_url("**/queue/*/")
    settled(page)
    for _ in range(LABELS):
        before = page.locator("#item").get_attribute("data-item")
        bad = page.locator("#item").get_by_text("I cannot say.").count()
        page.keyboard.press("3" if bad else "1")
        page.keyboard.press("Control+Enter")
        expect(page.locator(f"#item[data-item='{before}']")).to_have_count(0)
        settled(page)
    page.goto(f"{AT}/judges/faithfulness/")
    settled(page)
    hears(page)
    in_a_thread(calibrate_due)  # as the worker does; the page hears of it
    expect(page.get_by_text(f"{111 + LABELS} of {130 + LABELS} labels")).to_be_visible()
    expect(page.get_by_role("link", name=f"Labels {130 + LABELS}")).to_be_visible()


def set_up_a_gate(page: Page) -> None:
    page.locator("nav").get_by_role("link", name="Gates").first.click()
    page.get_by_role("link", name="Propose a gate").first.click()
    page.get_by_label("Smallest sample").fill("10")
    page.get_by_label("Why", exact=True).fill("Orders were lost before.")
    settled(page)
    page.get_by_role("button", name="Propose").click()
    page.wait_for_url("**/gates/proposals/*/")


def approve_the_gate(page: Page) -> None:
    page.goto(f"{AT}/gates/")
    page.get_by_role("link", name="Proposal").click()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("It is asked by itself when a version is proposed")).to_be_visible()


def propose_the_version(page: Page) -> None:
    page.goto(f"{AT}/prompts/refund-agent/")
    page.get_by_role("link", name="Propose a change").click()
    page.get_by_label("Title").fill("Be brief")
    page.get_by_role("button", name="Open the review").click()
    page.wait_for_url("**/reviews/1/")
    work()


def see_it_blocked(page: Page) -> None:
    page.goto(f"{AT}/reviews/1/")
    settled(page)
    checks = page.locator("#checks")
    expect(checks).to_contain_text("Evals / gate failed")
    expect(checks.get_by_role("row", name="contains")).to_contain_text("−0.75")
    start = page.get_by_role("button", name="Start the rollout")
    expect(start).to_be_disabled()
    expect(page.locator("#ro-why").locator("..")).to_contain_text("evals / gate failed.")
    assert_no_violations(page, PAGE_LOOKS)

    # The comparison of the gate's own runs tells what it said, guards and warnings too.
    details = checks.get_by_role("link", name="Details").get_attribute("href") or ""
    page.goto(urlsplit(details).path)  # the product's public address is another one here
    page.get_by_role("link", name="Compare item by item").click()
    settled(page)
    verdicts = page.get_by_role("region", name="Verdicts")
    expect(verdicts).to_contain_text("Fail, 1 warning")
    expect(verdicts).to_contain_text("Small sample")
    expect(verdicts.get_by_role("row", name="Cost per answer")).to_contain_text("≤ +10%")
    assert_no_violations(page)
