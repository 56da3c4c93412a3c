"""Gates in a browser: readable in every look; what one says stands on the review and blocks it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from evals.deciding.settings import Chosen
from evals.models import Gate
from evals.services.gate_proposals import approve_gate, propose_gate
from prompts.models import ChangeRequest
from tests.evals.gating import answer, approved_gate, golden, good_or_bad, newest, settings
from tests.evals.planned import MODEL, connected, contains
from tests.pages.browsing import PAGE_LOOKS, Look, assert_no_violations, login, settled
from tests.prompts.making import make_request, make_reviewer, protect

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
LOOKS = [*PAGE_LOOKS, Look("dark", 390), Look("light", 1280)]


@pytest.fixture
def people(project: Project) -> tuple[User, User]:
    return make_reviewer(project, "ada"), make_reviewer(project, "ben")


@pytest.fixture
def request_(project: Project, people: tuple[User, User]) -> ChangeRequest:
    """v2 is proposed where v1 serves, and the gate says that it is worse."""
    connected(project)
    golden(project, slice="edge")
    contains(project, "polite")
    protect(project)
    made = make_request(project, people[0])
    chosen = (Chosen("contains", 1), Chosen("polite", 1, role="guard", margin=0.1))
    fields = {"model": MODEL, "evaluators": chosen, "slices": ("edge",), "bar": 0.5}
    approved_gate(made.prompt, by=people, margin=0.02, **fields)
    looser = propose_gate(
        made.prompt, "production", settings(margin=0.05, **fields), actor=people[0],
        reason="Three points are within what people notice.",
    )  # fmt: skip
    approve_gate(looser, actor=people[1])
    answer(good_or_bad({1: 0.9, 2: 0.7}))
    propose_gate(
        made.prompt, "production", settings(margin=0.2, with_held_out=False, **fields),
        actor=people[0], reason="It never passes.",
    )  # fmt: skip
    return made


def test_every_page_is_accessible(
    page: Page, request_: ChangeRequest, people: tuple[User, User], address: str
) -> None:
    gate = Gate.objects.get()
    proposal = gate.proposals.latest("pk")
    login(page, people[1], address)
    for path, said in (
        ("", "Changes that wait"),
        (f"{gate.pk}/", "Who weakened it"),
        (f"{gate.pk}/runs/{newest(gate).pk}/", "What it measured"),
        (f"{gate.pk}/change/", "What it may take"),
        (f"proposals/{proposal.pk}/", "It asks less in 2 respects."),
    ):
        page.goto(f"/p/support/gates/{path}")
        expect(page.get_by_text(said).first).to_be_attached()
        settled(page)
        assert_no_violations(page, LOOKS)


def test_what_the_gate_says_stands_on_the_review_and_blocks_its_button(
    page: Page, request_: ChangeRequest, people: tuple[User, User], address: str
) -> None:
    login(page, people[1], address)
    page.goto(f"/p/support/reviews/{request_.number}/")
    checks = page.locator("#checks")
    expect(checks).to_contain_text("Evals / gate failed")
    expect(checks.get_by_role("row", name="contains")).to_contain_text("−0.20")
    expect(page.get_by_text("evals / gate failed.").first).to_be_attached()
    details = checks.get_by_role("link", name="Details").get_attribute("href") or ""
    page.goto(urlsplit(details).path)  # the product's public address is another one here
    expect(page.get_by_role("heading", name="Pass no more")).to_be_visible()
    page.get_by_role("link", name="golden-0056").click()
    expect(page).to_have_url(f"{address}/p/support/experiments/1/items/golden-0056/?with=2,1")
