"""Pages of alert rules: the list with ready ones, the editor with its preview, one rule."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project, User
from alerts.models import AlertRule
from alerts.services.rules import create_rule
from tests.alerts import rule_making
from tests.alerts.making import email, make_feature
from tests.alerts.rule_making import traffic
from tests.features.making import make_target
from traces.feedback.given import Terms
from traces.services.score_definitions import define_score

pytestmark = pytest.mark.django_db(transaction=True)
RULES = "/p/support/alerts/rules/"
FORM = "application/x-www-form-urlencoded"
SAID = {
    "name": "Errors", "metric": "error_rate", "scope": "feature:refunds", "condition": "above",
    "amount": "5", "window_minutes": "15", "least": "5", "breaches": "1", "windows": "1",
    "clear_minutes": "10", "severity": "page", "is_enabled": "on",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the page stands where the traffic does."""
    monkeypatch.setattr(rule_making, "NOW", timezone.now())


def made(project: Project, **said: Any) -> AlertRule:
    given = {"name": "Errors", "metric": "error_rate", "condition": "above",
             "amount": Decimal("0.05"), "window_minutes": 15, **said}  # fmt: skip
    return create_rule(project, actor=None, **given)


def test_an_empty_list_offers_ready_rules_that_one_click_makes(
    member_client: Client, project: Project, bob: User, alice: User
) -> None:
    for name in ("helpfulness", "faithfulness"):
        define_score(project, Terms(name, minimum=0, maximum=1, bar=0.7), actor=None)
    make_target(make_feature(project, owner=bob), bob, alice, p95_latency_ms=2000)
    traffic(project, 40, ago=120, failing=9)
    page = member_client.get(RULES)
    for said in ("No rule watches yet", "Error rate", "p95 latency of refund-agent", "No traffic",
                 "Fluent answer on wrong documents", "Spend without a price"):  # fmt: skip
        assertContains(page, said)
    piece = member_client.get(f"{RULES}ready/errors/")
    assertContains(piece, "Would have fired once in 14 days.")
    assertContains(piece, "<svg")
    assertContains(member_client.get(f"{RULES}ready/fluent_wrong/"), "nothing could be told")
    assert member_client.get(f"{RULES}ready/nothing/").status_code == 404
    answer = member_client.post(f"{RULES}ready/errors/")
    rule = AlertRule.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"{RULES}{rule.pk}/")
    assertNotContains(member_client.get(RULES), "ready/errors/")
    member_client.post(f"{RULES}ready/fluent_wrong/")
    pair = AlertRule.objects.get(metric="fluent_wrong")
    assert (pair.score, pair.other, pair.other_bar) == ("helpfulness", "faithfulness", 0.7)


def test_the_editor_shows_what_it_would_have_said(member_client: Client, project: Project) -> None:
    traffic(project, 20, ago=300, failing=5)
    traffic(project, 20, ago=60)
    page = member_client.get(f"{RULES}new/?scope=feature:refunds")
    assertContains(page, 'value="feature:refunds"')
    preview = member_client.post(f"{RULES}preview/", {**SAID, "name": ""})
    assertContains(preview, "Would have fired once in 14 days.")
    assertContains(preview, "Error rate above 5% over 15 minutes, of 5 requests or more.")
    assertContains(preview, "status%3Aerror")
    for said, words in (
        ({"scope": "feature:"}, "The query ends where"), ({"amount": ""}, "required"),
        ({"scope": "output:sorry"}, "reads no contents"), ({"amount": "120"}, "at most 100"),
    ):  # fmt: skip
        assertContains(member_client.post(f"{RULES}preview/", {**SAID, **said}), words)
    fields = member_client.post(f"{RULES}fields/", {**SAID, "condition": "rises"})
    assertContains(fields, "By more than, %")
    assertContains(fields, 'value="Errors"')
    fields = member_client.post(f"{RULES}fields/", {**SAID, "metric": "matching"})
    assertContains(fields, "Counts those with")
    assertNotContains(
        member_client.post(f"{RULES}fields/", {**SAID, "condition": "silent"}), 'name="amount"'
    )


