"""Spend without a feature is one form away from a rule."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from audit.models import AuditEntry
from features.models import Feature, MappingRule, MappingState
from tests.traces.seeing import call, store

pytestmark = pytest.mark.django_db
AT = "/p/support/costs/unattributed/"
RULE = {
    "feature": "night-job", "field_1": "span", "op_1": "equals", "value_1": "nightly sum",
    "stored": "on",
}  # fmt: skip


def spend(project: Project) -> None:
    store(
        project,
        *(call(f"n{n}", cost=1, name="nightly sum", model="gpt-x") for n in range(3)),
        call("o1", cost=0.5, name="other", model="gpt-y"),
        call("c1", cost=5, feature="chat"),
    )


def test_groups_are_shown_and_what_a_rule_would_name(
    owner_client: Client, project: Project
) -> None:
    assertContains(owner_client.get(AT), "Everything that was spent in these days has a feature.")
    spend(project)
    page = owner_client.get(AT)
    for said in ("$3.50", "41.2%", "nightly sum", "85.7%", "of 4 calls"):
        assertContains(page, said)
    (first, *_) = re.findall(r'class="btn sm" href="([^"]*)"', page.content.decode())
    filled = owner_client.get(first.partition("#")[0].replace("&amp;", "&"))
    assertContains(filled, "It would name <b")
    assertContains(filled, 'value="nightly-sum"')
    assertContains(filled, "$3.00</b> of $3.50 (85.7%)")
    assertNotContains(filled, "No rule was made.")


def test_one_submit_makes_the_rule_and_the_feature(owner_client: Client, project: Project) -> None:
    spend(project)
    made = owner_client.post(AT, RULE)
    assert (made.status_code, made["Location"].partition("?")[0]) == (
        302,
        "/p/support/costs/spend/",
    )
    assert Feature.objects.get().name == "night-job"
    assert MappingRule.objects.get().conditions[0]["value"] == "nightly sum"
    assert MappingState.objects.get().due_since is not None
    again = {**RULE, "feature": "night-job", "field_1": "model", "value_1": "gpt-y", "stored": ""}
    assert owner_client.post(AT, again).status_code == 302
    assert (Feature.objects.count(), MappingRule.objects.count()) == (1, 2)
    actions = list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True))
    assert actions[-3:] == ["feature.created", "mapping_rules.set", "mapping_rules.set"]


@pytest.mark.parametrize(
    "wrong", [{"feature": "rules"}, {"feature": ""}, {"value_1": ""}, {"field_1": "planet"},
              {"field_1": "attribute"}, {"value_1": "a\0b"}, {"feature": "x" * 300}],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_refused_in_words_and_leaves_nothing(
    owner_client: Client, project: Project, wrong: dict[str, str]
) -> None:
    answer = owner_client.post(AT, {**RULE, **wrong})
    assert answer.status_code == 422
    assert not Feature.objects.exists()
    assert not MappingRule.objects.exists()
    assert owner_client.get(AT, {**RULE, **wrong}).status_code == 200
