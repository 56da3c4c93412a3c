"""Features in a browser: the list with its traffic, one with its target, a target being written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from features.mapping import Condition
from features.services.rules import NewRule, set_rules
from features.services.targets import propose_target
from tests.features.making import make_feature, make_person, make_target, terms
from tests.pages.browsing import PAGE_LOOKS, assert_no_violations, login, settled
from tests.traces.stored import NOON, SECOND, open_store, rows, span
from traces.digest import queue
from traces.ingest.record import Level
from traces.models import Score
from traces.services.settling import settle_traces

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
FULL: dict[str, Any] = {
    "slices": ["edge", "messy"], "business_metric": "refunds settled without a person",
    "tolerated_failure_ratio": 0.02, "blast_radius": ["moves_money", "sends_messages"],
    "blast_note": "up to $200 alone, above by approval", "regulatory_regime": "PCI DSS, GDPR",
    "p95_latency_ms": 2500, "first_token_ms": 800, "availability_ratio": 0.995,
    "reason": "Agreed with finance in October.",
}  # fmt: skip


@pytest.fixture
def furnished(project: Project, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)
    ago = (datetime.now(UTC) - timedelta(hours=5)).timestamp() - NOON / SECOND
    spans = [
        span(
            f"s{n}", f"t{n}", at=ago + n, lasts=1 + n / 10, feature=feature, ttft_us=300_000,
            level=Level.ERROR if n == 3 else Level.DEFAULT, prompt_name="refund-agent",
            prompt_version="1", cost_nano=12_000_000,
        )
        for n, feature in enumerate(["refund-agent"] * 12 + ["kb-search"] * 3 + ["old\tname"])
    ]  # fmt: skip
    with open_store() as store:
        store.write(rows(*spans, project_id=project.pk))
    settle_traces()
    now = datetime.now(UTC)
    for n in range(12):
        Score.objects.create(
            project_id=project.pk, trace_id=f"t{n}", id=f"f{n}", name="faithfulness",
            data_type="number", source="judge", num=0.95 if n else 0.2,
            at=now, created_at=now, updated_at=now,
        )  # fmt: skip
    feature = make_feature(
        project, owner=make_person(project, "tom berg"), deputy=bob, title="Refund agent",
        description="Answers refund requests, checks the policy and pays refunds out.",
        runbook_url="https://wiki.example/refunds",
    )  # fmt: skip
    make_target(feature, bob, alice, bad_output_usd=Decimal(41), **FULL)
    propose_target(feature, terms(**FULL | {"slices": ["edge"]}, bar=0.8), actor=bob)
    make_feature(project, "voice-notes")
    rule = NewRule("refund-agent", [Condition("span", "prefix", "refund.")])
    set_rules(project, [rule], actor=bob, since=now)
    return project


def test_a_feature_is_registered_and_read(
    page: Page, address: str, furnished: Project, alice: User
) -> None:
    login(page, alice, address)
    page.goto("/p/support/features/")
    settled(page)
    row = page.get_by_role("row", name="Refund agent")
    expect(row).to_contain_text("12")
    expect(row).to_contain_text("8.3%")
    expect(page.get_by_role("region", name="Seen in traffic, not registered")).to_contain_text(
        "no control"
    )
    assert_no_violations(page, PAGE_LOOKS)
    page.get_by_role("button", name="Register kb-search").click()
    expect(page.get_by_role("heading", name="kb-search")).to_be_visible()
    expect(page.get_by_text("Nobody answers for it")).to_be_visible()

    page.goto("/p/support/features/refund-agent/")
    settled(page)
    expect(page.get_by_text("It does not hold in the last seven days")).to_contain_text("8.3%")
    expect(page.get_by_role("region", name="Objectives", exact=True)).to_contain_text("300 ms")
    assert_no_violations(page, PAGE_LOOKS)


def test_a_target_is_read_and_written(
    page: Page, address: str, furnished: Project, alice: User
) -> None:
    login(page, alice, address)
    here = "/p/support/features/refund-agent/"
    page.goto(f"{here}targets/2/")
    settled(page)
    assert_no_violations(page, PAGE_LOOKS)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("It holds.")).to_be_visible()
    page.goto(f"{here}targets/new/")
    settled(page)
    expect(page.get_by_label("Bar", exact=True)).to_have_value("0.8")
    assert_no_violations(page, PAGE_LOOKS)
    page.goto("/p/support/features/rules/")
    settled(page)
    assert_no_violations(page, PAGE_LOOKS)