def test_a_rule_is_made_changed_muted_switched_and_deleted(
    member_client: Client, project: Project
) -> None:
    channel = email(project)
    answer = member_client.post(f"{RULES}new/", {**SAID, "channels": [str(channel.pk)]})
    rule = AlertRule.objects.get()
    one = f"{RULES}{rule.pk}/"
    assert (answer["Location"], rule.amount, rule.feature) == (one, Decimal("0.05"), "refunds")
    assert list(rule.channels.all()) == [channel]
    page = member_client.get(one)
    assertContains(page, "Error rate above 5% over 15 minutes")
    assertContains(member_client.get(f"{one}past/"), "14 days")
    edit = member_client.get(f"{one}edit/")
    assertContains(edit, 'name="amount" value="5"')
    member_client.post(
        f"{one}edit/",
        {**SAID, "metric": "p95", "condition": "rises", "change_in": "amount", "amount": "250",
         "baseline": "day", "baseline_days": "7"},
    )  # fmt: skip
    rule.refresh_from_db()
    assert (rule.metric, rule.amount, rule.is_percent) == ("p95", 250_000, False)
    assertContains(member_client.get(f"{one}edit/"), 'name="amount" value="250"')
    member_client.post(f"{one}mute/", {"hours": "4"})
    assertContains(member_client.get(one), "Unmute")
    member_client.post(f"{one}mute/", {"hours": "0"})
    member_client.post(f"{one}switch/", {"on": "0"})
    assertContains(member_client.get(one), "Switched off")
    rule.refresh_from_db()
    assert rule.muted_until is None
    same = member_client.post(f"{RULES}new/", SAID)
    assertContains(same, "has this name", status_code=422)
    member_client.post(f"{one}delete/")
    assert not AlertRule.objects.exists()


def test_rows_cost_no_queries(
    member_client: Client, project: Project, bob: User, django_assert_max_num_queries: Any
) -> None:
    channel = email(project)
    for number in range(12):
        rule = made(project, name=f"rule {number}", owner=bob, channels=[channel.pk])
    with django_assert_max_num_queries(24):
        member_client.get(RULES)
    with django_assert_max_num_queries(16):
        member_client.get(f"{RULES}{rule.pk}/")


def test_the_list_says_what_fires_and_whose_channel_fails(
    member_client: Client, project: Project
) -> None:
    channel = email(project)
    made(project, channels=[channel.pk])
    AlertRule.objects.update(
        state="firing", last_value=Decimal("0.124"), evaluated_at=timezone.now()
    )
    channel.failing_since = timezone.now() - timedelta(hours=1)
    channel.save()
    page = member_client.get(RULES)
    for said in ("1 of 1 rule fires.", "12.4%", "On call is failing"):
        assertContains(page, said)
    piece = member_client.get(RULES, headers={"HX-Request": "true"})
    assertNotContains(piece, "<h1")


def test_odd_input_is_refused_in_words(member_client: Client, project: Project) -> None:
    for name, odd in (
        ("amount", "NaN"), ("amount", "1e400"), ("scope", "a" * 3000), ("metric", "nothing"),
        ("window_minutes", "7"), ("least", "-1"), ("windows", "99"), ("name", "\x00"),
        ("scope", "\ud800"), ("channels", "999999999999999999999"), ("owner", "x@example.com"),
        ("runbook_url", "javascript:alert(1)"), ("severity", "loud"), ("condition", "odd"),
    ):  # fmt: skip
        said = {**SAID, name: odd}
        body = urlencode(said, errors="surrogatepass").encode()
        for where, codes in (("new", (422, 303)), ("preview", (200,)), ("fields", (200,))):
            answer = member_client.generic("POST", f"{RULES}{where}/", body, FORM)
            assert answer.status_code in codes, (where, name, odd)
        AlertRule.objects.all().delete()
