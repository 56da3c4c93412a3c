"""The pages of features: what they say, who may act, and that rows cost no queries."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project, Role, User
from features.models import Feature, Target
from features.queries import feature_named, open_target_of
from features.queries.rules import list_rules, mapping_state
from features.services.targets import propose_target
from tests.features.making import make_feature, make_person, make_target, terms

LIST = "/p/support/features/"
ONE = f"{LIST}team/refund-agent/"
FULL = {
    "metric": "faithfulness", "bar": "0.9", "bar_direction": "at_least", "margin": "0.02",
    "smallest_sample": "200", "slices": "edge\nmessy", "tolerated_failure_ratio": "2.5",
    "bad_output_usd": "41.50", "blast_radius": ["moves_money", "writes"],
    "sensitive_data": ["financial"], "p95_latency_ms": "2500", "availability_ratio": "99.95",
    "reason": "Agreed with finance.",
}  # fmt: skip


@pytest.fixture
def feature(project: Project, alice: User, bob: User) -> Feature:
    return make_feature(
        project, "team/refund-agent", title="Refunds", owner=alice, deputy=bob,
        description="Answers refund requests.",
    )  # fmt: skip


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_list_says_who_answers_and_what_is_open(
    member_client: Client, feature: Feature, alice: User, bob: User
) -> None:
    make_target(feature, bob, alice)
    page = member_client.get(LIST)
    assertContains(page, "Refunds")
    assertContains(page, "faithfulness ≥ 0.85")
    assertContains(page, "no runbook")
    piece = member_client.get(LIST, headers={"HX-Request": "true"})
    assertNotContains(piece, "<h1")
    assertContains(piece, "Refunds")


def test_an_empty_list_says_what_a_feature_is(member_client: Client, project: Project) -> None:
    assertContains(member_client.get(LIST), "No feature is registered")
    assertContains(member_client.get(f"{LIST}?archived=1"), "Nothing is archived")


def test_rows_cost_no_queries(
    member_client: Client, project: Project, alice: User, bob: User,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    for number in range(8):
        make_target(make_feature(project, f"f{number}", owner=bob), bob, alice)
    with django_assert_max_num_queries(13):
        member_client.get(LIST)
    feature = feature_named(project, "f0")
    assert feature is not None
    for _ in range(5):
        make_target(feature, bob, alice)
    with django_assert_max_num_queries(16):
        member_client.get(f"{LIST}f0/")


def test_a_name_alone_registers_a_feature(
    member_client: Client, owner_client: Client, project: Project
) -> None:
    answer = member_client.post(f"{LIST}new/", {"name": "kb search/ü"})
    assert (answer.status_code, answer.url) == (303, f"{LIST}kb%20search/%C3%BC/")
    assertContains(member_client.get(answer.url), "Nobody answers for it")
    again = member_client.post(f"{LIST}new/", {"name": "kb search/ü"})
    assertContains(again, "registered already", status_code=422)
    odd = member_client.post(f"{LIST}new/", {"name": "x" * 300, "owner": "999999"})
    assertContains(odd, "valid choice", status_code=422)


def test_owner_and_runbook_are_said_by_form(
    member_client: Client, feature: Feature, bob: User
) -> None:
    said = {"title": "Refunds", "owner": str(bob.pk), "runbook_url": "ftp://x"}
    assertContains(member_client.post(f"{ONE}edit/", said), "an address", status_code=422)
    said["runbook_url"] = "https://wiki.example/refunds"
    assert member_client.post(f"{ONE}edit/", said).status_code == 303
    page = member_client.get(ONE)
    assertContains(page, "https://wiki.example/refunds")
    assertContains(page, "no deputy")


def test_a_target_goes_from_form_to_holding(
    member_client: Client, owner_client: Client, feature: Feature
) -> None:
    assertContains(member_client.get(f"{ONE}targets/new/"), "The first target")
    kept = member_client.post(f"{ONE}targets/new/", FULL | {"act": "draft"})
    assert kept.url == f"{ONE}targets/1/"
    page = member_client.get(f"{ONE}targets/new/")
    assertContains(page, 'value="2.5"')
    assertContains(page, 'value="99.95"')
    assertContains(page, "edge\nmessy")
    member_client.post(f"{ONE}targets/new/", FULL | {"act": "propose", "bar": "0.91"})
    target = open_target_of(feature)
    assert target is not None
    assert (target.bar, target.tolerated_failure_ratio, target.availability_ratio) == (
        0.91, 0.025, 0.9995,
    )  # fmt: skip
    assert (target.bad_output_usd, target.blast_radius) == (
        Decimal("41.5"), ["writes", "moves_money"],
    )  # fmt: skip
    assertContains(member_client.get(f"{ONE}targets/1/"), "It waits for approval")
    member_client.post(f"{ONE}targets/1/act/", {"act": "approve"})
    assert open_target_of(feature) is not None  # an engineer does not approve
    owner_client.post(f"{ONE}targets/1/act/", {"act": "approve", "note": "Yes."})
    assert open_target_of(feature) is None
    page = member_client.get(ONE)
    for text in ("faithfulness ≥ 0.91", "2.5%", "$41.50", "moves money", "approved by"):
        assertContains(page, text)


def test_a_refused_target_keeps_what_was_typed(member_client: Client, feature: Feature) -> None:
    for wrong, text in (
        ({"bar": "NaN"}, "Enter a number"),
        ({"metric": ""}, "required"),
        ({"tolerated_failure_ratio": "250"}, "less than or equal to 100"),
        ({"bad_output_usd": "1e30"}, "no more than"),
        ({"slices": "\n".join(f"s{n}" for n in range(60))}, "At most 50 slices"),
        ({"blast_radius": ["moon"]}, "Select a valid choice"),
    ):
        answer = member_client.post(f"{ONE}targets/new/", FULL | {"act": "propose"} | wrong)
        assertContains(answer, text, status_code=422)
        assertContains(answer, "Agreed with finance.", status_code=422)
    assert not Target.objects.exists()


def test_what_changed_stands_beside_what_held(
    member_client: Client, feature: Feature, alice: User, bob: User
) -> None:
    make_target(feature, bob, alice)
    propose_target(feature, terms(bar=0.8, slices=["edge"], reason="Too strict"), actor=bob)
    page = member_client.get(f"{ONE}targets/2/")
    assertContains(page, "<del>faithfulness ≥ 0.85</del>")
    assertContains(page, "<ins>faithfulness ≥ 0.8</ins>")
    assertContains(page, "alice, who owns it, or an admin approves targets")
    assertContains(member_client.get(f"{ONE}targets/2/?against=99"), "not compared")
    assert member_client.get(f"{ONE}targets/7/").status_code == 404
    again = member_client.get(f"{ONE}targets/new/")
    assert again.status_code == 303  # the proposal waits


def test_viewers_read_and_only_reviewers_decide(
    project: Project, feature: Feature, bob: User
) -> None:
    viewer = client_of(make_person(project, "vera", Role.VIEWER))
    propose_target(feature, terms(), actor=bob)
    for path in (LIST, ONE, f"{ONE}targets/1/", f"{LIST}rules/"):
        page = viewer.get(path)
        assert page.status_code == 200
        assertNotContains(page, ">Withdraw<")
        assertNotContains(page, "Propose a change")
    for path in (f"{LIST}new/", f"{ONE}edit/", f"{ONE}targets/new/"):
        assertContains(viewer.get(path), "role engineer", status_code=403)
    for act in ("approve", "decline", "withdraw"):
        assert viewer.post(f"{ONE}targets/1/act/", {"act": act}).status_code == 403


def test_rules_are_added_ordered_and_removed(
    member_client: Client, project: Project, feature: Feature
) -> None:
    def act(act: str, **said: Any) -> Any:
        said = {"act": act, "revision": mapping_state(project).revision} | said
        return member_client.post(f"{LIST}rules/", said)

    rule = {"feature": feature.name, "field_1": "span", "op_1": "prefix", "key_1": ""}
    for value in ("refund.", "pay."):
        assert act("add", **rule, value_1=value).status_code == 303
    page = member_client.get(f"{LIST}rules/")
    assertContains(page, "span name begins with refund.")
    act("up", place=2)
    values = [row.conditions[0]["value"] for row in list_rules(project)]
    assert values == ["pay.", "refund."]
    assertContains(act("add", **rule, value_1=""), "required", status_code=422)
    wrong = act("add", **rule | {"field_1": "attribute"}, value_1="x")
    assertContains(wrong, "says which", status_code=422)
    assertContains(act("remove", place=1, revision=0), "meanwhile", status_code=422)
    assertContains(act("remove", place=9), "not there any more", status_code=422)
    act("remove", place=1)
    assert [row.conditions[0]["value"] for row in list_rules(project)] == ["refund."]
    act("follow", days="7")
    assertContains(member_client.get(f"{LIST}rules/"), "Stored spans follow the rules")
    act("stop")
    assert mapping_state(project).due_since is None


def test_an_archived_feature_comes_back(member_client: Client, feature: Feature) -> None:
    member_client.post(f"{ONE}archive/")
    member_client.get(ONE)  # the toast is seen
    assertNotContains(member_client.get(LIST), "Refunds")
    assertContains(member_client.get(ONE), "its approved target still holds")
    member_client.post(f"{ONE}archive/", {"act": "restore"})
    assertContains(member_client.get(LIST), "Refunds")
